"""The welcome, solved: the investigation that is left to the reader, and what then holds."""

EXERCISES = {
    "predict": 'drill.predict("every pod stays Running; the users notice first")',
    "e1": """
print(drill.run("git log -n 2"))
print(drill.run('note "errors began with the newest release and ended with the undo"'))
""",
}

VERIFY = """
assert "every pod stays Running" in str(drill.debrief()), "the debrief shows the prediction"
assert drill.score().lines[0].points > 60, drill.score()
page = drill.run("page").text
assert "acknowledged T+" in page and "firing" not in page, f"it was taken, and nothing fires any more: {page}"
"""
