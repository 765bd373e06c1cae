"""What an undo brought back: another release, or the one that ran already, as a revision of its own.

A restart makes a new revision of the same image (kubectl writes its time into the pod template), so one step
back from it is the same release once more. ``kubectl rollout history`` shows the numbers and not the images:
the answer reads like every other rollback's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from simulator.world import Deployment, KubernetesError
from simulator.world.rollouts import Rollout
from simulator.world.workloads import RESTARTED_AT_ANNOTATION

if TYPE_CHECKING:
    from simulator.drill.run import Run
    from simulator.world import PodTemplate

#: The lines that take a release back, in their one spelling, and the kind of object that they name.
_UNDOS: Final = (
    ("kubectl rollout undo deployment/", "deployment"),
    ("kubectl argo rollouts undo ", "rollout"),
)


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo came to.

    Attributes:
        same: The release that it brought back ran already.
        image: That release's image, where a revision of its own was made for it; empty where none was.
    """

    same: bool = False
    image: str = ""


#: What every act is that is no such undo.
NOTHING_UNDONE: Final = Undone()


def template_of(run: Run, canonical: str) -> PodTemplate | None:
    """The pod template of the workload that an undo names, as it is now; None where the line is no undo."""
    for start, kind in _UNDOS:
        if canonical.startswith(start):
            try:
                found = run.cluster.get(kind, canonical.removeprefix(start).split()[0])
            except KubernetesError:
                return None
            return found.spec.template.bare() if isinstance(found, Deployment | Rollout) else None
    return None


def undone(before: PodTemplate | None, after: PodTemplate | None) -> Undone:
    """Compare the templates around an undo; where there is none it brought nothing back."""
    if before is None or after is None or not _plain(before).same_as(_plain(after)):
        return NOTHING_UNDONE
    fresh = not before.same_as(after)
    return Undone(same=True, image=", ".join(each.image for each in after.containers) if fresh else "")


def _plain(template: PodTemplate) -> PodTemplate:
    """A template without the time of a restart, which changes no behaviour."""
    kept = {name: text for name, text in template.annotations.items() if name != RESTARTED_AT_ANNOTATION}
    return replace(template, annotations=kept)
