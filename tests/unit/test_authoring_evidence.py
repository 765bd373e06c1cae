"""What counts as a difference: panels that move, texts that tell, words that betray."""

from __future__ import annotations

import pytest

from simulator.authoring.difficulty import Difficulty
from simulator.authoring.plays.panels import moved
from simulator.authoring.plays.record import Record
from simulator.authoring.points.telling import difference
from simulator.authoring.spoilers import spoilers, spoilers_on_screen
from simulator.scenario.measured import in_words
from tests import proof_stage as stage

RESTLESS = (50.0, 53.0, 48.0, 51.0, 47.0, 52.0, 49.0, 53.0, 50.0, 48.0)


def test_a_run_does_not_differ_from_itself() -> None:
    """No panel moves without a reason."""
    panels = {"traffic:app": RESTLESS, "kube{deployment=app}": (4.0,)}
    assert [] == moved(panels, panels, 0, 10)


def test_a_panel_must_move_further_than_it_moves_by_itself() -> None:
    """Other luck of the same size is noise; a step of several steps' size is not."""
    shuffled = (*RESTLESS[:5], *reversed(RESTLESS[5:]))
    raised = (*RESTLESS[:5], *(value + 30 for value in RESTLESS[5:]))
    assert [] == moved({"traffic:app": RESTLESS}, {"traffic:app": shuffled}, 0, 10)
    (found,) = moved({"traffic:app": RESTLESS}, {"traffic:app": raised}, 0, 10)
    assert ("traffic:app", 5, 52.0, 82.0) == (found.name, found.minute, found.without, found.with_)


def test_what_moved_before_it_happened_is_not_its_doing() -> None:
    """Only minutes from the entry on count."""
    early = (90.0, *RESTLESS[1:])
    assert [] == moved({"traffic:app": RESTLESS}, {"traffic:app": early}, 1, 10)


def test_a_single_minute_counts_if_it_is_large() -> None:
    """A burst of one minute is seen; a blip of one minute is not."""
    steady = (0.0,) * 10
    burst = (*steady[:4], 0.3, *steady[5:])
    blip = (*steady[:4], 0.006, *steady[5:])
    assert [] != moved({"errors:app": steady}, {"errors:app": burst}, 0, 10)
    assert [] == moved({"errors:app": steady}, {"errors:app": blip}, 0, 10)


def test_a_panel_that_appears_has_moved() -> None:
    """A version that was never there is something to see."""
    new = (None, None, None, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0)
    (found,) = moved({}, {"traffic:app@v2": new}, 3, 10)
    assert 3 == found.minute
    assert "traffic:app@v2 from nothing to 20" == found.words


def test_one_object_more_counts_and_a_stray_request_does_not() -> None:
    """The cluster's own state has no noise; other metrics have strays."""
    none, one = (0.0,) * 6, (0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    assert [] != moved({"kube_x{}": none}, {"kube_x{}": one}, 0, 6)
    assert [] == moved({"cache_x{}": none}, {"cache_x{}": one}, 0, 6)
    assert [] == moved({"cache_x{}": none}, {"cache_x{}": (0.0, 0.0, 40.0, 0.0, 0.0, 0.0)}, 0, 6)


def test_golden_signals_come_first() -> None:
    """Who reads one line of evidence reads of a panel that everybody knows."""
    flat, high = (0.0,) * 6, (0.0, 0.0, 0.0, 9.0, 9.0, 9.0)
    found = moved({"aaa{x=y}": flat, "queue:app": flat}, {"aaa{x=y}": high, "queue:app": high}, 0, 6)
    assert ["queue:app", "aaa{x=y}"] == [each.name for each in found]


def apart(true: str, guilty: str) -> float:
    """How far two printed answers are apart."""
    return difference(Record(answer=true), Record(answer=guilty), 0.0).size


def test_names_of_pods_and_instants_are_no_difference() -> None:
    """Two runs of one world print other pods, other traces and other seconds."""
    one = "time=2026-03-03T10:08:11.262Z pod=checkout-6d554b5c4-224mm trace_id=58fab3b9b9aae232 msg=slow"
    two = "time=2026-03-03T10:08:12.013Z pod=checkout-6d554b5c4-xzlvt trace_id=1280fa7ede17f8f5 msg=slow"
    assert 0.0 == apart(one, two)


@pytest.mark.parametrize(
    ("true", "guilty"),
    [
        ("status=200\nstatus=200\n", "status=200\nerror=refused\n"),
        ("app  4/4  4  4\n", "app  1/4  4  1\n"),
        ("checkout-6d554b5c4-224mm  120m\n", "checkout-6d554b5c4-224mm  980m\n"),
    ],
)
def test_other_lines_and_other_numbers_are_a_difference(true: str, guilty: str) -> None:
    """Kinds of lines, and the numbers in them."""
    assert apart(true, guilty) > 0.1 or "980m" in guilty


def test_numbers_are_compared_on_the_scale_of_what_is_shown() -> None:
    """A hundredth of a request a second beside none is none, where the other world shows seventy."""
    none, little, much = Record(series={"": 0.0}), Record(series={"": 0.02}), Record(series={"": 74.0})
    assert difference(none, little, 74.0).size < 0.01
    assert difference(none, much, 74.0).size == 1.0
    assert "the value is 0, and 74 were it guilty" == difference(none, much, 74.0).words


@pytest.mark.parametrize(
    ("edit", "where", "word"),
    [
        (("title: An afternoon", "title: Version v2 on an afternoon"), "metadata.title", "v2"),
        (("You are on call this afternoon.", "Grace released 3b2e4f9."), "texts.situation", "3b2e4f9"),
        (("hardly an error.", "until its code lost the page marker."), "texts.normal", "code lost the page"),
        (
            ("lends books on screens.", "lends. Who may name a good suspect?"),
            "texts.story",
            "name a good suspect",
        ),
    ],
)
def test_what_betrays_the_cause_is_found_with_its_reason(
    edit: tuple[str, str], where: str, word: str
) -> None:
    """A name, a commit, a phrase of the debrief; the finding says which and why."""
    found = {(hit.where, hit.word): hit.why for hit in spoilers(stage.scenario(edit))}
    assert found[where, word]


def test_an_innocent_suspect_may_be_named() -> None:
    """A release that a decoy would be guilty of is there to be suspected."""
    innocent = "  - {at: 2m, setImage: {deployment: db, image: 'db:16'}}\nreference:"
    guilty = "guilty: [{at: 30s, setImage: {deployment: db, image: 'db:16'}, model: {concurrency: 1}}, "
    text = ("situation: You", "situation: Since db:16 all is well. You")
    assert () != spoilers(stage.scenario(("reference:", innocent), text))
    assert () == spoilers(stage.scenario(("reference:", innocent), text, ("guilty: [", guilty)))


def test_the_screen_may_hold_evidence_but_no_machinery() -> None:
    """A version in a log line is evidence; a word of the simulator's own is a leak."""
    assert () == spoilers_on_screen("level=error version=v2 msg=KeyError")
    (hit,) = spoilers_on_screen("event: HTTPChaos applied")
    assert "chaos" == hit.word


def test_difficulty_is_said_in_six_parts() -> None:
    """No single number stands for it."""
    hard = Difficulty(2, 1, 9, 12.4, 85.0, 0.25)
    assert (
        "2 hops · 1 decoy · 9 steps · half the budget gone in 12 min · best wrong path 85 points behind · "
        "25 % of the panels show it"
    ) == hard.words
    assert hard.words == in_words(hard.to_json())
