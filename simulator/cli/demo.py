"""``gameday demo``: the welcome's incident in half a minute, played by the reference, told by James.

The welcome walks through that one by the hand, so whoever saw it here has lost no answer of the course.

The run is real: what is shown is being simulated. On a terminal the clock is slowed for the eye; into a pipe
the same lines go without waiting.
"""

from __future__ import annotations

import time
from math import isnan
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from simulator.cli.chart import bar, columns, fitted
from simulator.coach import Coach
from simulator.drill import Act, Answer, Message, Run, play, result_of
from simulator.drill.observing import resolved
from simulator.drill.players import NOTHING, REFERENCE
from simulator.scenario import load
from simulator.slo import worst
from simulator.units import MINUTE, format_clock

_SCENARIO: Final = "welcome"
#: What the show takes on the wall clock; the minutes around the first act pass slower than the others.
_SHOW_SECONDS: Final = 22.0
_SLOWER: Final = 10
_BEFORE_ACTS, _AFTER_ACTS = MINUTE, 4 * MINUTE
#: How much is shown after the last line.
_AFTER: Final = MINUTE
_ROWS: Final = 6
_CHROME_ROWS: Final = _ROWS + 4
_STYLES: Final = {"page": "bold red", "coach": "cyan", "people": "magenta", "status": "green", "you": "white"}
_OPENING: Final = (
    "Stay calm and watch. Somebody else is on call this time; you see what they see. Follow the errors, "
    "not the deploy log."
)


def play_demo(console: Console, *, seed: int, speed: float) -> None:
    """Play it.

    Args:
        console: Where it is shown.
        seed: Whose luck.
        speed: 2 plays twice as fast; a console that is no terminal is never waited for.
    """
    scenario = load(_SCENARIO)
    show = _Show(console, Run(scenario, seed, mode="game-day"))
    seconds = _SHOW_SECONDS / speed if console.is_terminal else 0.0
    show.play([(step.at, step.run) for step in scenario.reference], seconds)
    _close(console, show.run)


class _Pace:
    """When, on the wall clock, an instant of the run is due; slow where something is happening.

    Args:
        seconds: What the whole takes; 0 never waits.
        acts_at: When the first line is typed, ns.
        end: Where the show ends, ns.
    """

    def __init__(self, seconds: float, *, acts_at: int, end: int) -> None:
        self._seconds = seconds
        self._slow = (acts_at - _BEFORE_ACTS, acts_at + _AFTER_ACTS)
        self._whole = self._weight(end)
        self._begun = time.monotonic()

    def due(self, at: int) -> float:
        """Seconds from the start of the show to the instant ``at``."""
        return self._seconds * self._weight(at) / self._whole

    def wait(self, at: int) -> None:
        """Sleep until the instant is due; a machine that is late does not sleep."""
        time.sleep(max(0.0, self._begun + self.due(at) - time.monotonic()))

    def _weight(self, at: int) -> int:
        low, high = self._slow
        return at + (_SLOWER - 1) * max(0, min(at, high) - max(low, 0))


class _Show:
    """The run, what was said, and a window on both."""

    def __init__(self, console: Console, run: Run) -> None:
        self.run = run
        self._console = console
        self._heard = 0
        self._told: list[Text] = []
        self._live: Live | None = None
        Coach(run)

    def play(self, steps: list[tuple[int, str]], seconds: float) -> None:
        """Type each line at its time, with the curve moving between them; then let the drill end."""
        end = min(steps[-1][0] + _AFTER, self.run.duration)
        pace = _Pace(seconds, acts_at=steps[0][0], end=end)
        with Live(console=self._console, auto_refresh=False) as live:
            self._live = live if self._console.is_terminal else None
            self._tell(Text(f"James  {_OPENING}", style="cyan"))
            for at, line in steps:
                self._watch(at, pace)
                self._type(line)
            self._watch(end, pace)
        self.run.finish()

    def _watch(self, until: int, pace: _Pace) -> None:
        while self.run.now < until:
            self.run.advance(min(until, self.run.now + self.run.telemetry.interval))
            self._listen()
            self._draw()
            pace.wait(self.run.now)

    def _type(self, line: str) -> None:
        answer: Answer = self.run.apply(Act(self.run.now, resolved(self.run, line), REFERENCE))
        self._tell(Text(f"{format_clock(answer.at)}  $ {answer.line}", style="bold"))
        last = next((text for text in reversed(answer.text.splitlines()) if text.strip()), "")
        if last and answer.kind != "communicate":
            self._tell(Text(f"          {last}", style="dim", overflow="ellipsis", no_wrap=True))
        self._listen()

    def _listen(self) -> None:
        """Tell what was said in the channel since last time."""
        for message in list(self.run.channel)[self._heard :]:
            self._heard += 1
            if message.kind not in ("you", "status"):
                self._tell(_said(message))

    def _tell(self, line: Text) -> None:
        self._told.append(line)
        if self._live is None:
            self._console.print(line)

    def _draw(self) -> None:
        if self._live is not None:
            self._live.update(self._picture(), refresh=True)

    def _newest(self) -> list[Text]:
        """As many of the newest lines as the screen has room for."""
        room = self._console.height - _CHROME_ROWS
        kept: list[Text] = []
        for line in reversed(self._told):
            room -= len(line.wrap(self._console, self._console.width, no_wrap=line.no_wrap))
            if room < 0:
                break
            kept.insert(0, line)
        return kept

    def _picture(self) -> RenderableType:
        run, width = self.run, min(self._console.width - 4, 96)
        slo = worst(run.slos, run.now)
        curve = slo.curve(0, max(run.now, 1), over=MINUTE)
        errors = fitted([float(value) for value in curve.error_ratio], width)
        left = slo.budget_left(run.now).share_left
        known = [value for value in errors if not isnan(value)]
        top = max([0.05, *known])
        head = Text(f"{format_clock(run.now)}   ", style="bold")
        head.append(f"errors {100 * known[-1] if known else 0:.1f} %   ", style="red")
        head.append(f"budget left {100 * left:.1f} %  {bar(left, width=24)}", style="yellow")
        chart = Text("\n".join(columns(errors, rows=_ROWS, top=top)), style="red", no_wrap=True)
        title = f"{run.scenario.metadata.title}: error ratio, up to {100 * top:.0f} %"
        return Group(Panel(Group(head, chart), title=title, width=width + 4), *self._newest())


def _said(message: Message) -> Text:
    style = _STYLES.get(message.kind, "")
    author = message.author.split(" ")[0] if message.kind == "coach" else message.author
    return Text(f"{format_clock(message.at)}  {author}: {message.text}", style=style)


def _close(console: Console, run: Run) -> None:
    """Both numbers: this play's, and that of nobody on call, for the same users with the same luck."""
    console.print()
    nobody = play(run.scenario, run.seed, player=NOTHING)
    for title, one in (("this play", result_of(run, REFERENCE)), ("nobody on call", nobody)):
        console.print(
            f"{title:<15}{100 * one.budget_spent:5.1f} % of the error budget spent   "
            f"{one.user_minutes_bad:>7,} bad user-minutes"
        )
    console.print(
        "\nSame users, same luck: the difference is the decisions.\n"
        "[cyan]James: your turn.[/cyan] [bold]gameday lab[/bold]"
    )
