"""Point 8: what happens can be seen."""

from __future__ import annotations

from collections import Counter

from simulator.authoring.plays.all import Played
from simulator.authoring.plays.panels import Moved, moved
from simulator.authoring.points.finding import Finding, clock, on_seeds
from simulator.scenario.timeline import TimelineEntry
from simulator.units import MINUTE, seconds


def fault_is_visible(played: Played) -> Finding:
    """Point 8: each injected fault changes at least one observable panel by more than noise.

    The run with all entries of the timeline is laid over the one without this entry: same seed, same users,
    same luck, so that what differs comes from the entry.
    """
    if not played.scenario.timeline:
        return Finding(not played.scenario.wrong_paths, "Nothing happens: the timeline is empty.")
    words, ok = [], True
    for index, entry in enumerate(played.scenario.timeline):
        shown = {seed: seen(played, seed, index) for seed in played.seeds}
        hidden = [seed for seed, found in shown.items() if not found]
        name = f"{entry_name(entry)} at {clock(seconds(entry.at))}"
        if hidden:
            ok = False
            words.append(f"{name} moves no panel by more than noise{on_seeds(hidden, len(shown))}")
            continue
        first = Counter(found[0].name for found in shown.values()).most_common(1)[0][0]
        example = next(found[0] for found in shown.values() if found[0].name == first)
        late = max(found[0].minute for found in shown.values()) - entry.at // MINUTE
        words.append(f"{name} moves {example.words} (within {late + 1} min) and {_others(shown)}")
    return Finding(ok, "; ".join(words) + ".")


def seen(played: Played, seed: int, index: int) -> list[Moved]:
    """The panels that an entry of the timeline moves on a seed, the clearest golden signal first."""
    lacking, whole = played.each("without", str(index))[seed], played.each("nothing")[seed]
    since = played.scenario.timeline[index].at // MINUTE
    return moved(lacking.panels, whole.panels, since, int(lacking.until // 60))


def _others(shown: dict[int, list[Moved]]) -> str:
    least = min(len(found) for found in shown.values()) - 1
    return f"{least} other panel{'' if least == 1 else 's'}"


def entry_name(entry: TimelineEntry) -> str:
    """An entry in the file's words, such as ``setImage checkout`` or ``chaos HTTPChaos``."""
    given = entry.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    key = next(key for key in given if key not in ("at", "model"))
    inside = given[key]
    named = (
        "deployment",
        "rollout",
        "kind",
        "source",
        "service",
        "topic",
        "node",
        "zone",
        "flag",
        "configMap",
    )
    word = next((inside[each] for each in named if each in inside), "")
    return f"{key} {word if isinstance(word, str) else word.get('name', '')}".strip()
