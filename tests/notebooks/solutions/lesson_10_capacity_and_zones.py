"""Capacity and zones, solved: eleven pods for three zones, an offer declined, pods times pool, a floor."""

EXERCISES = {
    "pre": 'sim.quiz("10", "pre", "acc")',
    "predict": 'drill.predict("next to none, because there is twice the CPU")',
    "e1": """
from math import ceil
load, pods = 7 * 0.72, 11
left = pods - ceil(pods / 3)
print(left, "left, each at", round(100 * load / left), "%")
drill.answer("e1", pods)
""",
    "e2": """
played = drill
grow = '''kubectl patch hpa/ledger --type=merge -p '{"spec":{"minReplicas":12,"maxReplicas":24}}' '''
acts = played.actions
first = int(acts.index[acts["line"].str.contains("patch hpa/ledger")][0])
offer = played.what_if(replace={first: grow.strip()})
offer
""",
    "e3": """
print(clock.run("promql db_connections"))
print(clock.run('''kubectl patch hpa/ledger --type=merge -p '{"spec":{"maxReplicas":7}}' '''))
clock.run('statuspage identified "About one payment in five fails. We are on it."')
clock.wait("2m30s")
""",
    "drill": """
print(drill.run("page ack"))
print(drill.run("kubectl get pods -l app=search"))
print(drill.run("kubectl logs -l app=search --tail=1"))
print(drill.run("kubectl describe hpa search"))
print(drill.promql('sum(workers_busy{service="search"}) / sum(workers_total{service="search"})'))
print(drill.run('''kubectl patch hpa search --type=merge -p '{"spec":{"minReplicas":18}}' '''))
drill.run('statuspage identified "Most seat maps fail to load. We are adding servers."')
drill.wait("2m")
drill.run('statuspage monitoring "Seat maps load again, some of them slowly. We keep watching."')
drill.wait("6m")
drill.run('statuspage resolved "Half of the seat maps failed for some minutes. Bookings were not touched."')
""",
    "post": """
after_quiz = sim.quiz("10", "post", "ccb")
after_quiz
""",
}

VERIFY = """
assert after_quiz.right == 3 and "Before the lesson: 2 of 3." in str(after_quiz), after_quiz

def value(run, expression, at=""):
    return run.promql(expression, at=at)["value"].iloc[0]

asked, served, ready = lines.values()
recent = lambda expression: expression.replace("[1m]", "[15s]")
connections = lambda at: played.promql('db_connections', at=at)["value"].iloc[0]
assert 19 < value(played, asked, "2m") < 21 and value(played, ready, "2m") == 6
assert 46 < value(played, asked, "7m30s") < 51 and value(played, ready, "7m30s") == 12
assert 0.15 < 1 - value(played, served, "7m30s") / value(played, asked, "7m30s") < 0.2, "nearly one in five"
by_pod = played.promql(codes, at="7m50s")
assert (by_pod["code"] == "200").sum() == 7 and (by_pod["code"] == "504").sum() == 5, by_pod
assert connections("2m") == 84 and connections("7m50s") == 90
assert ceil(12 * 57 / 45) == 16 and ceil(6 * 80 / 45) == 11
assert value(played, ready, "9m45s") == 7
assert value(played, served, "9m45s") > 0.99 * value(played, asked, "9m45s"), "five pods fewer, all served"
assert value(played, ready, "15m10s") >= 11 and connections("15m10s") <= 61, "a third fewer connections"
assert value(played, recent(served), "16m10s") < 0.5 * value(played, asked, "16m10s"), "more than half fail"
last = played.now.removeprefix("T+").replace(":", "m") + "s"
assert value(played, recent(served), last) > 0.98 * value(played, recent(asked), last), "served again"
assert value(played, ready, last) == 8, "a third of twelve is gone"
assert offer.budget_difference > 0.02, offer
assert 11 - ceil(11 / 3) == 7 and 10 - ceil(10 / 3) == 6 and load / 7 < 0.8 < load / 6
assert drill.score().lines[0].points > 60, drill.score()
assert "acknowledged T+" in drill.run("page").text
"""
