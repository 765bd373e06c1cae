"""Faults as data, carried out: who is hit, how hard at each moment, and what that does."""

from simulator.engine.faults.injector import Fault, Injector
from simulator.engine.faults.shapes import strengths

__all__ = ["Fault", "Injector", "strengths"]
