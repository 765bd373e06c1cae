"""Imported by a fork server alone: the engine is ready in every process that is forked from it."""

from tests.drill_stage import fresh

fresh()
