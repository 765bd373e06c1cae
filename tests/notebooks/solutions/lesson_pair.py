"""Two people with names; the navigator leads, and the driver looks once on their own account."""

EXERCISES = {
    "ticket": """
navigator, driver = "Ana", "Bo"
ticket = "welcome.0.7"
""",
    "drill": """
drill.wait("20m")
drill.run("role commander")
drill.run("page ack")
drill.run("kubectl rollout undo deployment/app")
drill.run("role operations")
drill.run("kubectl get pods")
drill.run("incident role commander Bo")
drill.wait("4m")
""",
    "account": """
account = ("errors", "the release", "the undo")
rule, change = "", ""
""",
}

VERIFY = """
table = page.by_role.set_index("role")
assert list(table.index) == ["commander", "operations"], page.by_role
assert table.loc["commander", "who"] == "Bo", "the seats at the end"
assert table.loc["commander", "changes"] == 1
assert table.loc["operations", "looks"] == 1
assert "By role" in str(page)
"""
