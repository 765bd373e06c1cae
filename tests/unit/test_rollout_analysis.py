"""AnalysisRuns: what is measured when, what it adds up to, and what a Rollout makes of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from simulator.engine.metrics import NO_DATA
from simulator.engine.rollouts.providers import Judgement
from simulator.units import SECOND
from simulator.world.analysis import AnalysisRun, AnalysisSpec, Argument, Metric, Plugin, Prometheus
from simulator.world.rollouts import Canary, CanaryStep, RolloutAnalysis, TemplateRef
from tests.rollout_stage import RolloutStage, analysis, pause, weight

_RATE = Metric(
    "rate",
    Prometheus("rate"),
    interval=10 * SECOND,
    count=3,
    success_condition="result[0] >= 0.95",
)
_STEP = CanaryStep(analysis=analysis())


def _stage(metric: Metric | AnalysisSpec = _RATE, *steps: CanaryStep) -> RolloutStage:
    """A canary that is analysed at its second step."""
    return RolloutStage(
        Canary(steps=steps or (weight(20), _STEP, pause())), templates={"success-rate": metric}
    )


def _begun(metric: Metric | AnalysisSpec = _RATE, answer: object = (0.99,)) -> RolloutStage:
    """The same, with its analysis just begun."""
    stage = _stage(metric)
    stage.readings.answers["rate"] = answer  # type: ignore[assignment]
    stage.release("app:v2")
    while not stage.runs():
        stage.run(1)
    return stage


def _run(stage: RolloutStage) -> AnalysisRun:
    return stage.runs()[-1]


# --- in a rollout ---------------------------------------------------------------------------------


def test_a_successful_step_goes_on() -> None:
    """Three good measurements, ten seconds apart, and the step is done."""
    stage = _begun()
    stage.run(15)
    assert ("Running", 1) == (_run(stage).status.phase, stage.status.current_step_index)
    stage.run(20)
    assert ("Successful", 2) == (_run(stage).status.phase, stage.status.current_step_index)
    times = [at for at, _ in stage.readings.asked]
    assert [10, 10] == [(later - earlier) // SECOND for earlier, later in pairwise(times)]
    hash_ = stage.hash("app:v2")
    assert f"app-{hash_}-2-1" == _run(stage).meta.name
    assert f"Step Analysis Run 'app-{hash_}-2-1' Status New: 'Successful' Previous: 'Running'" in (
        stage.messages("AnalysisRunSuccessful")
    )


def test_a_failed_step_aborts() -> None:
    """The first measurement beyond failureLimit ends the run; users go back to stable."""
    stage = _begun(answer=(0.5,))
    stage.run(30)
    assert "Failed" == _run(stage).status.phase
    assert (
        "Degraded - RolloutAborted: Rollout aborted update to revision 2: "
        'Metric "rate" assessed Failed due to failed (1) > failureLimit (0)'
    ) == stage.said
    assert {"app:v1": 10} == stage.sizes()
    name = _run(stage).meta.name
    assert [
        "Analysis Completed. Result: Failed",
        f"Step Analysis Run '{name}' Status New: 'Failed' Previous: ''",
    ] == stage.messages("AnalysisRunFailed")
    assert ["Metric 'rate' Completed. Result: Failed"] == stage.messages("MetricFailed")


def test_an_inconclusive_step_pauses_and_a_person_decides() -> None:
    """Neither condition holds: the rollout waits; promote goes on with the next step."""
    metric = replace(_RATE, failure_condition="result[0] < 0.9")
    stage = _begun(metric, (0.92,))
    stage.run(5)
    assert "Paused - InconclusiveAnalysisRun" == stage.said
    stage.run(600)
    assert 1 == stage.status.current_step_index
    stage.promote()
    stage.run(5)
    assert ("Paused - CanaryPauseStep", 2) == (stage.said, stage.status.current_step_index)


def test_retry_after_a_failed_analysis_starts_another_run() -> None:
    """Its name gets a number behind it."""
    stage = _begun(answer=(0.5,))
    stage.run(30)
    stage.readings.answers["rate"] = (0.99,)
    stage.retry()
    stage.run(60)
    hash_ = stage.hash("app:v2")
    assert [f"app-{hash_}-2-1", f"app-{hash_}-2-1.1"] == [run.meta.name for run in stage.runs()]
    assert "Paused - CanaryPauseStep" == stage.said


def test_a_background_analysis_runs_beside_the_steps() -> None:
    """From startingStep to the end of the update; then it is asked to end, and counts as it stands."""
    background = replace(analysis(), starting_step=1)
    stage = RolloutStage(
        Canary(steps=(weight(20), pause(30), weight(60), pause(30)), analysis=background),
        templates={"success-rate": replace(_RATE, count=None)},
    )
    stage.readings.answers["rate"] = (0.99,)
    stage.release("app:v2")
    stage.run(5)
    assert [] == stage.runs()
    stage.run(60)
    assert "Running" == _run(stage).status.phase
    stage.run(60)
    assert ("Healthy", "Successful") == (stage.said, _run(stage).status.phase)
    assert "Run Terminated" == _run(stage).status.message
    assert f"app-{stage.hash('app:v2')}-2" == _run(stage).meta.name


def test_a_background_analysis_that_fails_aborts_whatever_the_step() -> None:
    """Even in the middle of a pause that waits for a person."""
    stage = RolloutStage(
        Canary(steps=(weight(20), pause()), analysis=analysis()),
        templates={"success-rate": replace(_RATE, count=None, failure_limit=1)},
    )
    stage.readings.answers["rate"] = (0.99,)
    stage.release("app:v2")
    stage.run(60)
    assert "Paused - CanaryPauseStep" == stage.said
    stage.readings.answers["rate"] = (0.2,)
    stage.run(40)
    assert stage.said.startswith("Degraded - RolloutAborted")
    assert {"app:v1": 10} == stage.sizes()


def test_another_image_ends_the_analysis_of_the_one_before() -> None:
    """What it found is of no use any more."""
    stage = _begun()
    stage.release("app:v3")
    stage.run(3)
    assert ("Successful", "Run Terminated") == (_run(stage).status.phase, _run(stage).status.message)


def test_arguments_take_the_hash_of_the_new_and_the_stable_pods() -> None:
    """``podTemplateHashValue``, a field of the Rollout, a value, and a template's default."""
    query = "rate {{args.canary}} {{ args.stable }} {{args.name}} {{args.window}} {{args.region}}"
    spec = AnalysisSpec(
        (Metric("rate", Prometheus(query)),),
        args=(*map(Argument, ("canary", "stable", "name", "region")), Argument("window", "5m")),
    )
    given = RolloutAnalysis(
        (TemplateRef("success-rate"),),
        args=(
            Argument("canary", pod_template_hash="Latest"),
            Argument("stable", pod_template_hash="Stable"),
            Argument("name", field_path="metadata.name"),
            Argument("region", "north"),
        ),
    )
    stage = _stage(spec, weight(20), CanaryStep(analysis=given))
    stage.release("app:v2")
    stage.run(30)
    new, old = stage.hash("app:v2"), stage.hash("app:v1")
    assert f"rate {new} {old} app 5m north" == stage.readings.asked[0][1]


# --- a run by itself ------------------------------------------------------------------------------


def test_initial_delay_and_a_single_measurement() -> None:
    """Without an interval one measurement is enough; initialDelay counts from the run's start."""
    stage = _begun(replace(_RATE, interval=None, count=None, initial_delay=20 * SECOND))
    begun = _run(stage).status.started_at or 0
    stage.run(25)
    assert ["Successful"] == [each.phase for each in _run(stage).status.metric_results[0].measurements]
    assert begun + 20 * SECOND <= stage.readings.asked[0][0] < begun + 21 * SECOND


def test_failure_limit_bears_so_many_failures() -> None:
    """Two of three may fail where the limit is two; -1 bears any."""
    for limit, phase in ((1, "Failed"), (2, "Successful"), (-1, "Successful")):
        stage = _begun(replace(_RATE, failure_limit=limit), (0.5,))
        stage.run(12)
        stage.readings.answers["rate"] = (0.99,)
        stage.run(20)
        assert phase == _run(stage).status.phase, limit


def test_inconclusive_limit_bears_so_many_open_verdicts() -> None:
    """Like failureLimit, for measurements that neither succeed nor fail."""
    metric = replace(_RATE, failure_condition="result[0] < 0.9", inconclusive_limit=1)
    stage = _begun(metric, (0.92,))
    stage.run(5)
    assert "Running" == _run(stage).status.phase
    stage.run(10)
    result = _run(stage).status.metric_results[0]
    assert ("Inconclusive", 2) == (result.phase, result.inconclusive)


@pytest.mark.parametrize(
    ("condition", "phase", "message"),
    [
        ("result[0] >= 0.95", "Error", "index out of range: 0 (array length is 0)"),
        ("len(result) > 0", "Failed", ""),
        ("len(result) == 0 or result[0] >= 0.95", "Inconclusive", "the query returned no data"),
        ("", "Inconclusive", "the query returned no data"),
    ],
)
def test_no_data_is_never_a_success(condition: str, phase: str, message: str) -> None:
    """As upstream an index into nothing is an error; what upstream would pass is inconclusive here."""
    stage = _begun(replace(_RATE, success_condition=condition), NO_DATA)
    stage.run(1)
    first = _run(stage).status.metric_results[0].measurements[0]
    assert (phase, "[]", message) == (first.phase, first.value, first.message)


def test_errors_in_sequence_end_a_run_in_error() -> None:
    """Tried again after ten seconds; the fifth in a row is one too many."""
    stage = _begun(answer=())
    stage.run(35)
    assert "Running" == _run(stage).status.phase
    stage.run(10)
    status = _run(stage).status
    assert "Error" == status.phase
    assert (
        'Metric "rate" assessed Error due to consecutiveErrors (5) > consecutiveErrorLimit (4): '
        '"Error Message: index out of range: 0 (array length is 0)"'
    ) == status.message
    assert stage.said.startswith("Degraded - RolloutAborted")


def test_one_answer_ends_a_sequence_of_errors() -> None:
    """The count of errors in a row begins anew."""
    stage = _begun(answer=())
    stage.run(25)
    stage.readings.answers["rate"] = (0.99,)
    stage.run(10)
    result = _run(stage).status.metric_results[0]
    assert (0, 1) == (result.consecutive_error, result.successful)
    assert result.error >= 3


def test_a_dry_run_is_told_and_not_heeded() -> None:
    """Its failure stands in the summary beside, and the run is successful."""
    spec = AnalysisSpec(
        (_RATE, replace(_RATE, name="trial", provider=Prometheus("trial"))), dry_run=("tri.*",)
    )
    stage = _begun(spec)
    stage.readings.answers["trial"] = (0.1,)
    stage.run(40)
    status = _run(stage).status
    assert ("Successful", 1, 1) == (
        status.phase,
        status.run_summary.successful,
        status.dry_run_summary.failed,
    )
    trial = status.result("trial")
    assert trial is not None
    assert (True, "Failed", "Metric assessed Failed due to failed (1) > failureLimit (0)") == (
        trial.dry_run,
        trial.phase,
        trial.message,
    )


def test_the_worst_metric_decides() -> None:
    """One failed metric ends the run, whatever the others say."""
    spec = AnalysisSpec((_RATE, replace(_RATE, name="errors", provider=Prometheus("errors"))))
    stage = _begun(spec)
    stage.readings.answers["errors"] = (0.0,)
    stage.run(13)
    assert "Failed" == _run(stage).status.phase


@pytest.mark.parametrize(("retention", "kept"), [({}, 10), ({"rate": 3}, 3), ({"ra.*": 4}, 4)])
def test_measurement_retention(retention: dict[str, int], kept: int) -> None:
    """Ten measurements are kept of each metric, or as many as the template says."""
    spec = AnalysisSpec((replace(_RATE, interval=SECOND, count=20),), retention=retention)
    stage = _begun(spec)
    stage.run(25)
    result = _run(stage).status.metric_results[0]
    assert (20, kept) == (result.successful, len(result.measurements))


def test_a_plugin_judges_by_itself() -> None:
    """It gets its settings with the arguments filled in; its verdict and reason are the measurement's."""
    spec = AnalysisSpec(
        (Metric("latency", Plugin("gameday/mann-whitney", {"canary": "{{args.canary}}"})),),
        args=(Argument("canary"),),
    )
    given = replace(analysis(), args=(Argument("canary", pod_template_hash="Latest"),))
    stage = _stage(spec, weight(20), CanaryStep(analysis=given))
    stage.readings.judgement = Judgement("Failed", "0.81", "slower: p = 0.003", {"effect": "0.31"})
    stage.release("app:v2")
    stage.run(30)
    measured = _run(stage).status.metric_results[0].measurements[0]
    assert ("Failed", "0.81", "slower: p = 0.003") == (measured.phase, measured.value, measured.message)
    assert f"gameday/mann-whitney {{'canary': '{stage.hash('app:v2')}'}}" == stage.readings.asked[0][1]


def test_a_condition_that_is_none_is_an_error_with_its_column() -> None:
    """Nothing is executed; the measurement says where it stumbled."""
    stage = _begun(replace(_RATE, success_condition="result[0] >="))
    stage.run(1)
    first = _run(stage).status.metric_results[0].measurements[0]
    assert ("Error", "condition: column 13: expected a value such as result[0], got the end") == (
        first.phase,
        first.message,
    )


def test_old_runs_are_forgotten() -> None:
    """Five of either kind stay."""
    stage = _stage(replace(_RATE, interval=None, count=None))
    stage.readings.answers["rate"] = (0.1,)
    stage.release("app:v2")
    for _ in range(9):
        stage.run(25)
        stage.retry()
    stage.run(25)
    assert 6 >= len(stage.runs()) >= 5
