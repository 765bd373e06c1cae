"""How fast the engine is, measured against what else one could have used, in one run."""
