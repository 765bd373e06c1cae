"""Rules that answer to time: nobody acts, a clock runs out, nobody was told, a recovery has to hold."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan, nan
from typing import Final

from simulator.coach.lines import CLOCK, CREDIT, NUDGE, QUESTION, TALK, TELL, Evidence, Proposal
from simulator.coach.responses import CONSEQUENCE_WINDOW, LOOK_FRESH
from simulator.coach.rules import Moment, Rule
from simulator.coach.signals import BURN, ago, percent, times
from simulator.coach.steps import ASSESS_BUDGET, FIRST_WORD
from simulator.coach.stories import Story, fitting
from simulator.streams import Stream, key
from simulator.units import MINUTE, SECOND, format_clock

#: Nothing typed for this long while the budget burns counts as "no action".
IDLE: Final = MINUTE
#: A tenth of the budget more, or twice the burn, and he speaks again.
BUDGET_STEP: Final = 0.10
#: How long a recovery must hold before "resolved" rests on something.
HOLD: Final = 5 * MINUTE
_LAST_NUDGE: Final = 6
_DOUBLINGS: Final = 3
_FRESH: Final = 3 * MINUTE


def _nudge(now: Moment) -> Iterator[Proposal]:
    case, page = now.case, now.case.paged_at
    if page is None or not case.burning(now.at) or now.at - page < IDLE or not _idle(now):
        return
    burn, left = now.value(BURN), case.sight.left(now.at)
    if isnan(burn) or isnan(left):
        return
    proof = (now.cite(), now.cite_left())
    fields = {
        "burn": times(burn),
        "left": percent(max(0.0, left)),
        "since": _capital(ago(now.at - page)),
        "clock": format_clock(now.at),
        "orient": now.orient,
        "window": "this window",
    }
    if left <= 0:
        yield Proposal("nudge.empty", NUDGE, "nudge.empty", fields, proof, interrupts=True)
        return
    earlier = [line for line in case.said if line.id.startswith("nudge.")]
    if not earlier:
        words = "nudge.first" if now.orient else "nudge.plain"
        yield Proposal("nudge.first", NUDGE, words, fields, proof, interrupts=True)
        return
    last = {item.metric: item.value for item in earlier[-1].evidence}
    last_burn, last_left = last.get("burn"), last.get("budget left")
    if last_burn is not None and burn >= 2 * last_burn:
        fields |= {"was": times(last_burn), "then": format_clock(earlier[-1].at)}
        twice = sum(1 for line in earlier if line.id.startswith("nudge.doubled")) + 1
        if twice <= _DOUBLINGS:
            yield Proposal(f"nudge.doubled.{twice}", NUDGE, "nudge.doubled", fields, proof, interrupts=True)
    if last_left is not None and left <= last_left - BUDGET_STEP:
        number = min(_LAST_NUDGE, 1 + sum(1 for line in earlier if not line.id.startswith("nudge.doubled")))
        empty_in = case.sight.empty_in(now.at)
        fields["eta"] = ago(empty_in) if empty_in else "as long as nothing grows"
        yield Proposal(f"nudge.{number}", NUDGE, f"nudge.{number}", fields, proof, interrupts=True)


def _idle(now: Moment) -> bool:
    """No act for a minute, and no change whose consequence is still to be seen."""
    for deed in reversed(now.case.deeds):
        if deed.kind == "change" and deed.ok and now.at - deed.at < CONSEQUENCE_WINDOW:
            return False
        if deed.kind not in ("wait", "none") and now.at - deed.seen_at < IDLE:
            return False
        if now.at - deed.seen_at >= CONSEQUENCE_WINDOW:
            break
    return True


def _guide(now: Moment) -> Iterator[Proposal]:
    """A worked example that nobody watches, while users wait."""
    page = now.case.paged_at
    if not now.guided or page is None or not now.case.burning(now.at) or now.at - page < 2 * MINUTE:
        return
    if _idle(now):
        fields = {"objective": now.case.sight.objective(), "burn": now.shown()}
        yield Proposal("guide.waits", NUDGE, "guide.waits", fields, (now.cite(),), interrupts=True)


def _clock(now: Moment) -> Iterator[Proposal]:
    case, page = now.case, now.case.paged_at
    if page is None or not case.burning(now.at):
        return
    assess, mitigate = now.steps["assess"], now.steps["mitigate"]
    changed = case.first_change(now.at)
    entered = mitigate.entered_at
    if assess.state == "done" and changed is None and entered is not None and now.at - entered <= _FRESH:
        looks = len(case.done(now.at, "look", since=page))
        words = f"{looks} looks and no change by {format_clock(now.at)}"
        proof = Evidence("looks", float(looks), now.at, words)
        yield Proposal("clock.assess", CLOCK, "clock.assess", {}, (proof, now.cite()))
    if assess.state == "late" and now.at - page >= ASSESS_BUDGET + MINUTE:
        nothing = Evidence("looks", 0.0, now.at, f"no look by {format_clock(now.at)}")
        yield Proposal("clock.blind", CLOCK, "clock.blind", {"since_lower": ago(now.at - page)}, (nothing,))
    settled = changed is None or now.at - case.done(now.at, "change")[-1].at >= CONSEQUENCE_WINDOW
    if mitigate.state == "late" and settled:
        fields = {"signal": BURN.words, "now": now.shown()}
        yield Proposal("clock.mitigate", CLOCK, "clock.mitigate", fields, (now.cite(),))


def _tell(now: Moment) -> Iterator[Proposal]:
    case, page = now.case, now.case.paged_at
    if page is None:
        return
    posts, step = case.sight.posts(now.at), now.steps["communicate"]
    since = [post for post in posts if post.at >= page]
    if not since:
        if now.at - page >= FIRST_WORD + MINUTE:
            nothing = Evidence("status page", 0.0, now.at, f"status page silent at {format_clock(now.at)}")
            yield Proposal(
                "tell.first", TELL, "tell.first", {"since": _capital(ago(now.at - page))}, (nothing,)
            )
        return
    last, calm = since[-1], case.calm(now.at)
    said = Evidence("status page", None, last.at, f"status page '{last.state}' at {format_clock(last.at)}")
    fields = {"then": format_clock(last.at), "state": last.state, "elapsed_lower": ago(now.at - last.at)}
    if calm and last.state in ("investigating", "identified") and now.at - calm.start >= HOLD:
        fields["then"] = format_clock(calm.start)
        yield Proposal("tell.recovered", TELL, "tell.recovered", fields, (said, now.cite_minute()))
    elif step.state == "late" and step.due_at is not None and now.at - step.due_at >= 30 * SECOND:
        fields["due"] = format_clock(step.due_at)
        yield Proposal(f"tell.due.{len(since)}", TELL, "tell.due", fields, (said,))


def _verify(now: Moment) -> Iterator[Proposal]:
    case, calm = now.case, now.case.calm(now.at)
    posts = case.sight.posts(now.at)
    resolved = posts[-1] if posts and posts[-1].state == "resolved" else None
    burn = now.cite_minute()
    rate = BURN.format(nan if burn.value is None else burn.value)
    if resolved is not None and case.pages:
        said = Evidence(
            "status page", None, resolved.at, f"status page 'resolved' at {format_clock(resolved.at)}"
        )
        if case.burning(now.at) and now.at - resolved.at <= _FRESH:
            proof = (said, burn)
            yield Proposal("verify.early", QUESTION, "verify.early", {"burn": rate}, proof, interrupts=True)
        elif calm and now.at - resolved.at <= _FRESH and resolved.at - calm.start < HOLD:
            held = ago(max(0, resolved.at - calm.start))
            yield Proposal("verify.short", CLOCK, "verify.short", {"elapsed_lower": held}, (said, burn))
        elif calm and resolved.at - calm.start >= HOLD and now.at - resolved.at >= 30 * SECOND:
            yield Proposal("close", TALK, "close", {"then": format_clock(calm.start)}, (said, burn))
    elif calm and now.at - calm.known_at <= _FRESH:
        fields = {"burn": rate, "then": format_clock(calm.start)}
        yield Proposal("verify.hold", CREDIT, "verify.hold", fields, (burn,))
    ended = case.calms[-1] if case.calms else None
    if ended and ended.end is not None and ended.end <= now.at <= ended.end + _FRESH:
        fields = {"burn": rate, "clock": format_clock(ended.end), "then": format_clock(ended.start)}
        yield Proposal("verify.relapse", QUESTION, "verify.relapse", fields, (burn,), interrupts=True)


def _predict(now: Moment) -> Iterator[Proposal]:
    """In a lesson, once, for somebody who has something to go by: what will the first change do?"""
    case, page = now.case, now.case.paged_at
    if case.mode != "lesson" or page is None or not case.burning(now.at) or case.first_change(now.at):
        return
    looks = case.done(now.at, "look", since=page)
    seen = [
        deed
        for deed in looks
        if deed.act is not None
        and deed.is_a("good")
        and (case.has_said(f"good.{deed.act.id}") or now.at - deed.seen_at > LOOK_FRESH)
    ]
    noted = any(deed.kind == "note" and deed.at >= page for deed in case.deeds)
    if seen and not noted and now.at - seen[0].seen_at <= _FRESH:
        look = seen[0]
        words = f"act {look.number} `{look.line}` at {format_clock(look.at)}"
        proof = Evidence(f"act {look.number}", None, look.at, words)
        yield Proposal("predict.first", CLOCK, "predict", {}, (proof,))


def _reflect(now: Moment) -> Iterator[Proposal]:
    """A self-explanation, then a story: only with users served, and only for somebody who acted."""
    case, calm = now.case, now.case.calm(now.at)
    if calm is None or case.paged_at is None:
        return
    changes = [deed for deed in case.done(now.at, "change", since=case.paged_at) if deed.actor != "james"]
    if not changes:
        return
    proof = (now.cite_minute(),)
    held = now.at - calm.known_at
    noted = any(deed.kind == "note" and deed.at >= changes[-1].at for deed in case.deeds)
    if 2 * MINUTE <= held <= 10 * MINUTE and not noted:
        yield Proposal("explain", TALK, "explain", {}, proof)
    if held >= 4 * MINUTE and not any(line.id.startswith("story.") for line in case.said):
        stories = _stories(now)
        story = stories[Stream(now.seed, "story").integer(len(stories), key(now.scene))]
        yield Proposal(f"story.{story.id}", TALK, text=story.text, evidence=proof)


def _stories(now: Moment) -> tuple[Story, ...]:
    """What fits: the author's own, else a wrong guess, else manners, else what cured and the theme."""
    case, page = now.case, now.case.paged_at
    wrong = [deed for deed in case.done(now.at) if deed.is_a("reasonable-error") or deed.is_a("harmful")]
    cured = [deed for deed in case.done(now.at, "change", since=page) if deed.is_a("good")]
    manners = set()
    posts = [post for post in case.sight.posts(now.at) if page is not None and post.at >= page]
    if page is None or not posts or posts[0].at - page > HOLD:
        manners.add("late-word")
    if case.has_said("verify.early") or case.has_said("verify.short"):
        manners.add("early-resolved")
    return fitting(
        [deed.canonical for deed in wrong],
        [deed.canonical for deed in cured],
        tied=now.tags,
        ids=frozenset(deed.act.id for deed in wrong if deed.act is not None),
        manners=frozenset(manners),
        theme=now.tags,
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


CLOCKS: Final = (
    Rule(
        "no action",
        "Nothing typed while the budget burns: one nudge where to look; again when the burn doubles or a "
        "tenth more is gone.",
        _nudge,
    ),
    Rule(
        "worked example",
        "While he shows the steps he asks nothing else; if nobody watches and users wait, he says so once.",
        _guide,
    ),
    Rule(
        "verify",
        "Nothing is over before the users' signal has held; he asks for it before and after 'resolved'.",
        _verify,
    ),
    Rule("tell people", "Users hear at once, then on a cadence, then when it is over.", _tell),
    Rule(
        "prediction",
        "Before the first change of a lesson: what should which graph do? With the self-explanation these "
        "are the only two prompts of a run.",
        _predict,
    ),
    Rule(
        "step clock",
        "Assess has two minutes, mitigate five; when a clock runs out he asks for the next step.",
        _clock,
    ),
    Rule("reflection", "After mitigation: one self-explanation, then at most one war story.", _reflect),
)
