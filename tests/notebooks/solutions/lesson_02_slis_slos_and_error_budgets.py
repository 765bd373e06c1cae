"""What a promise allows, solved: the partner's minutes, a promise to sign, the question in the corridor, the drill."""

EXERCISES = {
    "pre": 'sim.quiz("02", "pre", "aaa")',
    "predict": 'drill.predict("35 %, because a budget counts orders and two in three go through")',
    "e1": """
minutes = slo_lab.budget(0.9995, "28d")["minutes"]
drill.answer("e1", minutes)
""",
    "e2": """
mine = slo_lab.replay(tape, (0.9997, "30d"), (0.999, "7d"), (0.9999, "30d"))
print(mine)
drill.answer("e2", mine.frame.loc["99.97 % over 30d"])
""",
    "e3": """
clock.run("page ack")
print(clock.run("slo"))
clock.answer("e3", clock.slo().loc["checkout-availability", "exhausted_minutes"])
clock.run('statuspage investigating "Some orders fail. We are on it. Next update in 15 minutes."')
""",
    "drill": """
drill.run("page ack")
print(drill.run("slo"))
print(drill.run("kubectl rollout history deployment/checkout"))
quantile = 'histogram_quantile(0.99, sum by (le, version) (rate(http_request_duration_seconds_bucket{service="checkout"}[2m])))'
print(drill.run(f"promql {quantile}"))
print(drill.run("traces --service=checkout --slow"))
drill.run("kubectl rollout undo deployment/checkout")
drill.run('statuspage identified "Some orders take several seconds since 15:02. A release is taken back. Next update at 15:20."')
drill.wait("4m")
drill.run('statuspage monitoring "Orders are as fast as before. We keep watching."')
drill.wait("6m")
drill.run('statuspage resolved "Between 15:02 and 15:10 some orders took several seconds. All of them went through."')
""",
    "post": """
after_quiz = sim.quiz("02", "post", "aac")
after_quiz
""",
}

VERIFY = """
from math import isnan

assert after_quiz.right == 3 and "Before the lesson: 2 of 3." in str(after_quiz), after_quiz
assert 43.2 == round(slo_lab.budget(0.999)["minutes"], 1)
late, usual, strict = found.promises
assert 0.03 <= late.spent < 0.04 and late.paged == 27 * 60 * 10**9, "three per cent, after 27 minutes"
assert 0.3 < usual.spent < 0.4 and usual.paged == 3 * 60 * 10**9, "a good third, after three minutes"
assert strict.spent > 1 and strict.gone < 15 * 60 * 10**9, "the month is over"
assert 13_500 < usual.failed < 14_000, "nearly fourteen thousand orders"
assert len({each.failed for each in found.promises}) == 1, "the same orders in each row"
assert 40 < tape.ends / 60e9 < 42, "41 minutes"
week, four_weeks, quarter = windows.promises
assert week.gone < 30 * 60 * 10**9 and isnan(windows.frame.loc[quarter.name, "gone_minutes"])
assert week.paged < four_weeks.paged < quarter.paged, "the page follows the window"
assert now["pods up"] == 1.0, "all of them run"
assert 0.65 < now["answered"] < 0.75 and 0.2 < now["within 1 s"] < 0.3, "seven in ten, one in four"
quiet = drill.slo()["spent_in_drill"]
assert quiet["checkout-latency"] > 10 * quiet.drop("checkout-latency").max(), "it was the promise about time"
assert drill.score().lines[0].points > 60, drill.score()
page = drill.run("page").text
assert "acknowledged T+" in page and "firing" not in page, f"it was taken, and nothing fires any more: {page}"
"""
