"""Incident command, solved: the first word, a postmortem without a culprit, the hand-over, the drill."""

EXERCISES = {
    "pre": 'sim.quiz("11", "pre", "aaa")',
    "predict": 'drill.predict("1 %, since a minute at three in ten is a third of a minute of forty-three")',
    "e1": """
clock.run("page ack")
clock.run('incident declare SEV2 "Some orders fail"')
news = "One order in six fails since 10:04. Carts are kept. Next word at 10:20."
clock.run(f'statuspage investigating "{news}"')
""",
    "e2": """
text = form.format(
    impact="Some 3,000 user-minutes in which orders failed.",
    one="No test had an amount without a currency.",
    two="The release reached everybody at once.",
    action="Canary of 5 % for checkout — owner: Samir by: 2026-03-20",
)
found = drill.postmortem().check(text)
print(found)
drill.answer("e2", findings=len(found.findings))
""",
    "e3": """
clock.run('incident hypothesis "one pod of checkout fails, not its version"')
text = str(clock.run("kubectl logs -l app=checkout -n production --tail=3"))
failing = [line.split("pod=")[1].split()[0] for line in text.splitlines() if "level=error" in line]
clock.run('incident hypothesis H1 confirmed "all errors in one pod of six"')
clock.run(f"kubectl delete pod {max(failing, key=failing.count)} -n production")
clock.wait("3m")
clock.run('statuspage monitoring "A server was replaced, and orders go through. Next word at 10:30."')
clock.run("incident resolve")
clock.wait("3m")
clock.wait("4m")
print(clock.run("incident handover Priya"))
""",
    "drill": """
drill.run("page ack")
drill.run('incident declare SEV2 "Many pages fail"')
drill.run('statuspage investigating "Four pages in ten fail since 9:04. Reading lists are kept. Next word at 9:20."')
drill.run('incident hypothesis "what changed last made it"')
print(drill.run("git log -n 3"))
print(drill.run("flag list"))
print(drill.run("kubectl logs -l app=myapp --tail=1"))
drill.run('incident hypothesis H1 confirmed "the switch of 9:04 is as old as the errors; the newest release was quiet"')
drill.run("flag set yearly-view off")
drill.wait("3m")
drill.run('statuspage monitoring "A change is taken back, and pages load. Next word at 9:30."')
drill.run("incident resolve")
drill.wait("6m")
drill.run('statuspage resolved "From 9:04 on four pages in ten failed for some minutes. All is well again."')
print(drill.run("incident handover Kofi"))
""",
    "post": """
after_quiz = sim.quiz("11", "post", "aaa")
after_quiz
""",
}

VERIFY = """
from simulator.api import tables

assert after_quiz.right == 3 and "Before the lesson: 0 of 3." in str(after_quiz), after_quiz
happened = tables.events(cost.run)
quiet = happened.query("source == 'alert' and reason == 'Resolved'")["last"].iloc[-1]
over = cost.run.incident.resolved_at / 60e9
assert "T+11:00" < quiet < "T+15:00" and 17 < over < 18, "the pager some minutes later, the record when it had held"
spent = cost.run.slos["checkout-availability"].spent_in_drill(cost.run.now)
other = cost.other_run.slos["checkout-availability"].spent_in_drill(cost.other_run.now)
assert 0.005 < spent - other < 0.01, "less than one per cent of the month, nearer to 1 than to 3"
heard = str(silent.run("channel --all"))
assert 1 == heard.count("Noor, customer care") and "Is it over, and may I say so?" in heard, heard
assert found and not found.findings
record = str(drill.run("incident"))
assert "resolved" in record.splitlines()[0] and "Kofi" in record, record
assert drill.score().lines[0].points > 60, drill.score()
page = drill.run("page").text
assert "acknowledged T+" in page, f"it was taken: {page}"
"""
