"""A game day alone, by the run code of the welcome's incident: short, and the same users every time."""

EXERCISES = {
    "ticket": """
import simulator as sim

ticket = "welcome.0.7"
drill = sim.game_day(ticket)
""",
    "drill": """
drill.wait("20m")
drill.run("page ack")
drill.run("kubectl rollout history deployment/app")
drill.run("kubectl rollout undo deployment/app")
drill.run('statuspage identified "Some requests fail. We take a release back."')
drill.wait("5m")
drill.run('statuspage resolved "Requests succeed again."')
""",
    "account": """
account = ("errors in the new version", "the release", "taking it back")
rule, change = "What changed last is the first suspect.", "A canary; Ana, by Friday."
""",
}

VERIFY = """
import pathlib

assert "game-day, guidance 4" in str(drill), str(drill)
assert page.attempt.mitigated_s is not None
assert page.attempt.score["outcome"] > 50
assert page.debrief.words.change == "A canary; Ana, by Friday."
assert "certifies nothing" in pathlib.Path("runs/results.html").read_text()
assert page.by_role.empty
files = list(pathlib.Path("runs").glob("*.jsonl"))
assert len(files) == 1 and sim.replay(files[0]).digest == drill.digest
"""
