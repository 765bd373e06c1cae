"""How hard a scenario was measured to be: read from ``difficulty.json``, which ``make proof`` writes.

The file carries the digest of what was measured; of a scenario that has changed since, nothing is known.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

from simulator.scenario.document import Scenario

FILE: Final = "difficulty.json"
Numbers = dict[str, float | int | None]
#: So much of a digest is written down; enough to see that it is another.
_SHOWN: Final = 12
#: What a proof depends on beside what can change a run.
_SEALED: Final = {"noop", "reference", "alternatives", "wrong_paths", "decoys", "checks"}


def proof_digest(scenario: Scenario) -> str:
    """SHA-256 of all that a proof depends on: what can change a run, who plays, how it is judged."""
    sealed = scenario.model_dump(mode="json", by_alias=True, include=_SEALED)
    text = json.dumps([scenario.digest, sealed], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def short_digest(scenario: Scenario) -> str:
    """The same as it is written into tables."""
    return proof_digest(scenario)[:_SHOWN]


def measured(scenario: Scenario, folder: Path) -> Numbers | None:
    """The difficulty of a scenario; None where it was not measured, or was another then.

    Args:
        scenario: With its variant applied.
        folder: Where ``difficulty.json`` is looked for.
    """
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
        entry = dict(found[scenario.name][scenario.variant])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return None
    return entry if entry.pop("digest", "") == short_digest(scenario) else None


def in_words(numbers: Numbers | None) -> str:
    """A measured difficulty in a line for people."""
    if numbers is None:
        return "unmeasured"
    hops, half = numbers["hops"], numbers["minutes_to_half"]
    behind, shown = numbers["wrong_path_distance"], numbers["panels_share"]
    parts = [
        "hops –" if hops is None else f"{hops} hop{'' if hops == 1 else 's'}",
        f"{numbers['decoys']} decoy{'' if numbers['decoys'] == 1 else 's'}",
        f"{numbers['steps']} steps",
        "half the budget lasts the drill" if half is None else f"half the budget gone in {half:.0f} min",
        "no wrong path" if behind is None else f"best wrong path {behind:.0f} points behind",
        "nothing shows" if shown is None else f"{100 * shown:.0f} % of the panels show it",
    ]
    return " · ".join(parts)
