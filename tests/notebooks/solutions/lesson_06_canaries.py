"""Canaries, solved: the comparison by version, a plan with power, an abort before the page, a slope in the evening."""

EXERCISES = {
    "pre": 'sim.quiz("06", "pre", "abca")',
    "predict": 'drill.predict("80 %, so the analysis would fail")',
    "e1": """
failed = "sum by (version) (rate(http_requests_total{service='checkout',code=~'5..'}[2m]))"
print(again.run(f"promql {failed}"))
print(again.run("kubectl argo rollouts abort checkout -n production"))
again.wait("3m")
""",
    "e2": """
plan = sim.canary_power(13, 8, "8m", baseline="0.03%", regression="1%")
drill.answer("e2", weight=plan.weight, bake=plan.bake_seconds / 60, power=plan.power)
""",
    "e3": """
question = "sum by (version, code) (increase(http_requests_total{service='checkout'}[1m])) > 0"
clock.wait("30s")
print(clock.run(f"promql {question}"))
print(clock.run("kubectl argo rollouts abort checkout -n production"))
clock.wait("3m")
""",
    "drill": """
drill.run("page ack")
print(drill.run("kubectl get pods -n production -l app=checkout"))
print(drill.run("git log --since=1h"))
print(drill.promql("max by (pod) (container_memory_working_set_bytes{container='checkout'}) / 1048576"))
print(drill.run("kubectl rollout undo deployment/checkout -n production"))
news = "Some orders failed for a minute. We take a release back. Next update in 10 minutes."
drill.run(f'statuspage identified "{news}"')
for _ in range(4):
    drill.wait("5m")
drill.run('statuspage resolved "Some orders failed for a minute. It has not come back since."')
""",
    "post": """
learned = sim.quiz("06", "post", "bcbb")
learned
""",
}

VERIFY = """
train = sim.start("release-train", seed=7, journal=False)
train.wait("20m")
train.wait("15s")

def share(query, at):
    return float(train.promql(query, at=at).value.iloc[0])

first = [share(whole, at) for at in ("4m21s", "4m51s", "5m21s")]
assert all(0.97 < each < 0.99 for each in first), f"three values near 0.98, each above 0.95: {first}"
instants = [share(canary, at) for at in ("4m21s", "4m51s", "5m21s")]
assert all(each < 0.6 for each in instants), f"the same gate with the version in its query: {instants}"
assert "T+06:45" in set(train.events[train.events.reason == "Firing"]["last"]), "two minutes after T+04:51"
both = share(whole, "7m"), share(canary, "7m")
assert 0.96 < both[0] < 0.98 and 0.4 < both[1] < 0.6, f"the surprise: 97 % of the whole, half of v43: {both}"
opinion = str(train.judge(canary=v43, baseline=v42, window="3m"))
for words in ("Failed.", "Canary 6 samples", "higher in 100 % of pairs", "98 % interval +46.7 % to +57.1 %"):
    assert words in opinion, opinion
assert "a lasting rise of +5.65 % would have been seen 80 times in 100" in opinion, "a few per cent could hide"
assert train.judge(canary=v43, baseline=v42, window="90s").phase == "Inconclusive"
assert step.canary_requests == 94 and 0.2 < step.power < 0.3, "94 orders see it one time in four"
assert longer.weight == step.weight and longer.power > 0.985, "and 99 times in 100 with fifteen minutes"
assert 1 - 0.05 * 17 < 0.16, "17 orders in 20 fail before the whole is below 0.95"
assert "No pages" in str(clock.run("page")), "stopped before the pager rang"
assert learned.right == 4 and learned.before.right < 4, "the second quiz says what moved"
restarts = "sum(increase(kube_pod_container_status_restarts_total{container='checkout'}[10m]))"
assert drill.promql(restarts).value.iloc[0] == 0, "it has not come again"
"""
