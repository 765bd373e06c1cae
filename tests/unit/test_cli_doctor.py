"""The doctor says what is missing and what to do, and nothing is missing without a fix."""

from __future__ import annotations

import pytest

from simulator.cli import doctor
from simulator.cli.warmup import Warmth


def test_an_uncompiled_engine_is_a_failure_with_a_fix() -> None:
    """Without numba a lesson would crawl: that is no detail."""
    finding = doctor.judge_engine(Warmth(0.1, compiled=False, from_cache=False))
    assert "fail" == finding.verdict
    assert finding.fix


def test_a_slow_warm_start_is_a_warning() -> None:
    """A start from the cache that takes long spoils the first minute, not the lesson."""
    assert "warn" == doctor.judge_engine(Warmth(30.0, compiled=True, from_cache=True)).verdict
    assert "ok" == doctor.judge_engine(Warmth(30.0, compiled=True, from_cache=False)).verdict


def test_the_machine_that_runs_the_gate_has_a_compiled_engine() -> None:
    """The engine check measures a real start."""
    assert "ok" == doctor.engine().verdict


def test_a_taken_port_is_a_warning_with_a_way_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """JupyterLab takes another port by itself; a workshop's page of instructions does not."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(doctor, "_JUPYTER_PORT", taken.getsockname()[1])
        finding = doctor.port()
    assert "warn" == finding.verdict
    assert "--port" in finding.fix


def test_a_failure_makes_the_whole_not_ok() -> None:
    """One failure is enough; a warning is not."""
    good, poor = doctor.Finding("a", "ok", ""), doctor.Finding("b", "warn", "", "x")
    bad = doctor.Finding("c", "fail", "", "y")
    assert doctor.summary([good, poor])["ok"] is True
    assert doctor.summary([good, poor, bad])["ok"] is False


def test_a_missing_analyser_is_a_warning_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drills go on without it; the review and its lesson would have less to say."""
    assert "ok" == doctor.analysers().verdict
    monkeypatch.setattr(doctor, "_ANALYSERS", ("zizmor", "no-such-analyser"))
    finding = doctor.analysers()
    assert "warn" == finding.verdict
    assert "no-such-analyser" in finding.fix and "zizmor" in finding.found
