"""The pager's rules, solved: when it rings, one ring for a fault that flaps, the reset of a live page, the drill."""

EXERCISES = {
    "pre": 'sim.quiz("03", "pre", "aaa")',
    "predict": 'drill.predict("spikes, because for counts anew each time it pauses")',
    "e1": """
found = alert_lab.expected(14.4, "1h", 0.1)
drill.answer("e1", found.detection_minutes)
""",
    "e2": """
mine = alert_lab.burn_rate(14.4, long="1h", short="10m", keep="0s")
days = alert_lab.run([mine]).frame.loc[mine.name]
drill.answer("e2", rings=days.alerts["flapping"], reset_minutes=days.reset_minutes["outage"])
""",
    "e3": """
clock.run("page ack")
text = str(clock.run("kubectl logs -l app=checkout -n production --tail=3"))
failing = [line.split("pod=")[1].split()[0] for line in text.splitlines() if "level=error" in line]
clock.run(f"kubectl delete pod {max(failing, key=failing.count)} -n production")
changed = clock.actions["at"].iloc[-1]
clock.wait("3m")
clock.wait("5m")
stopped = clock.events.query("source == 'alert' and reason == 'Resolved'")["last"].iloc[-1]
seconds = [60 * int(at[2:4]) + int(at[5:7]) for at in (changed, stopped)]
clock.answer("e3", (seconds[1] - seconds[0]) / 60)
""",
    "drill": """
drill.run("page ack")
print(drill.run("slo"))
print(drill.run('promql sum by (route, code) (rate(lb_requests_total{service="gateway"}[2m])) > 0'))
print(drill.run("kubectl logs -l app=notifier --tail=1"))
print(drill.run("promql queue_oldest_message_age_seconds"))
news = "Tickets are sold and valid as always. Text messages that confirm them come late. Nothing needs to be done."
drill.run(f'statuspage monitoring "{news}"')
drill.run('message "Bram de Vries" "All text messages fail at the partner since 18:04. Please open a case with them."')
drill.wait("10m")
drill.wait("5m")
print(drill.run("promql queue_oldest_message_age_seconds"))
drill.run('statuspage resolved "No text messages went out for a while. All have been sent since. Tickets were valid."')
""",
    "post": """
after_quiz = sim.quiz("03", "post", "caa")
after_quiz
""",
}

VERIFY = """
assert after_quiz.right == 3 and "Before the lesson: 1 of 3." in str(after_quiz), after_quiz
assert 12 == len(alert_lab.library())
by_rule = first.frame
hasty, slow = by_rule.loc[eager.name], by_rule.loc[patient.name]
assert 0 == slow["false_alerts"].sum() and 0 == slow.alerts["flapping"] == slow.alerts["spikes"], "not once"
assert 0.69 <= slow.spent["spikes"] < 0.70 and slow.alerts[["outage", "fast-burn"]].min() == 1
assert 24 == hasty.alerts["flapping"] and hasty.missed[["slow-burn", "smoulder"]].all()
assert hasty.spent[["slow-burn", "smoulder"]].min() > 1 / 6, "a sixth of the month or more"
closed = {ratio: alert_lab.expected(14.4, "1h", ratio) for ratio in (1.0, 0.5, 0.1, 0.05)}
assert all(abs(each.budget_spent_at_detection - 0.02) < 1e-9 for each in closed.values()), "the same two per cent"
assert closed[1.0].reset_minutes > 59, "an hour after the end"
rules = {name: second.frame.loc[name] for name in second.rules}
late = [rules[name].detection_minutes["outage"] - rules[eager.name].detection_minutes["outage"] for name in second.rules[1:]]
assert all(0.5 <= each <= 1.5 for each in late), "a minute or so"
assert all(40 < rules[name].detection_minutes["fast-burn"] < 50 for name in second.rules[1:])
assert 1.4 < 30 / 20 <= 1.5, "a day and a half"
assert all(rules[name].missed[["slow-burn", "smoulder"]].all() for name in second.rules)
assert all(rules[name].false_alerts["few-users"] > 0 for name in second.rules)
assert rules[one.name].reset_minutes["outage"] > 55 and rules[two.name].reset_minutes["outage"] < 5
seen = alert_lab.run([ticket]).frame.loc[ticket.name].loc[["slow-burn", "smoulder"]]
assert (seen.detection_minutes < 2 * 24 * 60).all() and (seen.spent_at_detection <= 0.105).all(), "a tenth"
flaps = {short: alert_lab.run([alert_lab.burn_rate(14.4, "1h", short=short)]).frame.xs("flapping", level=1).alerts.iloc[0]
         for short in ("5m", "10m", "15m")}
assert {"5m": 20, "10m": 1, "15m": 20} == flaps, flaps
assert 0 == round(drill.slo()["spent_in_drill"].max(), 2), "nobody was hurt"
assert drill.score().lines[0].points > 60, drill.score()
page = drill.run("page").text
assert "acknowledged T+" in page, f"it was taken: {page}"
"""
