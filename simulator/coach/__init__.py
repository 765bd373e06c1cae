"""James O'Brien, the coach: when he speaks, the hint ladder, the score in five lines, and the debrief."""

from simulator.coach.ask import endpoint
from simulator.coach.coach import NAME, Coach
from simulator.coach.debrief import Debrief
from simulator.coach.design import design
from simulator.coach.documents import Document
from simulator.coach.james import RULES
from simulator.coach.ladder import Hint, Ladder
from simulator.coach.lines import Evidence, Line
from simulator.coach.postmortem import Postmortem, postmortem
from simulator.coach.predictions import Prediction
from simulator.coach.progress import Progress
from simulator.coach.regrets import Regrets, Tried, regret
from simulator.coach.runbook import runbook
from simulator.coach.score import Score, ScoreItem, ScoreLine, score
from simulator.coach.steps import Step, Steps
from simulator.coach.stories import STORIES, Story

__all__ = [
    "NAME",
    "RULES",
    "STORIES",
    "Coach",
    "Debrief",
    "Document",
    "Evidence",
    "Hint",
    "Ladder",
    "Line",
    "Postmortem",
    "Prediction",
    "Progress",
    "Regrets",
    "Score",
    "ScoreItem",
    "ScoreLine",
    "Step",
    "Steps",
    "Story",
    "Tried",
    "design",
    "endpoint",
    "postmortem",
    "regret",
    "runbook",
    "score",
]
