"""No test writes into the home of whoever runs it: progress goes to a file of the session's own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from simulator.coach.progress import VARIABLE


@pytest.fixture(autouse=True, scope="session")
def own_progress(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every process that a test starts inherits it."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(tmp_path_factory.mktemp("progress") / "progress.json")
    yield
    if before is None:
        del os.environ[VARIABLE]
    else:
        os.environ[VARIABLE] = before
