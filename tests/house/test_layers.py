"""The one direction of flow: no room imports from a room above it or beside it."""

from __future__ import annotations

import pytest

from tests.house import layers
from tests.house.source import Module, package, report


def test_every_import_points_downwards() -> None:
    """A package imports only from lower layers or from itself; the message names edge, file and line."""
    found = [finding for module in package() for finding in layers.breaches(module)]
    assert not found, report(found)


@pytest.mark.parametrize(
    ("path", "line", "edge"),
    [
        ("simulator/engine/x.py", "from simulator.drill.run import Run", "engine -> drill points upwards"),
        ("simulator/units.py", "import simulator.world.pods", "units -> world points upwards"),
        ("simulator/coach/x.py", "from simulator import lab", "coach -> lab points upwards"),
        (
            "simulator/engine/x.py",
            "def f():\n    from simulator.pipeline import y",
            "engine -> pipeline points sideways",
        ),
        ("simulator/lab/x.py", "import simulator as sim", "lab -> simulator points upwards"),
    ],
)
def test_an_import_upwards_or_sideways_is_found(path: str, line: str, edge: str) -> None:
    """The check sees every way of writing an import, also inside a function."""
    (finding,) = layers.breaches(Module.parse(path, line))
    assert edge in finding.message
    assert str(finding).startswith(f"{path}:{line.count(chr(10)) + 1}: ")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("simulator/drill/x.py", "from simulator.telemetry import Store"),
        ("simulator/drill/x.py", "from simulator.drill.act import Act"),
        ("simulator/distributions.py", "from simulator.streams import mix"),
        ("simulator/__init__.py", "from simulator.api import start"),
        ("simulator/__main__.py", "from simulator.cli import main"),
        ("simulator/world/x.py", "import numpy"),
    ],
)
def test_an_import_downwards_is_allowed(path: str, line: str) -> None:
    """What the table allows passes, so that the check is no mere ban."""
    assert not layers.breaches(Module.parse(path, line))


def test_a_room_without_a_layer_is_refused() -> None:
    """Whoever opens a new room must say where it stands."""
    (finding,) = layers.breaches(Module.parse("simulator/helpers/x.py", ""))
    assert "room 'helpers' has no layer" in finding.message
