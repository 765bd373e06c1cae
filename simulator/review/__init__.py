"""James's security review: his twelve points, and his standard for a delivery, against files.

Reading order: ``points.py`` (what is asked), ``rules.py`` (which rule belongs where, and why it matters),
``files.py`` (what is looked at), ``analysers/`` (who is asked), ``checks/`` (what only we ask),
``reviewing.py`` (all of it together), ``verdicts.py``, ``comparing.py``, ``writing.py``, ``page.py``.
"""

from simulator.review.comparing import Comparison, compare, read_earlier
from simulator.review.findings import Finding
from simulator.review.model import Review
from simulator.review.reviewing import day_of, mended, review_paths, review_texts
from simulator.review.writing import as_json, as_text

__all__ = [
    "Comparison",
    "Finding",
    "Review",
    "as_json",
    "as_text",
    "compare",
    "day_of",
    "mended",
    "read_earlier",
    "review_paths",
    "review_texts",
]
