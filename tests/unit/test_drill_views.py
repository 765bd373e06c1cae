"""Every kind that the API server knows can be listed, described and written out."""

from __future__ import annotations

from simulator.drill import console
from simulator.drill.console.objects.views import COLUMNS, DESCRIBERS, MANIFESTS
from simulator.world import KINDS, RESOURCES


def test_every_kind_has_a_table_a_description_and_a_manifest() -> None:
    """Whoever adds a kind adds all three; a learner would meet the gap as a missing answer."""
    assert console.MODULES
    assert {kind.plural for kind in KINDS} == {kind.plural for kind in RESOURCES.values()}
    for views in (COLUMNS, DESCRIBERS, MANIFESTS):
        assert [kind.plural for kind in KINDS if kind not in views] == []


def test_the_wide_table_of_a_kind_shows_at_least_what_the_plain_one_shows() -> None:
    """``-o wide`` adds columns and takes none away."""
    assert [kind.plural for kind, table in COLUMNS.items() if not set(table.plain) <= set(table.wide)] == []
