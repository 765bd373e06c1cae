"""Rollbacks, solved: forward by a flag, the price of a reflex, back in the right order, a change without an image."""

EXERCISES = {
    "pre": 'sim.quiz("05", "pre", "abaa")',
    "predict": 'drill.predict("none, because v74 was fine this morning")',
    "e1": """
again.run("flag set reference-check off")
again.wait("3m")
again.wait("3m")
""",
    "e2": """
acts = drill.actions
undo = int(acts.index[acts["line"].str.contains("rollout undo")][0])
spared = drill.what_if(drop=[undo])
spared
""",
    "e3": """
print(clock.run("flyway info"))
print(clock.run("flyway migrate"))
print(clock.run("yes"))
print(clock.run("kubectl rollout undo deployment/ledger -n production"))
clock.run('statuspage identified "Payments are slow. None is lost. Next update in 10 minutes."')
clock.wait("3m")
clock.wait("3m")
""",
    "drill": """
drill.run("page ack")
print(drill.run("kubectl rollout history deployment/booking -n production"))
print(drill.run("kubectl logs -l app=booking -n production --tail=2"))
print(drill.run("git log --since=1h"))
print(drill.run("git show 55131d8"))
news = "About one booking in three fails. We are taking a setting back. Next update in 10 minutes."
drill.run(f'statuspage identified "{news}"')
drill.run("kubectl patch configmap booking-rules --type=merge -p '{\\"data\\":{\\"FEES\\":\\"2026-1\\"}}'")
drill.wait("3m")
drill.wait("3m")
drill.run('statuspage resolved "Bookings have gone through for some minutes."')
""",
    "post": """
learned = sim.quiz("05", "post", "ccca")
learned
""",
}

VERIFY = """
assert 0.2 < normal.latency_seconds_p50 < 0.3 < 0.8 < before.latency_seconds_p50 < 1.0, "a quarter, then almost a second"
assert before.error_ratio < 0.001, "slow, and hardly one fails"
assert after.error_ratio > 0.99, f"the surprise: everything fails, {after.error_ratio}"
assert abs(after.latency_seconds_p50 - normal.latency_seconds_p50) < 0.05, "as quick as on the quiet morning"
assert abs(after.latency_seconds_p99 - normal.latency_seconds_p99) < 0.05
assert spared.user_minutes_difference < -1000, spared.sentence
assert spared.budget_difference < -0.03, spared.sentence
assert "v74" in str(clock.run("kubectl get deployment ledger -o wide")), "back to v74, by way of the view"
assert clock.slo().loc["payment-availability", "spent_in_drill"] < 0.01, "and no payment failed for it"
assert learned.right == 4 and learned.before.right < 4, "the second quiz says what moved"
assert drill.slo().loc["booking-availability", "spent_in_drill"] < 0.111, "the setting went back in time"
assert drill.signals("booking", last="2m").error_ratio.max() < 0.02, "and bookings go through"
"""
