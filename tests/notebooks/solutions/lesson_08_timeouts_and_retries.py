"""Timeouts and retries, solved: the door, earlier cuts, the third way, an undo that is not enough."""

EXERCISES = {
    "pre": 'sim.quiz("08", "pre", "bcc")',
    "predict": 'drill.predict("nearly all, because the stall is over")',
    "e1": """
again.run("flag set waiting-room on")
again.wait("1m")
again.run("flag set waiting-room 50%")
again.wait("30s")
again.run("flag set waiting-room off")
again.wait("2m")
""",
    "e2": """
played = drill
acts = played.actions
first, second = (int(number) for number in acts.index[acts["line"].str.contains("retries")])
earlier = played.what_if(move={first: "1m", second: "90s"})
earlier
""",
    "e3": """
clock.run("flag set ledger-breaker on")
clock.run('statuspage identified "Payments fail since 17:05. We are letting the ledger catch up."')
clock.wait("3m")
""",
    "drill": """
drill.run("page ack")
print(drill.run("kubectl logs -l app=ledger -n production --tail=2"))
print(drill.run("kubectl rollout history deployment/ledger"))
print(drill.run("kubectl rollout undo deployment/ledger"))
drill.run('statuspage identified "Payments fail since 18:03. We turn payers away and let them in by steps."')
drill.run("flag set waiting-room on")
drill.wait("75s")
print(drill.promql('max(queue_depth{service="ledger-db"})'))
for share in ("80%", "60%", "40%", "20%", "off"):
    drill.run(f"flag set waiting-room {share}")
    drill.wait("30s")
drill.run('statuspage monitoring "Everybody can pay again. We keep watching."')
drill.wait("6m")
drill.run('statuspage resolved "Payments failed or were turned away for some minutes. None was taken twice."')
""",
    "post": """
after_quiz = sim.quiz("08", "post", "ccb")
after_quiz
""",
}

VERIFY = """
assert after_quiz.right == 3 and "Before the lesson: 2 of 3." in str(after_quiz), after_quiz

def value(run, expression, at=""):
    return run.promql(expression, at=at)["value"].iloc[0]

asked, arriving, served = rates.values()
quiet = played.promql(f"{attempts} / {calls} > 0", at="0m")["value"]
assert (quiet.round(2) == 1).all(), "one attempt for one call on a quiet day"
assert 27 < value(played, asked, "0m") < 33 and 100 < value(played, arriving, "0m") < 120
assert value(played, served, "7m") == 0, "a minute after the stall nobody is served"
assert 27 < value(played, asked, "7m") < 33, "as many people pay as before"
assert value(played, arriving, "7m") > 10 * value(played, arriving, "4m"), "ten times as much"
assert ratio.max() <= 3 and 12 <= ratio.prod() <= 14, ratio
assert value(played, work, "7m") > 300, "the database answers, for callers who have left"
one_cut = "9m45s"
assert value(played, arriving, one_cut) < 0.5 * value(played, arriving, "8m"), "less than half of the load"
assert value(played, served, one_cut) == 0, "and still nobody is served"
assert value(played, served) > 0.97 * value(played, asked), "below the line everybody is served"
recent = lambda expression: expression.replace("[1m]", "[15s]")
assert value(calm, recent(served), "6m") > 0.97 * value(calm, recent(asked), "6m"), "it passes by itself"
assert value(calm, served, "5m40s") < 0.6 * value(calm, asked, "5m40s"), "no retry helps while it lasts"
loads = calm.promql(arriving, range="7m", step="5s").iloc[:, 0]
assert loads.max() < 1.1 * loads.iloc[0], "the load never rose"
assert "P1" not in calm.run("page").text, "the pager stayed silent"
assert earlier.budget_difference < -0.15, earlier
assert drill.score().lines[0].points > 60, drill.score()
assert "acknowledged T+" in drill.run("page").text
assert value(drill, served) > 0.97 * value(drill, asked), "at the end of the drill everybody is served"
"""
