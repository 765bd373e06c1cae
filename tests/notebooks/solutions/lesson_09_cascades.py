"""Cascades, solved: Little's law, ten places, the dial that reaches the writes, and a cold cache."""

EXERCISES = {
    "pre": 'sim.quiz("09", "pre", "aca")',
    "predict": 'quiet.predict("none, because checkout waits longer than that")',
    "e1": """
rate = slow.promql(orders["orders placed"])["value"].iloc[0]
seconds = 0.39 + 0.9
quiet.answer("e1", rate * seconds)
""",
    "e2": """
places = 10
share = taken(morning(release=f"queueLimit: {places}"))
quiet.answer("e2", places=places, share=share)
""",
    "e3": """
print(clock.run('promql max by (pod) (queue_depth{service="ledger-db"})'))
clock.run("flag set waiting-room on")
clock.run('statuspage identified "We turn payers away for some minutes, then let them in by steps."')
clock.wait("45s")
for share_shut in ("80%", "60%", "40%", "20%", "off"):
    clock.run(f"flag set waiting-room {share_shut}")
    clock.wait("30s")
clock.wait("1m")
clock.wait("1m")
""",
    "drill": """
print(drill.run("page ack"))
print(drill.run("kubectl logs -l app=booking --tail=1"))
print(drill.run("kubectl logs -l app=search --tail=1"))
print(drill.run("git log -n 3"))
print(drill.run("flag list"))
drill.run("flag set waiting-room 90%")
drill.run("flag set single-flight on")
drill.run('statuspage identified "Most seat maps and bookings fail. We let visitors in by steps."')
hits, misses = (f"sum(rate(cache_{each}_total[1m]))" for each in ("hits", "misses"))
for share_out in ("65%", "35%", "off"):
    drill.wait("1m15s")
    print(drill.run(f"promql {hits} / ({hits} + {misses})"))
    drill.run(f"flag set waiting-room {share_out}")
drill.run('statuspage monitoring "Seat maps and bookings are back. We keep watching."')
drill.wait("6m")
drill.run('statuspage resolved "Seat maps and bookings failed for some minutes. All is well again."')
""",
    "post": """
after_quiz = sim.quiz("09", "post", "bba")
after_quiz
""",
}

VERIFY = """
assert after_quiz.right == 3 and "Before the lesson: 2 of 3." in str(after_quiz), after_quiz

def value(run, expression):
    return run.promql(expression)["value"].iloc[0]

def seconds_of(run, service):
    selector = f'{{service="{service}"}}[1m]'
    total, count = (f"sum(rate(http_request_duration_seconds_{kind}{selector}))" for kind in ("sum", "count"))
    return value(run, total) / value(run, count)

busy = quiet.promql(served_by).set_index("service")["value"]
assert 0.36 < busy["checkout"] < 0.42 and 0.37 < seconds_of(quiet, "checkout") < 0.41, busy
assert abs(18 * 0.39 - 18 * busy["checkout"]) < 0.5, "Little's law holds in the steady state"
assert 0.6 < taken(slow) < 0.72, "a third of the orders fails"
failed = 'sum(rate(http_requests_total{service="payments",code=~"5.."}[1m]))'
assert value(slow, failed) == 0, "payments has not failed once"
assert value(slow, failed.replace("payments", "checkout")) > 5
assert 1.05 < seconds_of(slow, "payments") < 1.2 and seconds_of(slow, "checkout") > 3
assert seconds_of(slow, "orders-db") < 0.1, "the database has no part in it"
assert slow.promql(served_by).set_index("service")["value"]["checkout"] > 0.93, "all eighteen are busy"
teeth = slow.promql('sum(queue_depth{service="checkout"})', range="90s", step="5s").iloc[:, 0]
assert teeth.max() > 40 and teeth.min() < 15, "the queue fills, and pods drop out with theirs"
pods_ready = 'sum(kube_deployment_status_replicas_ready{deployment="checkout"})'
assert slow.promql(pods_ready, range="90s", step="5s").iloc[:, 0].min() == 3
assert taken(patient) < 0.25, "a queue that refuses nobody"
done = 'sum(rate(http_requests_total{service="checkout",code="200"}[1m]))'
assert 12 < value(patient, done) < 14.5, "it finishes as many as before"
assert seconds_of(patient, "checkout") > 11, "the line, and then the order itself"
assert taken(broken) < 0.05 and value(broken, 'sum(queue_depth{service="checkout"})') == 0
assert taken(planned) > 0.99 and value(planned, orders["charges asked for"]) < 1.01
assert share >= 0.6 > taken(morning(release="queueLimit: 11"))
assert drill.score().lines[0].points > 60, drill.score()
assert "acknowledged T+" in drill.run("page").text
"""
