"""Pipelines, solved: the slack of a gate, the knee of the runners, the shorter way, the drill."""

EXERCISES = {
    "pre": 'sim.quiz("12", "pre", "aaa")',
    "predict": 'drill.predict("they grow, because two runners have to serve four jobs at once")',
    "e1": """
slack = pipe.plan("pull_request").loc["security", "slack_minutes"]
drill.answer("e1", slack)
""",
    "e2": """
count = 4
mine = slow.edited(side, slow.edit.runners(count, "build")).run(days=10).measures()
print(mine["checks_minutes"], mine["queue_minutes"])
drill.answer("e2", mine, runners=count)
""",
    "e3": """
clock.run("page ack")
clock.run("kubectl rollout undo deployment/checkout -n production")
clock.run('statuspage identified "Some orders fail. A release is taken back. Next update in 10 minutes."')
ways = [pipe.plan(event)["finish_minutes"].max() for event in ("pull_request", "push")]
clock.answer("e3", sum(ways))
clock.wait("3m")
""",
    "drill": """
drill.run("page ack")
print(drill.run("kubectl logs -l app=booking --tail=5"))
print(drill.run('promql sum by (pod) (connection_pool_active{service="booking"})'))
print(drill.run("kubectl rollout history deployment/booking"))
print(drill.run("gh run list -L 4"))
drill.run("kubectl rollout undo deployment/booking")
drill.run('statuspage identified "Nobody has been able to book since 10:05. A release is taken back. Next update at 10:20."')
drill.wait("4m")
drill.run('statuspage monitoring "Bookings go through again. We keep watching until 10:25."')
drill.wait("8m")
print(drill.run('promql max(connection_pool_active{service="booking"})'))
drill.run('statuspage resolved "Between 10:05 and 10:08 bookings failed. Nobody was charged."')
""",
    "post": """
after_quiz = sim.quiz("12", "post", "aba")
after_quiz
""",
}

VERIFY = """
assert after_quiz.right == 3 and "Before the lesson: 2 of 3." in str(after_quiz), after_quiz
assert 83 == round(60 * month.dora.lead_time_hours_median) and 0.07 == round(month.dora.change_failure_rate, 2)
plan = pipe.plan("pull_request")
assert ["test"] == list(plan.index[plan["critical"]]) and 4.5 == round(plan.loc["security", "slack_minutes"], 1)
runs = month.run_frame.groupby("event")["minutes"].median().round()
assert (5, 22) == (runs["pull_request"], runs["push"]), "minutes of the checks, and of a run on main"
slipped = month.defect_frame.groupby("kind")["slipped"].agg(["size", "sum"])
assert (31, 2) == tuple(slipped.loc["failing-unit"]), "of thirty-one broken units two came through"
assert (8, 8) == tuple(slipped.loc["slow-query"]) and (3, 3) == tuple(slipped.loc["leak"]), "all of them"
assert 4 == month.defect_frame.query("kind == 'leaked-secret' and caught_by != ''").shape[0]
found = {each.measure: each for each in next(iter(skipped.differences.values()))}
assert ["containers.scanned", "containers.signed", "delivery.notified"] == [
    each.point for each in sim.review("persona").findings
]
assert sim.review(talk.propose().files).findings == ()
assert found["slipped"].clear and 3 <= found["slipped"].change.mean <= 4, "three or four more"
assert not found["lead_time_hours"].clear and 0.3 < -found["runner_hours_per_day"].change.mean < 0.6
planned = slow.plan("pull_request"), slow.edited(side).plan("pull_request")
assert [45, 26] == [round(each["finish_minutes"].max()) for each in planned]
assert 49 == round(before["checks_minutes"]) < round(after["checks_minutes"]) == 53
assert after["queue_minutes"] > 5 * before["queue_minutes"]
assert both["checks_minutes"] < 26 and both["runner_hours_per_day"] - before["runner_hours_per_day"] < 1
fewer = slow.edited(side, slow.edit.runners(3, "build")).run(days=10).measures()
assert fewer["checks_minutes"] > 30 > mine["checks_minutes"], "the knee"
assert 22 == round(sum(ways))
assert drill.score().lines[0].points > 60, drill.score()
assert "acknowledged T+" in drill.run("page").text, "it was taken"
assert drill.signals("booking", last="10m")["error_ratio"].max() < 0.05, "and bookings have gone through since"
"""
