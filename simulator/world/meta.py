"""What every object carries: name, labels, annotations, age, owner; and the conditions of its status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.streams import fold, key


@dataclass(frozen=True, slots=True)
class OwnerReference:
    """Who manages an object: its controller's kind, name and uid."""

    kind: str
    name: str
    uid: str


@dataclass(slots=True)
class ObjectMeta:
    """An object's metadata, as Kubernetes shapes it.

    Attributes:
        name: Unique for its kind within the namespace.
        namespace: Empty for cluster-wide kinds.
        labels: What selectors match.
        annotations: What they don't.
        uid: Unique for ever; made from kind, namespace, name and time of creation.
        created_at: Simulated time in ns; negative before T+00:00.
        generation: Counts changes of the spec, from 1.
        deleted_at: When its deletion was asked for; None while it shall live.
        owner: The controller that made it.
        resource_version: Counts every change, over the whole cluster.
    """

    name: str
    namespace: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    uid: str = ""
    created_at: int = 0
    generation: int = 1
    deleted_at: int | None = None
    owner: OwnerReference | None = None
    resource_version: int = 0


def uid_of(kind: str, namespace: str, name: str, created_at: int) -> str:
    """A uid in UUID form that depends on these four alone, so that replays agree."""
    text = f"{kind}/{namespace}/{name}/{created_at}"
    digits = f"{key('uid/' + text):016x}{fold(key(text)):016x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


@dataclass(slots=True)
class Condition:
    """One line of a status: a type, whether it holds, and why.

    Attributes:
        type: For example ``Ready`` or ``Progressing``.
        status: ``True``, ``False`` or ``Unknown``.
        reason: One word in CamelCase.
        message: A sentence for people.
        last_transition_at: When ``status`` last changed, ns.
        last_update_at: When anything of it last changed, ns.
    """

    type: str
    status: str
    reason: str = ""
    message: str = ""
    last_transition_at: int = 0
    last_update_at: int = 0


def find_condition(conditions: list[Condition], type_: str) -> Condition | None:
    """The condition of this type, or None."""
    for condition in conditions:  # a loop, since a rollout asks this a hundred thousand times
        if condition.type == type_:
            return condition
    return None


def set_condition(
    conditions: list[Condition],
    now: int,
    type_: str,
    status: str,
    reason: str = "",
    message: str = "",
    *,
    refresh: bool = False,
) -> bool:
    """Write one condition; its transition time moves only when the status flips.

    The same status and reason again leaves message and times alone, as Kubernetes' controllers do, unless
    ``refresh`` says that the time of the last update is itself news (a rollout's progress).

    Returns:
        Whether anything was written.
    """
    current = find_condition(conditions, type_)
    if current is None:
        conditions.append(Condition(type_, status, reason, message, now, now))
        return True
    if (current.status, current.reason) == (status, reason) and not refresh:
        return False
    if current.status != status:
        current.last_transition_at = now
    current.status, current.reason, current.message, current.last_update_at = status, reason, message, now
    return True


def matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether labels carry every pair of a ``matchLabels`` selector; an empty selector matches all."""
    return all(labels.get(name) == value for name, value in selector.items())
