"""The game-day console: a widget that shows a run, and hears what the learner does.

Every button is also a line or a method: what the page sends, Python can call. The page sends messages; on a
running kernel they may arrive on another thread than the one that owns the run, so they cross over to the
main loop before anything is touched.
"""

from __future__ import annotations

import asyncio
import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import anywidget
import traitlets

from simulator.drill.acts import PAUSABLE, Act, Answer, ListenerBase
from simulator.errors import GamedayError, SimulationError
from simulator.lab import assets, panes, view
from simulator.lab.clock import SPEEDS, LiveClock
from simulator.lab.debriefing import debrief_view
from simulator.lab.frames import Scene
from simulator.lab.scrollback import Scrollback
from simulator.units import MINUTE

if TYPE_CHECKING:
    from simulator.coach import Coach
    from simulator.drill import Run

#: Who looks at the same tab of the same service again within this time is still at the same look.
_ONE_LOOK: Final = MINUTE
#: The map counts as a tab of pods: their number and state are what it shows of a service.
_MAP: Final = "pods"


class Console(anywidget.AnyWidget):
    """The console of one run.

    Args:
        run: The run that it shows and plays.
        coach: James; without him there are no steps, hints or debrief.

    Attributes:
        again: Asked for ways to play again once the drill is over, where the page is served by itself.
    """

    _esm = traitlets.Unicode(assets.script()).tag(sync=True)
    _css = traitlets.Unicode(assets.style()).tag(sync=True)
    frame = traitlets.Dict().tag(sync=True)
    series = traitlets.Bytes(b"").tag(sync=True)
    channel: traitlets.List[Any] = traitlets.List().tag(sync=True)
    transcript: traitlets.List[Any] = traitlets.List().tag(sync=True)
    pane = traitlets.Dict().tag(sync=True)
    debrief = traitlets.Dict().tag(sync=True)
    trouble = traitlets.Unicode("").tag(sync=True)
    tick = traitlets.Int(0).tag(sync=True)

    def __init__(self, run: Run, coach: Coach | None = None) -> None:
        self._run = run
        self._coach = coach
        self._scene = Scene(run, coach)
        self._owner = threading.get_ident()
        self._loop = _running_loop()
        self._tab = "signals"
        self._trace = ""
        self._due = False
        self._shown = False
        self._notice = ""
        self._scrollback = Scrollback(run)
        self._looks: dict[str, int] = {}
        self.again: Callable[[], tuple[view.Again, ...]] = tuple
        self._clock = LiveClock(
            self._advance,
            lambda: run.now,
            lambda: run.ended,
            self.refresh,
            self._fail,
            speed=10 if self.pausable else 1,
        )
        super().__init__(**self._state())
        self.on_msg(self._receive)
        run.add_listener(_Follower(self))

    # -- what the buttons do, for people who prefer a line of Python -------------------------------

    def line(self, text: str) -> Answer:
        """Type a line, as in the terminal."""
        self._own()
        before = len(self._run.transcript)
        answer = self._run.do(text)
        if len(self._run.transcript) == before:
            self._scrollback.remember(answer)
        if self._coach is not None:
            self._coach.follow_up()
        self.refresh()
        return answer

    def play(self, speed: int | None = None) -> None:
        """Let the clock run by itself, at ×1, ×10 or ×60."""
        self._own()
        if speed is not None:
            self.speed(speed)
        self._notice = ""
        self._clock.play()
        self.refresh()

    def pause(self) -> None:
        """Stop the clock.

        Raises:
            GamedayError: It runs in a game day, where it does not stop.
        """
        if self._clock.playing and not self.pausable:
            raise GamedayError(
                "console.pause",
                expected="a lesson, or a clock that stands",
                got="the clock of a game day, which runs to the end",
                todo="Go on; console.speed(1) makes it run no faster than yours.",
            )
        self._clock.pause()
        self.refresh()

    @property
    def pausable(self) -> bool:
        """Whether the run's mode lets a running clock stop."""
        return self._run.mode in PAUSABLE

    def speed(self, value: int) -> None:
        """How fast the clock runs.

        Raises:
            GamedayError: No such speed.
        """
        if value not in SPEEDS:
            raise GamedayError(
                "console.speed",
                expected=", ".join(str(each) for each in SPEEDS),
                got=repr(value),
                todo="Choose one of them.",
            )
        self._clock.speed = value
        self._notice = ""
        self.refresh()

    def select(self, service: str) -> None:
        """Show the signals of a service, and the tab that is open; that is a look at it.

        Raises:
            GamedayError: No such service on the map.
        """
        if service not in self._scene.services:
            raise GamedayError(
                "console.select",
                expected=f"one of {', '.join(self._scene.services)}",
                got=repr(service),
                todo="The map shows the services.",
            )
        self._scene.service = service
        self._look(_MAP if self._tab == panes.SIGNALS else self._tab)
        self.refresh()

    def open_tab(self, tab: str) -> None:
        """Open a tab: signals, logs, traces, events, rollout or alerts. To read in one is a look.

        Raises:
            GamedayError: No such tab.
        """
        if tab not in panes.TABS:
            raise GamedayError(
                "console.open_tab",
                expected=f"one of {', '.join(panes.TABS)}",
                got=repr(tab),
                todo="Open one of them.",
            )
        self._tab = tab
        self._look(tab)
        self.refresh()

    def open_map(self) -> None:
        """Look at the map and its pods, where it is a tab as well."""
        self._look(_MAP)
        self.refresh()

    def show_trace(self, trace: str) -> None:
        """Draw this visit in the traces tab.

        Args:
            trace: Its id, as log lines have it.
        """
        self._tab, self._trace = "traces", trace
        self.refresh()

    def look_back(
        self, account: tuple[str, ...] = (), *, answer: str = "", rule: str = "", change: str = ""
    ) -> None:
        """Fill the console's debrief; the learner's words open its later steps."""
        self._own()
        if self._coach is None:
            return
        made = self._coach.debrief(account, rule=rule, change=change, answer=answer)
        self.debrief = _object(debrief_view(self._run, made))

    def refresh(self) -> None:
        """Send what has changed; the playing clock asks for it twice a second."""
        state = self._state()
        with self.hold_sync():
            for name, value in state.items():
                setattr(self, name, value)
            self.tick += 1

    def close(self) -> None:
        """Stop the clock and take the console off the page."""
        self._clock.close()
        super().close()

    def _look(self, tab: str) -> None:
        """Write down that a tab of the selected service was opened: looking here counts as looking.

        Not over a question that waits for a yes: any other line would answer it.
        """
        run, service = self._run, self._scene.service
        if tab == panes.SIGNALS or run.ended or run.pending is not None or not self._scene.workload(service):
            return
        line = f"view {tab} {service}"
        last = self._looks.get(line)
        if last is None or run.now - last >= _ONE_LOOK:
            self._looks[line] = run.now
            self.line(line)

    # -- the clock ---------------------------------------------------------------------------------

    def _advance(self, until: int) -> None:
        """One slice of the playing clock. A page ends the hurry, as it ends a ``wait``."""
        pages = len(self._run.pager.pages)
        self._run.advance(until)
        if len(self._run.pager.pages) == pages:
            return
        if self.pausable:
            self._clock.pause()
            self._notice = "The pager rings, so the clock stands. Play lets it go on."
        elif self._clock.speed > 1:
            self._clock.speed = 1
            self._notice = "The pager rings, so the clock is back at ×1. It does not stop in a game day."

    # -- sending -----------------------------------------------------------------------------------

    def _state(self) -> dict[str, Any]:
        frame, block = self._scene.frame(
            playing=self._clock.playing,
            speed=self._clock.speed,
            notice=self._notice if any(page.waits for page in self._run.pager.pages) else "",
            again=self.again() if self._run.ended else (),
        )
        table = panes.pane(self._scene, self._tab, self._trace)
        return {
            "frame": _object(frame),
            "series": block,
            "channel": view.wire(self._scene.channel()),
            "transcript": view.wire(self._scrollback.entries()),
            "pane": {} if table is None else _object(table),
        }

    def follow(self) -> None:
        """Somebody acted on the run elsewhere (a cell, the coach): refresh once the loop is free."""
        if self._loop is None or self._due or not self._shown:
            return
        self._due = True
        self._loop.call_soon_threadsafe(self._catch_up)

    def _catch_up(self) -> None:
        self._due = False
        self.refresh()

    def _repr_mimebundle_(self, **wanted: Any) -> Any:
        """Shown by a cell: this is the main thread, and its loop is the one that plays."""
        self._owner = threading.get_ident()
        self._loop = _running_loop() or self._loop
        self._shown = True
        LiveClock.close_other(self._clock)
        self.trouble = ""
        self.refresh()
        return super()._repr_mimebundle_(**wanted)

    # -- hearing -----------------------------------------------------------------------------------

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        """A message of the page, on whatever thread the kernel delivers it."""
        if content.get("do") == "pause" and self.pausable:
            self._clock.pause()
        here = threading.get_ident() == self._owner
        if self._loop is None or (here and _running_loop() is None):
            self._handle(content)
        else:
            self._loop.call_soon_threadsafe(self._handle, content)

    def _handle(self, content: dict[str, Any]) -> None:
        try:
            self._own()
            self._obey(content)
        except Exception as error:  # noqa: BLE001 - a callback's error is otherwise silent
            self._fail(error)
        finally:
            self.send({"heard": str(content.get("do", ""))})

    def _obey(self, content: dict[str, Any]) -> None:
        match content.get("do"):
            case "line":
                self.line(str(content.get("line", "")))
            case "complete":
                text = str(content.get("line", ""))
                self.send({"line": text, "words": self._run.complete(text)})
            case "play":
                self.play()
            case "pause":
                self.pause()
            case "speed":
                self.speed(int(content.get("speed", 0)))
            case "select":
                self.select(str(content.get("service", "")))
            case "tab":
                self.open_tab(str(content.get("tab", "")))
            case "map":
                self.open_map()
            case "trace":
                self.show_trace(str(content.get("id", "")))
            case "debrief":
                words = {key: str(content.get(key, "")) for key in ("answer", "rule", "change")}
                self.look_back(tuple(str(line) for line in content.get("account", ())), **words)
            case _:
                self.refresh()

    def _own(self) -> None:
        """A run has one owner thread; anything else is a fault of ours and must be loud."""
        if threading.get_ident() != self._owner:
            raise SimulationError(
                "console",
                expected="the thread that shows the console",
                got="another thread",
                todo="Run the cell that shows the drill again.",
            )

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, GamedayError):
            self.trouble = str(error)
            return
        last = traceback.extract_tb(error.__traceback__)[-1:]
        where = f" ({last[0].name}, line {last[0].lineno})" if last else ""
        self.trouble = (
            f"The console met an error: {type(error).__name__}: {error}{where}. "
            "Run the cell again; the run itself is kept."
        )


class _Follower(ListenerBase):
    """Keeps a shown console up to date with acts that come from elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def after_act(self, run: Run, act: Act, answer: Answer) -> None:  # noqa: ARG002
        """An act was applied and its cost has passed."""
        self._console.follow()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _object(record: object) -> dict[str, view.Wire]:
    made = view.wire(record)
    assert isinstance(made, dict)
    return made
