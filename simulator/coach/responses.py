"""Rules that answer to something that happened: a page, a good act, a reasonable error, a harmful act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulator.coach.case import Deed
from simulator.coach.lines import CREDIT, HARM, PAGE, QUESTION, Evidence, Proposal
from simulator.coach.rules import Moment, Rule
from simulator.coach.signals import Signal, ago
from simulator.coach.stories import remedy
from simulator.units import MINUTE, SECOND, format_clock

#: A reasonable error may play out this long before James asks; half of it for a harmful act that can be taken
#: back.
CONSEQUENCE_WINDOW: Final = 3 * MINUTE
#: A reaction within this time after an act may be what was under way already.
SETTLING: Final = 30 * SECOND
#: Credit for a look is given at once or not at all: later it reads as if the learner had not looked. For a
#: change it is given while anyone still connects the two.
LOOK_FRESH: Final = 30 * SECOND
CHANGE_FRESH: Final = 10 * MINUTE
PAGE_FRESH: Final = 2 * MINUTE


def _first_page(now: Moment) -> Iterator[Proposal]:
    for number, page in enumerate(now.case.pages):
        if now.at - page.at > PAGE_FRESH:
            continue
        seen = Evidence("page", page.burn, page.at, f"page {page.alert} at {format_clock(page.at)}")
        if number == 0:
            objective = now.case.sight.objective()
            fields = {"objective": objective, "Objective": _capital(objective), "burn": now.shown()}
            words = "page.guided" if now.guided else "page.first.new" if now.newcomer else "page.first"
            yield Proposal("page.first", PAGE, words, fields, (seen, now.cite()), interrupts=True)
        elif now.case.burning(now.at):
            yield Proposal(f"page.again.{page.alert}", QUESTION, "page.again", {"alert": page.alert}, (seen,))


def _good(now: Moment) -> Iterator[Proposal]:
    for deed in reversed(now.case.done(now.at)):
        if deed.act is None or not deed.is_a("good") or deed.actor == "james":
            continue
        name, done = f"good.{deed.act.id}", _cite_act(deed)
        if deed.act.signal is None:
            if now.case.burning(now.at) and now.at - deed.seen_at <= LOOK_FRESH:
                yield Proposal(name, CREDIT, "good.look", {"line": deed.line, "why": deed.act.why}, (done,))
            continue
        if deed.kind == "look" and now.case.burning(now.at):
            continue  # pods that are ready prove nothing while users are still hurt
        value = now.value(deed.signal)
        if deed.kind != "change":  # a graph that turned proves what was changed, not what was looked at
            if SETTLING <= now.at - deed.at <= CHANGE_FRESH and deed.signal.cleared(deed.before, value):
                proof = (done, deed.signal.evidence(deed.before, deed.at), now.cite(deed.signal))
                fields = {"line": deed.line, "why": deed.act.why}
                yield Proposal(name, CREDIT, "good.look", fields, proof)
            continue
        fresh = SETTLING <= now.at - deed.at <= CHANGE_FRESH
        if not fresh or not deed.signal.cleared(deed.before, value):
            continue
        fields = _compared(now, deed) | {"why": deed.act.why}
        proof = (done, deed.signal.evidence(deed.before, deed.at), now.cite(deed.signal))
        wrong = _left_behind(now, deed)
        if wrong is None:
            yield Proposal(name, CREDIT, "good.shown", fields, proof)
        else:
            fields |= {"line": wrong.line, "elapsed": ago(deed.at - wrong.at)}
            yield Proposal(name, CREDIT, "good.noticed", fields, (_cite_act(wrong), *proof))


def _left_behind(now: Moment, deed: Deed) -> Deed | None:
    """A wrong guess before ``deed`` that this change left without a question asked; credited once.

    Only a change leaves one: it takes it back, puts something in its place, or does something else. And it is
    called wrong only once its own graph could show that: it was given its time, or users are served by now.
    """
    for other in reversed(now.case.deeds):
        if other.at < deed.at and other.act and (other.is_a("reasonable-error") or other.is_a("harmful")):
            shown = _window_over(now, other, CONSEQUENCE_WINDOW) or now.case.calm(now.at) is not None
            if other.canonical == deed.canonical or not shown:
                return None
            asked = now.case.has_said(f"expect.{other.act.id}") or now.case.has_said(f"harm.{other.act.id}")
            late = deed.at - other.at > CONSEQUENCE_WINDOW + MINUTE
            return None if asked or late or _credited(now, other) else other
    return None


def _credited(now: Moment, wrong: Deed) -> bool:
    """Whether a good act's line has named this wrong guess already."""
    named = _cite_act(wrong)
    return any(line.id.startswith("good.") and named in line.evidence for line in now.case.said)


def _same_again(now: Moment) -> Iterator[Proposal]:
    """An undo that brought back the image that ran already, under a new revision."""
    for deed in reversed(now.case.done(now.at, "change")):
        if deed.undone.image and deed.actor != "james" and now.at - deed.seen_at <= PAGE_FRESH:
            fields = {"line": deed.line, "image": deed.undone.image}
            yield Proposal("undo.same", QUESTION, "undo.same", fields, (_cite_act(deed),), interrupts=True)


def _expect(now: Moment) -> Iterator[Proposal]:
    """Ask about each wrong guess that users still wait behind, and about a good act that has not helped."""
    newest = True
    for deed in _open_acts(now):
        first, newest = newest, False
        if deed.act is None or deed.is_a("harmful") or not _window_over(now, deed, CONSEQUENCE_WINDOW):
            continue
        moved = deed.signal.reacted(deed.before, now.value(deed.signal))
        if moved > 0 and (deed.is_a("good") or not first):
            continue  # it helps; or something later may have been what moved the graph
        words = {1: "expect.better", 0: "expect.still", -1: "expect.worse"}[moved]
        yield Proposal(
            f"expect.{deed.act.id}",
            QUESTION,
            words,
            _compared(now, deed) | {"line": deed.line},
            (_cite_act(deed), deed.signal.evidence(deed.before, deed.at), now.cite(deed.signal)),
            interrupts=True,
        )


def _harm(now: Moment) -> Iterator[Proposal]:
    deed = _open_error(now, "harmful")
    if deed is None or deed.act is None or not _window_over(now, deed, CONSEQUENCE_WINDOW // 2):
        return
    if deed.danger and now.case.mode == "game-day":
        return  # it has landed, and nothing can take it back: that is for the debrief
    yield Proposal(
        f"harm.{deed.act.id}",
        HARM,
        "harm",
        _compared(now, deed) | {"line": deed.line, "why": deed.act.why},
        (_cite_act(deed), deed.signal.evidence(deed.before, deed.at), now.cite(deed.signal)),
        interrupts=True,
    )


def _risk(now: Moment) -> Iterator[Proposal]:
    deed = now.case.asked_yes
    if deed is None or deed.is_a("good"):
        return
    why = deed.act.why if deed.act and deed.is_a("harmful") else deed.danger
    name = deed.act.id if deed.act else str(deed.number)
    yield Proposal(f"risk.{name}", HARM, "risk", {"why": why}, (_cite_act(deed),))


def _open_acts(now: Moment) -> Iterator[Deed]:
    """What was changed, newest first, if users still wait: back to the newest good act.

    It ends the questions about what came before it. A rollback is itself the last of them, since it may have
    gone back to the wrong version; any other good act may be one step of several, and is not asked about.
    """
    if now.case.calm(now.at) is not None:
        return
    for deed in reversed(now.case.done(now.at, "change")):
        if now.at - deed.at > CHANGE_FRESH or deed.actor == "james":
            return
        good = deed.is_a("good")
        if deed.is_a("reasonable-error") or deed.is_a("harmful") or _is_rollback(deed):
            yield deed
        if good:
            return


def _is_rollback(deed: Deed) -> bool:
    """Whether it is a good act that should show in its signal within a consequence window."""
    signal = deed.act.signal if deed.act else None
    return deed.is_a("good") and signal is not None and remedy(deed.canonical) == "rollback"


def _open_error(now: Moment, kind: str) -> Deed | None:
    """The newest wrong act, if users still wait and nothing better was tried since."""
    newest = next(_open_acts(now), None)
    return newest if newest is not None and newest.act and newest.act.kind == kind else None


def _window_over(now: Moment, deed: Deed, window: int) -> bool:
    since = now.at - deed.at
    return since >= window or (
        since >= SETTLING and deed.signal.reacted(deed.before, now.value(deed.signal)) != 0
    )


def _compared(now: Moment, deed: Deed) -> dict[str, str]:
    signal: Signal = deed.signal
    elapsed = ago(now.at - deed.at)
    return {
        "signal": signal.words,
        "Signal": _capital(signal.words),
        "before": signal.format(deed.before),
        "now": now.shown(signal),
        "then": format_clock(deed.at),
        "clock": format_clock(now.at),
        "elapsed": _capital(elapsed),
        "elapsed_lower": elapsed,
    }


def _cite_act(deed: Deed) -> Evidence:
    return Evidence(
        f"act {deed.number}", None, deed.at, f"act {deed.number} `{deed.line}` at {format_clock(deed.at)}"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


RESPONSES: Final = (
    Rule(
        "first page",
        "His first words in an incident are to stay calm; then he asks who is hurt.",
        _first_page,
    ),
    Rule(
        "risk before it lands",
        "In lesson mode he says the risk of what can't be taken back before it lands.",
        _risk,
    ),
    Rule(
        "harmful act",
        "A harmful act gets half a consequence window, then the question how to take it back.",
        _harm,
    ),
    Rule(
        "same image",
        "An undo that brought back the image that ran already is named at once: it reads like success.",
        _same_again,
    ),
    Rule(
        "reasonable error",
        "Silence for three minutes or until the named signal reacts; then he asks what the graph was "
        "expected to do.",
        _expect,
    ),
    Rule(
        "good act",
        "One line on a good act: what, why, and the signal that proved it, once that signal shows.",
        _good,
    ),
)
