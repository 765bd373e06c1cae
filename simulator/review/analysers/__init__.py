"""The analysers that a review asks: each knows its program, its arguments and how to read its answer."""

from simulator.review.analysers.asking import Answer
from simulator.review.analysers.panel import ANALYSERS, ask_all

__all__ = ["ANALYSERS", "Answer", "ask_all"]
