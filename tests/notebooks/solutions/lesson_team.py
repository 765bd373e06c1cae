"""A team of three with a driver: each line is stamped, and the run file keeps the stamps."""

EXERCISES = {
    "ticket": """
seats = {"commander": "Ana", "operations": "Bo", "communications": "Cy"}
ticket = "welcome.0.7"
""",
    "drill": """
drill.wait("20m")
drill.run("role commander")
drill.run("incident declare SEV2 Some requests fail")
drill.run("role operations")
drill.run("kubectl rollout undo deployment/app")
drill.run("role communications")
drill.run('statuspage identified "Some requests fail. We take a release back."')
drill.wait("4m")
""",
    "account": """
account = ("errors", "the release", "the undo")
rule, change = "", ""
""",
}

VERIFY = """
import json, pathlib

assert list(page.by_role["who"]) == ["Ana", "Bo", "Cy"], page.by_role
assert page.by_role.set_index("role").loc["communications", "words"] == 1
acts = [json.loads(line) for line in next(pathlib.Path("runs").glob("*.jsonl")).read_text().splitlines()[1:]]
stamps = {act["line"].split()[0]: act.get("role", "") for act in acts}
assert stamps["kubectl"] == "operations" and stamps["statuspage"] == "communications", stamps
assert page.debrief.score.total == page.attempt.score["total"]
"""
