"""Production is down, solved: the line that is missing, the knob, the decision under a clock, the drill."""

EXERCISES = {
    "pre": 'sim.quiz("production-is-down", "pre", "bcc")',
    "predict": 'drill.predict("it stays, because every new pod runs the same release")',
    "e1": """
again.run("kubectl rollout undo deployment/checkout -n production")
again.wait("3m")
""",
    "e2": """
acts = drill.actions
undo = int(acts.index[acts["line"].str.contains("rollout undo")][0])
drill.what_if(move={undo: "8m"})
""",
    "e3": """
clock.run("kubectl rollout history deployment/checkout -n production")
text = str(clock.run("kubectl logs -l app=checkout -n production --tail=3"))
failing = [line.split("pod=")[1].split()[0] for line in text.splitlines() if "level=error" in line]
print(failing)
clock.run('statuspage investigating "Some checkouts fail. We are on it. Next update in 10 minutes."')
clock.run(f"kubectl delete pod {max(failing, key=failing.count)} -n production")
clock.wait("3m")
""",
    "post": """
after_quiz = sim.quiz("production-is-down", "post", "acb")
after_quiz
""",
    "drill": """
drill.run("page ack")
print(drill.run("kubectl rollout history deployment/checkout -n production"))
print(drill.run("kubectl logs -l app=web -n production --tail=2"))
print(drill.signals("checkout", last="10m").iloc[::12])
drill.run('statuspage investigating "Some checkouts fail. We are on it. Next update in 10 minutes."')
drill.run("kubectl scale deployment/checkout --replicas=12 -n production")
drill.wait("3m")
drill.run('statuspage monitoring "More capacity is in. Checkouts succeed. Next update in 10 minutes."')
drill.wait("6m")
drill.run('statuspage resolved "Checkouts have succeeded for several minutes."')
""",
}

VERIFY = """
assert after_quiz.right == 3 and "Before the lesson: 2 of 3." in str(after_quiz), after_quiz
assert drill.score().lines[0].points > 60, drill.score()
assert abs(after.error_ratio - before.error_ratio) < 0.05, "more pods of a bad release fail the same share"
assert after.saturation < 0.7 * before.saturation, "though each pod has less to do"
for played in (again, clock, drill):
    page = played.run("page").text
    assert "P1" in page, f"the first page was seen: {page}"
assert "acknowledged T+" in page and "firing" not in page, f"it was taken, and nothing fires any more: {page}"
"""
