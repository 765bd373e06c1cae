"""What a proof leaves in the repository: the table ``PROOF.md`` and the measured ``difficulty.json``.

Both carry the digest of what was proved, so that neither can go stale unnoticed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from simulator.authoring.proof import POINTS, Proof
from simulator.scenario.measured import FILE, short_digest

TABLE: Final = "PROOF.md"
_HEAD: Final = """\
# The proof

Written by `make proof`; not by hand. Each scenario, and each variant of it, was played on {seeds} by
players that do nothing, the reference, every alternative, every wrong path and eight degenerate ones;
without each entry of its timeline, and in the world in which each decoy is guilty. `gameday check NAME`
plays it again. What the twelve points ask is in [README.md](README.md#the-proof).
"""


def table(proofs: Sequence[Proof]) -> str:
    """``PROOF.md``: one line a variant, then each with its evidence."""
    seeds = sorted({len(proof.seeds) for proof in proofs})
    count = " or ".join(f"{each} seed{'' if each == 1 else 's'}" for each in seeds)
    numbers = " | ".join(map(str, POINTS))
    rows = [
        _HEAD.format(seeds=count),
        f"| scenario | variant | digest | {numbers} | difficulty |",
        "|---|---|---|" + "---|" * len(POINTS) + "---|",
    ]
    for proof in proofs:
        marks = " | ".join(_mark(point.passed) for point in proof.points if point.number in POINTS)
        digest = short_digest(proof.scenario)
        named = f"{proof.scenario.name} | {proof.scenario.variant} | `{digest}`"
        rows.append(f"| {named} | {marks} | {_hard(proof)} |")
    for proof in proofs:
        rows += ["", f"## {proof.scenario.name}, variant {proof.scenario.variant}", ""]
        rows += ["| point | | evidence |", "|---|---|---|"]
        for point in proof.points:
            held = _mark(point.passed)
            rows.append(f"| {point.number} {point.title} | {held} | {_cell(point.evidence)} |")
    return "\n".join(rows) + "\n"


def _mark(passed: bool) -> str:
    return "ok" if passed else "**fails**"


def _hard(proof: Proof) -> str:
    return proof.difficulty.words if proof.difficulty is not None else "unmeasured"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("*", "\\*").replace("<", "&lt;")


def difficulties(proofs: Sequence[Proof]) -> str:
    """``difficulty.json``: by name, one entry a variant, with the digest of what was measured."""
    found: dict[str, list[dict[str, object]]] = {}
    for proof in proofs:
        entry: dict[str, object] = {"digest": short_digest(proof.scenario)}
        entry.update(proof.difficulty.to_json() if proof.difficulty is not None else {})
        found.setdefault(proof.scenario.name, []).append(entry)
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def write(proofs: Sequence[Proof], folder: Path) -> None:
    """Write both into the folder of the scenarios."""
    (folder / TABLE).write_text(table(proofs), encoding="utf-8")
    (folder / FILE).write_text(difficulties(proofs), encoding="utf-8")
