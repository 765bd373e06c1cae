"""The gate: every part, fast ones first, with its time; a table and one closing line at the end.

``make test`` calls it, and so does continuous integration; ``python -m tests.gate house unit`` runs these
two parts only. Parts are programs of their own, so two run side by side where there are two cores, and each
one's output is printed in one piece. A part that fails does not hide the others: all run, and the exit code
is 1.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.browser.chromium import ensure_chromium
from tests.house.lockstep import ROOT

_CLOSING = re.compile(r"(?P<count>\d+) (?P<outcome>passed|failed|error|errors|skipped)\b")
_NOTHING_COLLECTED = 5


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the gate.

    Attributes:
        name: What is typed and printed.
        commands: The command lines, each run with this Python.
        needs: Environment variables to be found first; it may raise an error that fails the part.
        asked: It runs only when it is named.
        alone: Nothing else runs beside it, since it plays at the pace of a person.
    """

    name: str
    commands: tuple[tuple[str, ...], ...]
    needs: Callable[[], dict[str, str]] = dict
    asked: bool = False
    alone: bool = False


@dataclass(slots=True)
class Result:
    """How a part ended.

    Attributes:
        name: The part's name.
        ok: Whether every command of it succeeded.
        wall_seconds: What it took by the clock on the wall.
        counts: Tests by outcome, from pytest's closing line; empty where no test ran.
    """

    name: str
    ok: bool = True
    wall_seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)


def _pytest(*arguments: str) -> tuple[str, ...]:
    return ("-m", "pytest", "-q", *arguments)


#: The tests of the data plane, which the uncompiled twin passes too: it refuses what numba would swallow.
_DATAPLANE: Final = (
    "tests/determinism/test_dataplane_pairs.py",
    "tests/extreme/test_dataplane_limits.py",
    "tests/property/test_conservation.py",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "unit").glob("test_dataplane_*.py")),
)


def _folder(name: str) -> Part:
    return Part(name, (_pytest(f"tests/{name}"),))


PARTS: tuple[Part, ...] = (
    Part("style", (("-m", "ruff", "check", "."), ("-m", "ruff", "format", "--check", "."))),
    Part("types", (("-m", "mypy"),)),
    *(_folder(name) for name in ("house", "unit", "theory", "extreme", "property", "determinism", "golden")),
    _folder("scenarios"),
    Part("endurance", (_pytest("tests/endurance"),), asked=True),
    Part("twin", (_pytest(*_DATAPLANE),), needs=lambda: {"NUMBA_DISABLE_JIT": "1"}, asked=True),
    _folder("notebooks"),
    Part("browser", (_pytest("tests/browser"),), needs=lambda: {"CHROMIUM": ensure_chromium()}, alone=True),
)
#: Parts that run side by side at most.
LANES: Final = min(2, os.cpu_count() or 1)


def chosen(names: Sequence[str]) -> list[Part]:
    """The parts of these names, in the gate's order; without names, all that need not be asked for."""
    known = {part.name for part in PARTS}
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"gate: expected parts among {', '.join(sorted(known))}, got {', '.join(unknown)}.")
    return [part for part in PARTS if (part.name in names if names else _exists(part) and not part.asked)]


def _exists(part: Part) -> bool:
    folder = ROOT / "tests" / part.name
    return part.name in ("style", "types") or (folder.is_dir() and any(folder.rglob("test_*.py")))


def run(part: Part, say: Callable[[str], None]) -> Result:
    """Run one part.

    Args:
        part: Which.
        say: Takes its output, line by line as it comes.
    """
    result = Result(part.name)
    say(f"\n== {part.name} " + "=" * (107 - len(part.name)) + "\n")
    begun = time.monotonic()
    try:
        environment = {**os.environ, **part.needs()}
    except Exception as error:  # noqa: BLE001 - whatever a part lacks is that part's failure, said in its own words
        say(f"{error}\n")
        result.ok = False
    else:
        for command in part.commands:
            code, text = _pass_through(command, environment, say)
            result.counts.update(count_outcomes(text))
            result.ok &= code == 0 or (code == _NOTHING_COLLECTED and not Path(command[-1]).exists())
    result.wall_seconds = time.monotonic() - begun
    return result


def run_all(parts: Sequence[Part], lanes: int = LANES) -> list[Result]:
    """Run parts, ``lanes`` at a time; those that want to be alone afterwards, one by one.

    Returns:
        The results, in the order of the parts.
    """
    together = [part for part in parts if not part.alone] if lanes > 1 else []
    found: dict[str, Result] = {}
    with ThreadPoolExecutor(lanes) as pool:
        for result, output in pool.map(_in_one_piece, together):
            _print("".join(output))
            found[result.name] = result
    for part in parts:
        if part.name not in found:
            found[part.name] = run(part, _print)
    return [found[part.name] for part in parts]


def _in_one_piece(part: Part) -> tuple[Result, list[str]]:
    _print(f"-- {part.name} begins\n")
    output: list[str] = []
    return run(part, output.append), output


def _print(text: str) -> None:
    print(text, end="", flush=True)


def _pass_through(
    command: Sequence[str], environment: dict[str, str], say: Callable[[str], None]
) -> tuple[int, str]:
    lines: list[str] = []
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            say(line)
            lines.append(line)
    return process.returncode, "".join(lines)


def count_outcomes(output: str) -> Counter[str]:
    """Tests by outcome out of the last line of pytest that has any."""
    for line in reversed(output.splitlines()):
        if re.search(r"\d+ \w+.* in [\d.]+s", line):
            return Counter({m["outcome"].rstrip("s"): int(m["count"]) for m in _CLOSING.finditer(line)})
    return Counter()


def table(results: Sequence[Result], wall_seconds: float) -> str:
    """One line a part, the total in ``wall_seconds``, and the closing line that a machine reads."""
    rows = ["", f"{'part':<14}{'result':<10}{'tests':>7}{'seconds':>10}"]
    for one in results:
        tests = sum(one.counts.values())
        verdict = "ok" if one.ok else "FAILED"
        rows.append(f"{one.name:<14}{verdict:<10}{tests or '':>7}{one.wall_seconds:>10.1f}")
    total: Counter[str] = Counter()
    for one in results:
        total.update(one.counts)
    failed = total["failed"] + total["error"]
    broken = [one.name for one in results if not one.ok]
    rows.append(f"{'all':<14}{'FAILED' if broken else 'ok':<10}{sum(total.values()):>7}{wall_seconds:>10.1f}")
    if broken:
        rows.append(f"not green: {', '.join(broken)}")
    rows += ["", f"gate: {total['passed']} passed, {failed} failed"]
    return "\n".join(rows)


def main(names: Sequence[str]) -> int:
    """Run the gate, or the named parts of it; the exit code."""
    begun = time.monotonic()
    results = run_all(chosen(names))
    print(table(results, time.monotonic() - begun), flush=True)
    return 0 if results and all(one.ok for one in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
