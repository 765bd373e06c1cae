"""Point 11: the same run twice is the same run."""

from __future__ import annotations

from simulator.authoring.plays.all import Played
from simulator.authoring.points.finding import Finding, on_seeds


def same_bytes(played: Played) -> Finding:
    """Point 11: same seed and same decisions give the same bytes of log; different seeds differ.

    The reference is played, and its acts are replayed without a coach, in another process or later; the
    digests (acts, events, alerts, every scraped counter) are compared. That platforms agree is the golden
    digests' to say.
    """
    first, again = played.each("reference"), played.each("replay")
    differ = [seed for seed in played.seeds if first[seed].digest != again[seed].digest]
    if differ:
        return Finding(False, f"A replay gives another digest{on_seeds(differ, len(played.seeds))}.")
    different = {record.digest for record in first.values()} | {
        record.digest for record in played.each("nothing").values()
    }
    expected = len(played.seeds) + (len(played.seeds) if played.scenario.reference else 0)
    if len(different) < expected:
        return Finding(
            False, f"{expected} different runs give {len(different)} digests: something is not drawn."
        )
    digest = first[played.seeds[0]].digest.partition(":")[2][:12]
    return Finding(
        True,
        f"Replays agree (seed {played.seeds[0]}: {digest}…); {expected} different runs give as many digests.",
    )
