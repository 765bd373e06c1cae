"""Blue-green, solved: one verb, the offer of more pods, a switch that is held, and a contraction that came too soon."""

EXERCISES = {
    "pre": 'sim.quiz("07", "pre", "aaaa")',
    "predict": 'drill.predict("none, since the pods are as many and as large")',
    "e1": """
print(again.run("kubectl argo rollouts undo catalogue -n production"))
again.wait("3m")
""",
    "e2": """
acts = drill.actions
undo = int(acts.index[acts["line"].str.contains("rollouts undo")][0])
offer = drill.what_if(replace={undo: "kubectl scale rollout/catalogue --replicas=8"})
offer
""",
    "e3": """
question = "sum by (version) (rate(http_requests_total{service='catalogue'}[1m]))"
print(clock.run(f"promql {question}"))
print(clock.run("kubectl argo rollouts pause catalogue -n production"))
clock.run('note "a tenth of the lists on v89 for ten minutes, and few misses of its cache"')
clock.wait("3m")
""",
    "drill": """
drill.run("page ack")
print(drill.run("kubectl argo rollouts get rollout checkout -n production"))
question = "sum by (version, code) (increase(http_requests_total{service='checkout'}[5m])) > 0"
print(drill.run(f"promql {question}"))
print(drill.run("git log --since=1h"))
print(drill.run("git show 8e0c5d7"))
print(drill.run("kubectl argo rollouts promote checkout -n production"))
news = "One order in five fails. A version that mends it is on its way. Next update in 15 minutes."
drill.run(f'statuspage identified "{news}"')
for _ in range(4):
    drill.wait("4m")
drill.run('statuspage resolved "Orders have gone through for some minutes. Nothing was charged twice."')
""",
    "post": """
learned = sim.quiz("07", "post", "aaab")
learned
""",
}

VERIFY = """
def at(query, moment):
    return float(again.promql(query, at=moment).value.iloc[0])

assert at("sum(rate(http_requests_total{version='v89',service='catalogue'}[1m]))", "2m40s") == 0, "nobody had asked it"
assert at(failed, "4m") > 0.9, "the surprise: more than nine lists in ten"
assert at(failed, "3m15s") < 0.01 and at(failed, "5m") < 0.01, "before the switch and after the undo hardly one"
hits = at("sum(rate(cache_hits_total[2m]))", "3m10s") / at("sum(rate(http_requests_total{service='catalogue'}[2m]))", "3m10s")
assert abs(hits - 6 / 7) < 0.02, f"six lists in seven: {hits}"
assert 5 < at(answers, "3m10s") < 8 and 21 < at(answers, "4m10s") < 23.5, "six or seven, then 22"
assert at(lists, "4m10s") > 2 * at(answers, "4m10s"), "and far more were asked for"
assert {"T+03:18", "T+04:00"} <= set(again.events["last"]), "switch and page, 42 seconds apart"
switched = again.events[again.events.reason == "SwitchService"].last
assert "T+04:06" in set(switched), "in the second in which the line was typed"
assert offer.budget_difference > 0.1, offer.sentence
assert clock.slo().spent_in_drill.max() < 0.001 and "No pages" in str(clock.run("page")), "held, and nobody noticed"
assert learned.right == 4 and learned.before.right < 4, "the second quiz says what moved"
ill = "sum(increase(http_requests_total{service='checkout',code=~'5..'}[3m]))"
assert drill.promql(ill).value.iloc[0] < 3, "orders go through on the version that does not read the column"
"""
