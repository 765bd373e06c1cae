"""A stage for James: a made-up incident with known graphs, on which every rule can be tried alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import isnan

from simulator.coach.case import ActClass, Case, Deed, PageSeen, classify
from simulator.coach.james import James
from simulator.coach.ladder import HintDesk, Ladder
from simulator.coach.lines import Line
from simulator.coach.signals import Signal
from simulator.drill.acts import StatusPost
from simulator.units import MINUTE, SECOND

SCRAPE = 5 * SECOND
ERRORS = Signal.parse("errors:checkout")

CLASSES = (
    ActClass("history", "kubectl rollout history deployment/*", "good", "A release tops the list.", None),
    ActClass(
        "undo",
        "kubectl rollout undo deployment/checkout*",
        "good",
        "A fresh release is cheap to take back.",
        ERRORS,
    ),
    ActClass("status", "kubectl rollout status deployment/*", "good", "Done is when pods are.", ERRORS),
    ActClass("scale", "kubectl scale deployment/checkout *", "reasonable-error", "It was not load.", ERRORS),
    ActClass("restart", "kubectl rollout restart *", "reasonable-error", "The same code again.", ERRORS),
    ActClass("gone", "kubectl delete deployment/*", "harmful", "Nothing serves checkout then.", ERRORS),
)
LADDERS = (
    Ladder(
        "release",
        ("Where does the graph bend?", "Changes cause.", "This or that?", "Watch."),
        "kubectl get pods",
    ),
    Ladder("scale", ("S1", "S2", "S3", "S4"), "kubectl get events"),
)


def steady(at: int) -> float:
    """Two per cent of requests fail from the fourth minute on."""
    return 0.02 if at >= 4 * MINUTE else 0.0002


class Screen:
    """A learner's screen drawn from one function of time; it notes every instant that was read."""

    def __init__(self, errors: Callable[[int], float] = steady) -> None:
        self.errors = errors
        self.now = 0
        self.written: list[StatusPost] = []
        self.objects: dict[tuple[str, str], tuple[object, ...]] = {}

    def value(self, signal: Signal, at: int) -> float:
        assert at <= self.now, "James looked into the future"
        return self.burn(at, MINUTE) if signal.kind == "burn" else self.errors(at)

    def burn(self, at: int, window: int) -> float:
        assert at - window < at <= self.now, "James looked into the future"
        return self.errors(at) / 0.001

    def spent(self, at: int) -> float:
        assert at <= self.now, "James looked into the future"
        rates = [self.errors(moment) for moment in range(0, max(at, 0), 30 * SECOND)]
        return sum(rate for rate in rates if not isnan(rate))

    def left(self, at: int) -> float:
        return 0.8 - self.spent(at)

    def empty_in(self, at: int) -> int | None:
        assert at <= self.now, "James looked into the future"
        return 20 * MINUTE

    def objective(self) -> str:
        return "checkout availability"

    def course(self, start: int, end: int) -> Sequence[tuple[int, float, int]]:
        """Six pods, all ready."""
        return [(at, self.errors(at), 6) for at in range(-(-start // SCRAPE) * SCRAPE, end + 1, SCRAPE)]

    def posts(self, at: int) -> Sequence[StatusPost]:
        return [post for post in self.written if post.at <= at]

    def readings(self, query: str, start: int, end: int) -> Sequence[tuple[int, tuple[float, ...]]]:
        """Every query asks for the share of errors; where that is unknown there is no series."""
        assert end <= self.now, f"{query} looked into the future"
        instants = range(-(-start // SCRAPE) * SCRAPE, end + 1, SCRAPE)
        return [(at, () if isnan(self.errors(at)) else (self.errors(at),)) for at in instants]

    def field(self, name: str, jsonpath: str) -> Sequence[object]:
        return self.objects.get((name, jsonpath), ())


class Stage:
    """James on a made-up incident: ``page``, ``act``, ``post`` and ``until`` move it on."""

    def __init__(
        self,
        errors: Callable[[int], float] = steady,
        *,
        mode: str = "lesson",
        seed: int = 1,
        paged: int | None = None,
        scene: str = "",
        newcomer: bool = False,
    ) -> None:
        self.screen = Screen(errors)
        case, desk = Case(self.screen, mode), HintDesk(LADDERS, seed)
        self.james = James(case, CLASSES, desk, seed, scene=scene, newcomer=newcomer)
        self.interrupted: list[str] = []
        self._paged = paged
        self._at = 0

    @property
    def case(self) -> Case:
        return self.james.case

    @property
    def lines(self) -> list[Line]:
        return self.case.said

    @property
    def ids(self) -> list[str]:
        return [line.id for line in self.lines]

    def _hear(self, said: tuple[Line, bool] | None) -> None:
        if said is not None and said[1]:
            self.interrupted.append(said[0].id)

    def until(self, at: int) -> Stage:
        """Let the scrapes up to ``at`` happen, and the page when its time comes."""
        while self._at + SCRAPE <= at:
            self._at += SCRAPE
            self.screen.now = self._at
            self._hear(self.james.hear_scrape(self._at))
            if self._paged is not None and self._at >= self._paged:
                burn = self.screen.burn(self._at, MINUTE)
                self._hear(self.james.hear_page(PageSeen(self._at, "CheckoutBudgetBurn", burn)))
                self._paged = None
        self.screen.now = max(self.screen.now, at)
        return self

    def act(
        self,
        at: int,
        line: str,
        kind: str = "look",
        *,
        cost: int = 5 * SECOND,
        danger: str = "",
        asks: bool = False,
    ) -> Deed:
        """Type a line at ``at``; with ``asks`` it waits for a yes instead of landing."""
        self.until(at)
        number = len(self.case.deeds) + 1
        deed = Deed(number, at, at, line, line, kind, act=classify(CLASSES, line), danger=danger)
        deed = replace(deed, before=self.screen.value(deed.signal, at))
        self.until(at + cost)
        deed = replace(deed, seen_at=at + cost, ok=not asks)
        self._hear(self.james.hear_deed(deed, deed if asks else None))
        return deed

    def post(self, at: int, state: str) -> None:
        """Write on the status page."""
        self.until(at)
        self.screen.written.append(StatusPost(at, state, "words"))
        self.act(at, f"statuspage {state}", "communicate")
