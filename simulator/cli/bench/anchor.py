"""The ceiling: the same event loop in C at -O3, built when this machine has a compiler.

It counts what the engine counts and draws from a generator of its own; the ratio to it says what it costs to
compile Python instead. Without a compiler there is no ratio, and nothing else is lost.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("anchor.c")
_COMPILERS = ("cc", "gcc", "clang")
_PATIENCE_SECONDS = 120


def build(folder: Path) -> Path | None:
    """The program, built into ``folder``; None where there is no compiler or it fails."""
    compiler = next((found for name in _COMPILERS if (found := shutil.which(name))), None)
    if compiler is None:
        return None
    program = folder / "anchor"
    command = [compiler, "-O3", "-march=native", str(_SOURCE), "-lm", "-o", str(program)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=_PATIENCE_SECONDS)
    return program if done.returncode == 0 else None


def requests_per_cpu_second(program: Path, workload: str, seconds: float, seed: int) -> float:
    """Run the program for so many simulated seconds."""
    command = [str(program), workload, str(seconds), str(seed)]
    done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=_PATIENCE_SECONDS)
    return float(json.loads(done.stdout)["rps"])
