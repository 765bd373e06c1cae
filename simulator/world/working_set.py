"""A container's memory where no model says it: a working set that its request makes likely."""

from __future__ import annotations

from typing import Final

from simulator.streams import fold, key
from simulator.world.pods import Pod

#: Share of the request that a healthy process takes, in 1/1000: requests are set with some headroom.
_LEAST, _MOST = 550, 700
#: Taken as the request of a container that declares none, so that it shows about 64 MiB.
_UNDECLARED_BYTES: Final = 102 << 20
_PURPOSE: Final = key("working set")


def working_set_bytes(pod: Pod) -> int:
    """The working set of a pod's first container, bytes: constant, and the same in every run for a name.

    It is for showing alone. Nothing is evicted or killed because of it: that hangs on modelled memory.
    """
    asked = pod.spec.containers[0].memory_request_bytes if pod.spec.containers else 0
    share = _LEAST + fold(_PURPOSE, key(pod.meta.name)) % (_MOST - _LEAST + 1)
    return (asked or _UNDECLARED_BYTES) * share // 1000
