"""The guide for authors has no exercise; what it builds is proved, point by point."""

EXERCISES: dict[str, str] = {}

VERIFY = """
assert proof.passed, [(point.number, point.evidence) for point in proof.failed]
assert draft.errors() == "Nothing is wrong."
"""
