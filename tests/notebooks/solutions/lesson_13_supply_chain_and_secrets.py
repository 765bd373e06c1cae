"""Supply chain and secrets, solved: forty digits, the one rule that gains most, the release taken back, the drill."""

EXERCISES = {
    "pre": 'sim.quiz("13", "pre", "cab")',
    "predict": 'drill.predict("0, because each of the seven is a tag or a branch, and its owner may move it")',
    "e1": """
pinned = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"
mine = copied.text().replace("actions/checkout@v4", pinned)
after = sim.review(mine)
drill.answer("e1", left=len(after.of("pipeline.pinned")))
""",
    "e2": """
rule = "stored-cloud-key"
better = copied.mended(rule)
drill.answer("e2", rule=rule, gained=better.score()[0] - copied.score()[0])
""",
    "e3": """
clock.run("page ack")
print(clock.run("gh run list -L 3"))
print(clock.run("kubectl rollout history deployment/checkout -n production"))
clock.run('statuspage investigating "Some checkouts fail. We are taking a release back. Next update in 10 minutes."')
clock.run("kubectl rollout undo deployment/checkout -n production")
clock.wait("3m")
""",
    "drill": """
drill.run("page ack")
print(drill.run("kubectl top pods -l app=checkout"))
print(drill.run("kubectl rollout history deployment/checkout"))
drill.run("kubectl rollout undo deployment/checkout")
drill.run('statuspage identified "Many orders fail. We are taking a release back. Next update in 10 minutes."')
print(drill.run("git show 5c1be90"))
print(drill.run("gh run view --log"))
print(drill.run("git log --oneline -- .github"))
print(drill.run("git show 2c8f5ad"))
drill.run("gh workflow disable deploy.yml")
drill.run('incident note "checkout v43 was built with an action whose tag has moved. Nothing is built until it names a commit."')
drill.wait("2m")
drill.run("git revert 2c8f5ad")
drill.run('statuspage monitoring "Orders go through again. We keep watching."')
drill.wait("12m")
drill.run('statuspage resolved "Many orders failed for some minutes. Nothing was charged twice."')
""",
    "post": """
after_quiz = sim.quiz("13", "post", "abb")
after_quiz
""",
}

VERIFY = """
assert after_quiz.right == 3 and "Before the lesson: 2 of 3." in str(after_quiz), after_quiz
assert len(copied.of("pipeline.pinned")) == 7, "the file has seven unpinned actions, as the prose says"
assert len(draft.of("pipeline.pinned")) == 13, "and the draft thirteen"
pinned, permitted = (draft.points.score[name] for name in ("pipeline.pinned", "pipeline.permissions"))
assert pinned == permitted == 0 and draft.score("delivery")[0] > 20, "a good delivery that gives much away"
assert better.of("secrets.oidc") == () and better.score()[0] - copied.score()[0] >= 7, better.score()
assert drill.score().lines[0].points > 60, drill.score()
page = drill.run("page").text
assert "acknowledged T+" in page and "firing" not in page, f"it was taken, and nothing fires any more: {page}"
"""
