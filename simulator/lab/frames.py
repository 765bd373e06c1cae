"""From a run and its coach to what the console shows. Reads only; nothing here changes a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isnan, nan
from typing import TYPE_CHECKING, Final

from simulator.drill.acts import PAUSABLE
from simulator.drill.situation import handed_over
from simulator.lab import charts, topology, view
from simulator.scenario import USERS
from simulator.slo import Slo
from simulator.telemetry import traffic_map
from simulator.units import MINUTE, SECOND, format_duration, seconds

if TYPE_CHECKING:
    from simulator.coach import Coach
    from simulator.drill import Run
    from simulator.telemetry import TrafficMap
    from simulator.telemetry.signals import EdgeTraffic, NodeTraffic

#: The burn rate in the status bar: the short window of the fast page, so that it turns when the page would.
BURN_WINDOW: Final = 5 * MINUTE
#: A node without a promise of its own is judged by these shares of failed requests.
WARN_ERRORS: Final = 0.01
BAD_ERRORS: Final = 0.05
#: Fewer failures than this in a minute are noise, whatever their share.
FEW: Final = 5
FULL: Final = 0.9
_MESSAGES: Final = 120


class Scene:
    """Makes frames of one run.

    Args:
        run: The run.
        coach: James, or None for a console without him.

    Attributes:
        service: The service whose signals are shown; at first the one whose objective has spent most.
    """

    def __init__(self, run: Run, coach: Coach | None = None) -> None:
        self.run = run
        self.coach = coach
        self.topology = topology.topology(run.scenario)
        self._promises = {slo.metadata.name: slo.spec.service for slo in run.scenario.spec.slos}
        names = [place.name for place in self.topology.places if place.role != USERS]
        promised = [name for name in self._promises.values() if name in names]
        self.service = (promised or names or [""])[0]
        self.services = tuple(names)
        self._traffic: tuple[int, TrafficMap] | None = None
        self._charts: tuple[tuple[int, str], tuple[view.Signals, bytes]] | None = None

    def workload(self, service: str) -> str:
        """The Deployment behind a service; empty where there is none."""
        return next((place.workload for place in self.topology.places if place.name == service), "")

    def promise(self, service: str) -> Slo | None:
        """The objective whose promise this service keeps, else the one that its counters measure."""
        slos = self.run.slos
        for name, owner in self._promises.items():
            if owner == service and name in slos:
                return slos[name]
        return next((slo for slo in slos.values() if slo.objective.service == service), None)

    @property
    def title(self) -> str:
        """The scenario's title; in a game day it would tell what goes wrong, and waits for the debrief."""
        run = self.run
        return "Game day" if run.mode == "game-day" and not run.ended else run.scenario.metadata.title

    def frame(
        self,
        *,
        playing: bool = False,
        speed: int = 10,
        notice: str = "",
        again: tuple[view.Again, ...] = (),
    ) -> tuple[view.Frame, bytes]:
        """What the console shows now, and the samples of its charts.

        Args:
            playing: The clock runs by itself.
            speed: How fast it does.
            notice: What the console itself has to tell.
            again: Ways to play again, offered once the drill is over.
        """
        run = self.run
        nodes, edges = self._map()
        signals, block = self._signals()
        frame = view.Frame(
            title=self.title,
            mode=run.mode,
            seed=run.seed,
            variant=run.variant,
            clock=view.Clock(
                seconds(run.now), seconds(run.duration), run.ended, playing, speed, run.mode in PAUSABLE
            ),
            budgets=self._budgets(),
            pages=tuple(
                view.Page(
                    page.id,
                    page.name,
                    seconds(page.since),
                    page.summary,
                    _seconds(page.acked_at),
                    _seconds(page.resolved_at),
                )
                for page in run.pager.pages
            ),
            steps=self._steps(),
            nodes=nodes,
            edges=edges,
            markers=self._markers(),
            signals=signals,
            confirm="" if run.pending is None else run.pending.act.line,
            hint_cost=format_duration(run.costs["hint"]),
            typing=run.incident.typing,
            notice=notice,
            again=again if run.ended else (),
        )
        return frame, block

    # -- status bar --------------------------------------------------------------------------------

    def _budgets(self) -> tuple[view.Budget, ...]:
        run = self.run
        rows = []
        for slo in run.slos.values():
            objective, budget = slo.objective, slo.budget_left(run.now)
            factors = [
                float(condition.factor)
                for rule in run.alerts.rules
                if rule.slo == objective.name and rule.severity == "page"
                for condition in rule.conditions
            ]
            empty = slo.time_to_exhaustion(run.now, over=BURN_WINDOW)
            rows.append(
                view.Budget(
                    name=objective.name,
                    title=objective.title or objective.name,
                    target=objective.target_text,
                    window=objective.window_text,
                    left=budget.share_left,
                    left_at_start=slo.budget_left(0).share_left,
                    burn=known(slo.burn_rate(BURN_WINDOW, run.now)),
                    page_burn=max(factors, default=1.0),
                    empty_in=None if empty is None or empty > objective.window else seconds(empty),
                    minutes_left=budget.minutes_left,
                    burn_over=format_duration(BURN_WINDOW),
                )
            )
        return tuple(sorted(rows, key=lambda row: row.left - row.left_at_start))

    def _steps(self) -> tuple[view.Step, ...]:
        if self.coach is None:
            return ()
        steps = self.coach.steps
        rows = []
        for item in steps.items:
            state = item.state
            if state in ("current", "late"):
                shown = "current" if item.name == steps.current else "beside"
            else:
                shown = state
            used = item.used / item.budget if item.budget else None
            rows.append(view.Step(item.title, view.step_state(shown), item.note, used, state == "late"))
        return tuple(rows)

    # -- what changes with a scrape only, at most every five seconds of simulated time ----------------

    def _scraped(self) -> int:
        times = self.run.telemetry.store.times
        return int(times[-1]) if len(times) else self.run.now

    def _signals(self) -> tuple[view.Signals, bytes]:
        key = (self._scraped(), self.service)
        if self._charts is None or self._charts[0] != key:
            self._charts = (key, charts.signals_of(self, key[0]))
        return self._charts[1]

    def _traffic_map(self) -> TrafficMap:
        at = self._scraped()
        if self._traffic is None or self._traffic[0] != at:
            self._traffic = (at, traffic_map(self.run.telemetry, at))
        return self._traffic[1]

    # -- map ---------------------------------------------------------------------------------------

    def _map(self) -> tuple[tuple[view.Node, ...], tuple[view.Edge, ...]]:
        traffic = self._traffic_map()
        arrivals = [edge for edge in traffic.edges if edge.users]
        flows = _flows(traffic.edges)
        nodes = []
        for place in self.topology.places:
            if place.role == USERS:
                total = sum(edge.rps for edge in arrivals if not isnan(edge.rps))
                nodes.append(view.Node(place.name, place.role, place.column, place.row, "ok", total))
            else:
                nodes.append(self._node(place, traffic.nodes.get(place.name)))
        edges = tuple(
            self._edge(caller, callee, flows.get((caller, callee))) for caller, callee in self.topology.calls
        )
        return tuple(nodes), edges

    def _node(self, place: topology.Place, now: NodeTraffic | None) -> view.Node:
        if now is None:
            return view.Node(place.name, place.role, place.column, place.row, "unknown", reason="no data")
        pods = self.pods(place.workload)
        health, reason = self._judge(place.name, now.error_ratio, now.rps)
        ready = sum(pod.ready for pod in pods)
        if health == "ok" and pods and ready < len(pods):
            health, reason = "warn", f"{len(pods) - ready} not ready"
        if health == "ok" and not isnan(now.saturation) and now.saturation >= FULL:
            health, reason = "warn", f"{now.saturation:.0%} busy".replace("%", " %")
        if not pods and place.workload:
            health, reason = "bad", "no pods"
        return view.Node(
            name=place.name,
            role=place.role,
            column=place.column,
            row=place.row,
            health=health,
            rate=known(now.rps),
            errors=known(now.error_ratio),
            saturation=known(now.saturation),
            queue=known(now.queue),
            pods=pods,
            split=charts.split(self, place.name) if len(now.pods) > 1 else (),
            reason=reason,
        )

    def _judge(self, service: str, errors: float, rps: float) -> tuple[view.Health, str]:
        """Failed requests over what was promised: failing. Without a promise: by two plain shares."""
        if isnan(errors):
            return "unknown", "no requests"
        words = f"{errors:.0%} err".replace("%", " %") if errors >= 0.1 else f"{percent(errors)} err"
        if isnan(rps) or errors * rps * 60 < FEW:
            return "ok", ""
        slo = self.promise(service) if service in self._promises.values() else None
        limit = float(slo.objective.allowance) if slo else BAD_ERRORS
        if errors > limit:
            return "bad", words
        return ("warn", words) if slo is None and errors > WARN_ERRORS else ("ok", "")

    def _edge(self, caller: str, callee: str, now: EdgeTraffic | None) -> view.Edge:
        if now is None:
            return view.Edge(caller, callee)
        health, _ = self._judge(callee, now.error_ratio, now.rps)
        if health == "unknown":
            health = "ok"
        return view.Edge(caller, callee, known(now.rps), known(now.error_ratio), health)

    def pods(self, workload: str) -> tuple[view.PodDot, ...]:
        """The pods of a workload that are not on their way out, those of new versions last."""
        cluster = self.run.production.cluster
        owner = cluster.workload(workload) if workload else None
        if owner is None:
            return ()
        fresh = charts.new_versions(self.run, workload)
        dots = []
        for pod in cluster.pods_of(owner):
            if pod.terminating:
                continue
            version = pod.spec.containers[0].image.rpartition(":")[2]
            dots.append(view.PodDot(pod.meta.name, version, pod.ready, version in fresh))
        return tuple(sorted(dots, key=lambda dot: dot.new))

    # -- markers, channel, terminal ----------------------------------------------------------------

    def _markers(self) -> tuple[view.Marker, ...]:
        now = seconds(self.run.now)
        owner = self.workload(self.service)
        rows = []
        for mark in self.run.markers:
            at = seconds(mark.at)
            if at < now - view.WINDOW_SECONDS - view.STEP_SECONDS:
                continue
            text, long = mark.text, mark.text
            if mark.kind == "deploy":
                deployment, _, version = mark.text.partition(" ")
                text, long = version if deployment == owner else mark.text, f"deploy {mark.text}"
            elif mark.kind == "page":
                text, long = "page", f"page: {mark.text}"
            elif mark.kind == "resolved":
                text, long = "ok", f"resolved: {mark.text}"
            elif mark.kind == "act":
                text, long = f"act {mark.number}", f"act {mark.number}: {mark.text}"
            rows.append(view.Marker(at, mark.kind, text, long))
        return tuple(rows)

    def channel(self) -> tuple[view.Message, ...]:
        """The newest messages, oldest first."""
        newest = tuple(
            view.Message(
                message.id,
                seconds(message.at),
                message.kind,
                message.author[:1].upper() + message.author[1:],
                message.text,
                "coach" if message.kind == "coach" else "",
                _seconds(message.acked_at),
            )
            for message in self.run.channel.messages[-_MESSAGES:]
        )
        return (*self._handover(), *newest)

    def _handover(self) -> tuple[view.Message, ...]:
        """What the shift before tells the learner; it stands above everything."""
        words = handed_over(self.run.scenario, self.run.guidance)
        return (view.Message("handover", 0.0, "system", "Shift handover", words),) if words else ()


def _flows(edges: Sequence[EdgeTraffic]) -> dict[tuple[str, str], EdgeTraffic]:
    """Arrows by their ends; all traffic sources together are the users."""
    flows: dict[tuple[str, str], EdgeTraffic] = {}
    for edge in edges:
        key = (USERS if edge.users else edge.caller, edge.callee)
        before = flows.get(key)
        if before is None:
            flows[key] = edge
            continue
        rps = before.rps + edge.rps
        failed = sum(each.rps * each.error_ratio for each in (before, edge) if each.rps > 0)
        flows[key] = replace(before, rps=rps, error_ratio=failed / rps if rps > 0 else nan)
    return flows


def known(value: float) -> float | None:
    """NaN is not a number that a page could show."""
    return None if isnan(value) else float(value)


def percent(share: float) -> str:
    """A share as per cent, finer the smaller it is."""
    value = 100 * share
    return f"{value:.2f} %" if value < 0.095 else f"{value:.1f} %" if value < 99.95 else "100 %"


def _seconds(at: int | None) -> float | None:
    return None if at is None else at / SECOND
