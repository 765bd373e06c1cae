"""Dependencies stand in three files: pyproject.toml says what, requirements.lock says which.

``environment.yml`` is written from the lock, for conda and Binder, by ``python -m tests.house.lockstep``
(``make lock`` calls it). The test beside this file fails when one of the three was changed alone.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON_FOR_CONDA = "3.12"

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]+?))?\s*\\?$")

_HEADER = """\
# For conda and Binder: the versions of requirements.lock, which `make lock` wrote here. Do not edit by hand.
#   conda env create -f environment.yml && conda activate gameday && gameday lab
name: gameday
channels:
  - conda-forge
dependencies:
  - python={python}
  - pip
  - pip:
"""


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of the lock.

    Attributes:
        name: The distribution's name, normalised as PEP 503 says.
        version: The exact version.
        marker: The environment marker, or an empty string.
        hashes: How many hashes stand under it.
    """

    name: str
    version: str
    marker: str
    hashes: int


def normalised(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(text: str) -> list[Pin]:
    """Every pin of a lock file, in its order, with the number of its hashes."""
    pins: list[Pin] = []
    for line in text.splitlines():
        if found := _PIN.match(line):
            pins.append(Pin(normalised(found["name"]), found["version"], (found["marker"] or "").strip(), 0))
        elif line.strip().startswith("--hash=") and pins:
            last = pins[-1]
            pins[-1] = Pin(last.name, last.version, last.marker, last.hashes + 1)
    return pins


def declared(pyproject: str) -> dict[str, str]:
    """Direct dependencies of the project and its extras: normalised name to its lowest version."""
    project = tomllib.loads(pyproject)["project"]
    lines = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    return {normalised(name): lowest for name, lowest in (line.split(">=", 1) for line in lines)}


def environment_text(pins: list[Pin]) -> str:
    """The text of environment.yml for these pins.

    The kit itself comes last and editable, as in a checkout.
    """
    lines = [
        f'    - "{pin.name}=={pin.version}' + (f" ; {pin.marker}" if pin.marker else "") + '"' for pin in pins
    ]
    return (
        _HEADER.format(python=PYTHON_FOR_CONDA)
        + "\n".join("  " + line for line in [*lines, '    - "-e ."'])
        + "\n"
    )


def main() -> None:
    """Write environment.yml from requirements.lock."""
    pins = read_lock((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    (ROOT / "environment.yml").write_text(environment_text(pins), encoding="utf-8")


if __name__ == "__main__":
    main()
