"""Over random plays James cites only what could be seen, once a minute at most, and no line twice."""

from __future__ import annotations

from itertools import pairwise
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.coach import Coach, Line
from simulator.coach.ladder import Hint
from simulator.coach.signals import Signal
from simulator.drill import Act, Run, resume
from simulator.errors import GamedayError
from simulator.scenario.sealed import ActClass
from simulator.telemetry import signals
from simulator.units import MINUTE, SECOND
from tests.drill_stage import scenario

#: What the author of this stage says about acts, so that James has something to say about each.
CLASSES = tuple(
    ActClass.model_validate({"match": match, "class": kind, "id": name, "signal": signal, "why": "Why."})
    for match, kind, name, signal in (
        ("kubectl rollout history*", "good", "history", ""),
        ("kubectl rollout undo deployment/app*", "good", "undo", "errors:app"),
        ("kubectl scale deployment/app --replicas=0*", "harmful", "zero", "traffic:app"),
        ("kubectl scale deployment/app*", "reasonable-error", "scale", "errors:app"),
        ("kubectl rollout restart*", "reasonable-error", "restart", "latency:app"),
    )
)
CLASSED = scenario().model_copy(update={"coach": scenario().coach.model_copy(update={"acts": CLASSES})})
LINES = st.sampled_from(
    (
        *("kubectl get pods", "kubectl rollout history deployment/app", "kubectl logs -l app=myapp --tail=5"),
        *(
            "kubectl rollout undo deployment/app",
            "kubectl scale deployment/app --replicas=6",
            "yes",
            "no",
            "next",
        ),
        *("kubectl scale deployment/app --replicas=0", "kubectl rollout restart deployment/app", "page ack"),
        *(
            "statuspage resolved All is well.",
            "statuspage investigating We look.",
            "hint",
            "note predict better",
        ),
    )
)
#: Between two acts: none, odd, or to the very instant of a scrape.
PAUSES = st.sampled_from(
    (0, 1, 7 * SECOND + 3, 20 * SECOND, MINUTE, 2 * MINUTE + 11, -5 * SECOND, -15 * SECOND)
)
PLAYS = st.lists(st.tuples(PAUSES, LINES), max_size=9)


def played(play: list[tuple[int, str]], *, guidance: int = 3, journal: Path | None = None) -> Coach:
    """A play to the end; a negative pause goes to the next multiple of it."""
    run = Run(CLASSED, 11, guidance=guidance, journal=journal)
    coach = Coach(run)
    run.advance(150 * SECOND)
    for pause, line in play:
        until = run.now + pause if pause >= 0 else (run.now // -pause + 1) * -pause
        run.advance(until)
        run.do(line)
        coach.follow_up()
    run.finish()
    return coach


def known_by(coach: Coach, acts: list[Act], at: int) -> tuple[Line, ...]:
    """What a coach says who lives through the same acts and only up to an instant."""
    run = Run(CLASSED, 11, guidance=coach.run.guidance)
    twin = Coach(run)
    for place, act in enumerate(acts):
        if act.at >= at:
            break
        ends_by = acts[place + 1].at if place + 1 < len(acts) else None
        run.apply(act, ends_by=min(at, ends_by) if ends_by is not None else at)
    run.advance(max(run.now, at))
    return tuple(line for line in twin.lines if line.at < at)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(PLAYS, st.sampled_from((0, 2, 3, 3, 4)), st.integers(MINUTE, 12 * MINUTE))
def test_he_cites_only_what_could_be_seen(play: list[tuple[int, str]], guidance: int, cut: int) -> None:
    """One line a minute, none twice, evidence from before it, and nothing that only the future can tell."""
    coach = played(play, guidance=guidance)
    run, lines = coach.run, coach.lines
    assert len({line.id for line in lines}) == len(lines)
    assert all(later.at - line.at >= MINUTE for line, later in pairwise(lines))
    for line in lines:
        for item in line.evidence:
            assert item.at <= line.at, (line, item)
            _was_visible(run, item.metric, item.value, item.at, line.at)
    assert known_by(coach, run.acts, cut) == tuple(line for line in lines if line.at < cut)


def _was_visible(run: Run, metric: str, value: float | None, at: int, said_at: int) -> None:
    """A metric as of the scrape before it; an act that was typed; a page that had rung."""
    kind, _, number = metric.partition(" ")
    if kind == "act":
        assert run.acts[int(number) - 1].at <= said_at
    elif metric == "page":
        assert any(page.since <= at for page in run.pager.pages)
    elif value is not None and not isnan(value):
        try:
            signal = Signal.parse(metric)
        except GamedayError:
            return  # the budget, a count of looks: numbers that stand beside the charts
        if signal.kind in ("burn", "ready"):
            return
        # An act on the instant of a scrape comes before it, and saw the scrape before.
        assert value in {_shown(run, signal, moment) for moment in (at, at - 1)}


def _shown(run: Run, signal: Signal, at: int) -> float:
    """The newest scrape up to an instant, read from the store and not through the coach's own eyes."""
    shown = signals(run.telemetry, signal.service, at - run.telemetry.interval, at)
    assert shown.times[-1] <= at
    column = {"errors": shown.error_ratio, "latency": shown.p99, "traffic": shown.total}[signal.kind]
    return float(column[-1])


@settings(max_examples=8, deadline=None, derandomize=True)
@given(PLAYS.filter(bool), st.sampled_from((0, 1, 3)), st.data())
def test_resumed_at_any_line_a_run_comes_to_the_same_end(
    play: list[tuple[int, str]], guidance: int, data: st.DataObject
) -> None:
    """Broken off after any line and gone on with: the same digest, the same words, the same file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        whole = played(play, guidance=guidance, journal=path)
        text = path.read_text(encoding="utf-8").splitlines(keepends=True)
        cut = data.draw(st.integers(1, len(text)))
        path.write_text("".join(text[:cut]), encoding="utf-8")
        coaches: list[Coach] = []
        run = resume(path, scenario=CLASSED, attach=lambda fresh: coaches.append(Coach(fresh)))
        later = whole.run.acts[cut - 1 :]
        for place, act in enumerate(later):
            run.apply(act, ends_by=later[place + 1].at if place + 1 < len(later) else None)
        run.finish()
        assert whole.run.digest == run.digest
        assert whole.lines == coaches[0].lines
        assert _hints(whole) == _hints(coaches[0])
        assert "".join(text) == path.read_text(encoding="utf-8")


def _hints(coach: Coach) -> list[Hint]:
    return list(coach.hints)
