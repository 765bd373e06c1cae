"""The guide for facilitators has no exercise; what it injects happened, and is nobody's decision."""

EXERCISES: dict[str, str] = {}

VERIFY = """
assert [each["line"] for each in drill.actions.to_dict("records")] == [
    "channel",
    "role operations",
    "kubectl get deployments",
], "injects are no acts of theirs"
said = str(drill.run("channel --all"))
assert "Two callers say that the page is slow." in said and "$ kubectl get pods" in said, said
"""
