"""Queues, solved: Saturday's workers, the ninth worker, counting before scaling, the drill."""

EXERCISES = {
    "pre": 'sim.quiz("04", "pre", "aaa")',
    "predict": 'drill.predict("80 ms, because half of the room is gone")',
    "e1": """
inside = 54 * now["time"]
drill.answer("e1", inside)
""",
    "e2": """
workers = 9
found = queue_lab.sweep((70 * 0.1 / workers,), workers=workers)
drill.answer("e2", found.frame.iloc[0])
""",
    "e3": """
clock.run("page ack")
print(clock.run(f"promql {arriving}"))
came = clock.promql(arriving).value[0]
needed = came * now["time"] / (3 * 0.8)
clock.run("kubectl scale deployment/checkout --replicas=9")
clock.answer("e3", round(needed))
clock.wait("3m")
clock.wait("2m")
""",
    "drill": """
drill.run("page ack")
print(drill.run("kubectl get pods -l app=booking"))
print(drill.run('promql sum by (pod, code) (rate(http_requests_total{service="booking"}[2m])) > 0'))
worst = drill.promql('topk(1, sum by (pod) (rate(http_requests_total{service="booking",code="500"}[2m])))').pod[0]
print(drill.run(f"kubectl logs {worst} --tail=3"))
drill.run(f"kubectl delete pod {worst}")
drill.run('statuspage identified "About four bookings in ten fail. One server is being replaced. Next update at 17:50."')
drill.wait("4m")
drill.run('statuspage monitoring "Bookings go through again. We keep watching until 17:50."')
drill.wait("6m")
drill.run('statuspage resolved "For some minutes about four bookings in ten failed. No card was charged for those."')
""",
    "post": """
after_quiz = sim.quiz("04", "post", "ccc")
after_quiz
""",
}

VERIFY = """
assert after_quiz.right == 3 and "Before the lesson: 2 of 3." in str(after_quiz), after_quiz
assert 17 < now["rate"] < 19 and 0.38 < now["time"] < 0.40, "eighteen a second, four tenths"
assert abs(now["rate"] * now["time"] - now["busy"]) < 0.02 * now["busy"] and 6.8 < now["busy"] < 7.4, "seven inside"
assert 0.35 < now["busy"] / 18 < 0.45, "four in ten"
assert 45 < 18 / now["time"] < 47, "46 orders a second"
wait = eight.frame.wait_ms
assert 26 < wait[0.8] < 28 and 79 < wait[0.9] < 82 and wait[0.95] > 2 * wait[0.9], "27, 81, and more than double"
assert eight.frame.time_ms[0.7] < 1.15 * eight.frame.time_ms[0.3], "nobody notices up to seven tenths"
assert (abs(eight.frame.time_ms / eight.frame.theory_ms - 1) < 0.1).all(), "near the line"
assert (abs(eight.frame.inside / eight.frame.little - 1) < 0.02).all(), "they agree at every load"
one, other = short.frame.iloc[0], long.frame.iloc[0]
assert 0.08 < other.refused < one.refused < 0.11, "a tenth, with 16 and with 512"
assert 200 < one.time_ms < 240 and 6000 < other.time_ms < 7000, "a fifth of a second, more than six"
times = [each.frame.time_ms.iloc[0] for each in pods]
assert 480 < times[0] < 520 and 270 < times[1] < 310 and 135 < times[2] < 155, times
eighth = 1000 * queue_lab.waits(7.0, 8, 0.1)
assert 0.25 < found.frame.wait_ms.iloc[0] / eighth < 0.38, "a third"
assert 8 <= needed <= 9.2 and 51 < came < 57, (needed, came)
assert drill.score().lines[0].points > 60, drill.score()
page = drill.run("page").text
assert "acknowledged T+" in page and "firing" not in page, f"it was taken, and nothing fires any more: {page}"
"""
