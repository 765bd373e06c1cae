"""Designing, solved: the rest of the interview, the smallest library, the runbook's line, the drill."""

EXERCISES = {
    "pre": 'sim.quiz("14", "pre", "aaa")',
    "predict": 'drill.predict("a third and more, because nobody says who is ready")',
    "e1": """
talk.answer(forge="github", environments="staging", approvals="two", chat="slack")
drill.answer("e1", open=len(talk.open), gaps=len(talk.gaps))
""",
    "e2": """
count, probe = 2, PROBE
mine = library(count, probe)
drill.answer("e2", pods=count, failing=lose(mine).max())
""",
    "e3": """
clock.run("page ack")
clock.run("kubectl rollout undo deployment/app -n production")
clock.run('statuspage identified "Many pages fail. A release is taken back. Next update in 10 minutes."')
""",
    "drill": """
drill.run("page ack")
print(drill.run("kubectl rollout history deployment/app"))
print(drill.run("flag list"))
print(drill.run("git log -n 3"))
drill.run("flag set yearly-view off")
drill.run('statuspage identified "Many pages fail since 09:04. A change is taken back. Next update at 09:20."')
drill.wait("4m")
drill.run('statuspage monitoring "Pages are served again. We keep watching until 09:20."')
drill.wait("6m")
drill.run('statuspage resolved "From 09:04 to 09:08 four pages in ten failed. All is well again."')
""",
    "post": """
after_quiz = sim.quiz("14", "post", "aab")
after_quiz
""",
}

VERIFY = """
assert after_quiz.right == 3 and "Before the lesson: 1 of 3." in str(after_quiz), after_quiz
assert ["architecture", "components", "deployment", "monitoring", "runbook"] == [s.key for s in design.sections]
asked = " ".join(yours.design().markdown().split())
assert 2 == asked.count("runs once") and 3 == asked.count("has no memory limit"), asked
assert lose(library(2)).max() > 0.33 and lose(library(1, PROBE)).max() > 0.5, "neither alone is enough"
assert "no-readiness" in {finding.rule for finding in found.findings}
assert len(left.findings) < len(found.findings)
assert sim.review(talk.propose().files).findings == (), "what he proposes passes his own review"
assert "GitLab" in sim.interview(forge="gitlab").gaps[0]
assert drill.score().lines[0].points > 60, drill.score()
page = drill.run("page").text
assert "acknowledged T+" in page and "firing" not in page, f"it was taken, and nothing fires any more: {page}"
"""
