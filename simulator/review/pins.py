"""Actions by commit: which tag stood on it when somebody looked. What is in no table is never invented.

The newest releases are the interview's table; here are the earlier ones that workflows still use, each a
commit that public workflows name with this tag in the comment.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from simulator.pipeline.interview.actions import pins


class Pin(NamedTuple):
    """One released version of an action: its name, its tag, and the commit in forty digits."""

    action: str
    tag: str
    sha: str


EARLIER: Final = (
    Pin("actions/checkout", "v5.0.0", "08c6903cd8c0fde910a37f88322edcfb5dd907a8"),
    Pin("actions/checkout", "v4.2.2", "11bd71901bbe5b1630ceea73d27597364c9af683"),
    Pin("actions/setup-node", "v4.4.0", "49933ea5288caeca8642d1e84afbd3f7d6820020"),
    Pin("aws-actions/configure-aws-credentials", "v4.0.2", "e3dd6a429d7300a6a4c196c26e071d42e0343502"),
    Pin("docker/build-push-action", "v6.18.0", "263435318d21b8e681c14492fe198d362a7d2c83"),
    Pin("docker/login-action", "v3.4.0", "74a5d142397b4f367a81961eba4e8cd7edddf772"),
    Pin("docker/setup-buildx-action", "v3.11.1", "e468171a9de216ec08956ac3ada2f0791b6bd435"),
    Pin("aquasecurity/trivy-action", "0.33.1", "b6643a29fecd7f34b3597bc6acb0a98b03d33ff8"),
    Pin("sigstore/cosign-installer", "v3.9.2", "d58896d6a1865668819e1d91763c7751a165e159"),
)
_BRANCHES: Final = ("main", "master")


def known() -> tuple[Pin, ...]:
    """Every pin that somebody confirmed, the newest of an action first."""
    newest = tuple(Pin(each.action, each.tag, each.sha) for each in pins().values())
    return (*newest, *EARLIER)


def newest(action: str) -> Pin | None:
    """The newest confirmed release of an action; None for one that is in no table."""
    return next((pin for pin in known() if pin.action == action), None)


def pin_of(action: str, ref: str) -> Pin | None:
    """The newest confirmed release that a tag covers: ``v4`` covers v4.2.2, a branch covers all of them."""
    if ref in _BRANCHES:
        return newest(action)
    version = ref.removeprefix("v")
    fits = (
        pin
        for pin in known()
        if pin.action == action and f"{pin.tag.removeprefix('v')}.".startswith(f"{version}.")
    )
    return next(fits, None)


def tag_of(action: str, sha: str) -> str:
    """The tag that stood on a commit of an action; empty where nobody looked."""
    return next((pin.tag for pin in known() if pin.action == action and pin.sha == sha), "")
