"""Single requests by hand: their answers, their ends, and how they stand beside users."""

from __future__ import annotations

import pytest

from simulator.dataplane import DataPlane, Link, Reply
from simulator.distributions import Law
from simulator.errors import GamedayError
from simulator.units import MILLISECOND, SECOND
from tests.planes import one_tier

TEN_MS = Law("constant", 10 * MILLISECOND)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_reply_is_exact(compiled: bool) -> None:
    """A worker of 10 ms answers after 10 ms; a second request behind it waits for the first."""
    plane = one_tier(1, law=TEN_MS, rate=0.0, compiled=compiled)
    first = plane.ask("web", "home", patience=SECOND)
    second = plane.ask("web", "home", patience=SECOND)
    assert plane.reply(first) is None
    plane.advance(15 * MILLISECOND)
    assert Reply("ok", "ok", 10 * MILLISECOND) == plane.reply(first)
    assert plane.reply(second) is None
    plane.advance(SECOND)
    assert Reply("ok", "ok", 20 * MILLISECOND) == plane.reply(second)
    plane.check_conservation()


def test_who_loses_patience_is_told_when() -> None:
    """The reply is a timeout after exactly the patience; the pod's work goes on."""
    plane = one_tier(1, law=TEN_MS, rate=0.0)
    asked = plane.ask("web", "home", patience=4 * MILLISECOND)
    plane.advance(5 * MILLISECOND)
    assert Reply("timeout", "timeout", 4 * MILLISECOND) == plane.reply(asked)
    assert 1 == plane.in_flight(0)


def test_why_nobody_could_be_reached() -> None:
    """A lost name, an ended certificate unless that is of no matter, nobody ready, nobody listening."""
    plane = one_tier(1, law=TEN_MS, rate=0.0)

    def reason(*, insecure: bool = False) -> str:
        asked = plane.ask("web", "home", patience=SECOND, insecure=insecure)
        plane.advance(plane.now + SECOND)
        reply = plane.reply(asked)
        assert reply is not None
        return reply.reason

    plane.set_certificate("web", 0)
    assert ("no-trust", "no-trust") == (reason(), plane.hindrance("web"))
    assert ("ok", "") == (reason(insecure=True), plane.hindrance("web", insecure=True))
    plane.set_unreachable("web", True)
    assert ("no-name", "no-name") == (reason(insecure=True), plane.hindrance("web", insecure=True))
    plane.set_unreachable("web", False)
    plane.set_certificate("web", None)
    plane.stop(0)
    assert "refused" == reason()
    plane.set_ready(0, False)
    assert ("unavailable", "unavailable") == (reason(), plane.hindrance("web"))


def test_a_lost_request_is_known_to_be_lost() -> None:
    """Nothing comes back across a cut link; users ask on beside it."""
    plane = one_tier(1, law=TEN_MS, rate=0.0)
    plane.set_network([Link("users", "web", loss=1.0)])
    asked = plane.ask("web", "home", patience=30 * SECOND)
    plane.advance(SECOND)
    assert plane.reply(asked) is None and plane.is_lost(asked)
    plane.advance(40 * SECOND)
    assert not plane.is_lost(asked)
    assert Reply("timeout", "timeout", 30 * SECOND) == plane.reply(asked)
    plane.check_conservation()


def arrivals(plane: DataPlane) -> list[int]:
    """Users so far, second by second, over ten seconds."""
    found = []
    for second in range(1, 11):
        plane.advance(second * SECOND)
        found.append(int(plane.counters().arrived[0].sum()))
    return found


def test_nobody_else_s_luck_moves() -> None:
    """The same users come at the same times, whoever asks by hand beside them."""
    alone, beside = (one_tier(7, law=TEN_MS, rate=20.0, slots=50) for _ in range(2))
    beside.ask("web", "home", patience=SECOND)
    assert arrivals(alone) == arrivals(beside)
    assert [False, True] == [source.synthetic for source in beside.counters().sources]


def test_an_unknown_service_or_route_is_refused() -> None:
    """With what there is."""
    plane = one_tier(1, law=TEN_MS, rate=0.0)
    for service, route in (("wob", "home"), ("web", "hme")):
        with pytest.raises(GamedayError, match=r"home|web"):
            plane.ask(service, route, patience=SECOND)
