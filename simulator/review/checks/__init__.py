"""What the checklist asks and no analyser says: checks of ours, one module for each kind of file.

Every check yields ``Found`` or ``Unseen``; rules and reasons are in ``rules.py``.
"""

from simulator.review.checks.all import check

__all__ = ["check"]
