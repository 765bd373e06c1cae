"""For those who write scenarios: the proof that one is fair, visible, solvable and not solved already."""

from simulator.authoring.plays.keeping import Kept, folder
from simulator.authoring.proof import POINTS, Point, Proof, lint, plays_needed, prove, variants_of

__all__ = ["POINTS", "Kept", "Point", "Proof", "folder", "lint", "plays_needed", "prove", "variants_of"]
