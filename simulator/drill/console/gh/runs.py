"""``gh run``: list, view, watch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.gh import pictures
from simulator.drill.console.gh.step_logs import step_logs
from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.registry import Command, Family, family, unknown_word
from simulator.engine.delivery.jobs import BRANCH, WORKFLOW, Job
from simulator.engine.delivery.runs import Attempt, WorkflowRun
from simulator.units import SECOND, format_clock

if TYPE_CHECKING:
    from simulator.drill.run import Run

_STATES: Final = ("queued", "waiting", "in_progress", "completed", "success", "failure")
_MOST: Final = 1000


def _phrased(error: RefusedError) -> str:
    """In the words of cobra, as gh has them."""
    said = error.said.removeprefix("error: ").partition("\n")[0]
    return (
        f"{said}\n\nUsage:  {error.expected.removeprefix('a flag of ')} [flags]"
        if "a flag of" in error.expected
        else said
    )


def _unknown(owner: Family, words: list[str], line: str) -> RefusedError:
    error = unknown_word(owner, words, line)
    below = [verb for verb in owner.verbs if words and verb[0] == words[0]]
    if below and len(words) == 1:
        listed = "".join(f"\n  {verb[1]}" for verb in below)
        error.said = f"Usage:  gh {words[0]} <command> [flags]\n\nAvailable commands:{listed}"
    elif words:
        error.said = f'unknown command "{" ".join(words[:2])}" for "gh"'
        if error.todo.startswith("Type gh"):
            error.said += f"\n\nDid you mean this?\n\t{error.todo.removeprefix('Type gh ').rstrip('.')}"
        error.said += "\n\nUsage:  gh <command> <subcommand> [flags]"
    return error


GH: Final = family(
    "gh",
    about="The pipeline: its runs, and starting one.",
    unknown=_unknown,
    phrased=_phrased,
)


def refused(said: str, line: str, expected: str, got: str, todo: str = "Type gh run list.") -> RefusedError:
    """A refusal in gh's words."""
    return RefusedError(said, where=line, expected=expected, got=got, todo=todo)


def _ids(run: Run, before: Sequence[str]) -> list[str]:
    return [str(each.id) for each in pictures.visible(run)] if before[-1] in ("view", "watch") else []


def _running(run: Run, before: Sequence[str]) -> list[str]:
    found = [each for each in pictures.visible(run) if each.state(run.now) == "in_progress"]
    return [str(each.id) for each in found] if before[-1] == "watch" else []


def check_workflow(name: str, line: str) -> None:
    """Refuse a workflow that there is not."""
    if name not in (WORKFLOW, pictures.FILE, f".github/workflows/{pictures.FILE}"):
        raise refused(
            f"could not find any workflows named {name}",
            line,
            pictures.FILE,
            repr(name),
            "Type gh workflow list.",
        )


# --- list -----------------------------------------------------------------------------------------


def _list_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.words:
        raise refused(
            f'unknown argument "{arguments.words[0]}"', line, "flags alone", repr(arguments.words[0])
        )
    if not 1 <= arguments.number("limit") <= _MOST:
        raise refused(
            f"invalid limit: {arguments.text('limit')}", line, f"1 to {_MOST}", arguments.text("limit")
        )
    status = arguments.text("status")
    if status and status not in _STATES:
        raise refused(
            f'invalid argument "{status}" for "-s, --status" flag: valid values are {{{"|".join(_STATES)}}}',
            line,
            " or ".join(_STATES),
            repr(status),
        )
    if arguments.given("workflow"):
        check_workflow(arguments.text("workflow"), line)
    return ()


@GH.verb(
    "run list",
    usage="[--workflow deploy.yml] [--limit N] [--status STATUS] [--branch main]",
    about="Runs of the pipeline, newest first.",
    kind="look",
    cost="gh",
    flags=(
        Flag("workflow", "Of this workflow.", short="w", choices=(pictures.FILE,)),
        Flag("limit", "At most so many.", short="L", takes="int", default="20"),
        Flag("status", "In this state.", short="s", choices=_STATES),
        Flag("branch", "Of this branch.", short="b", choices=(BRANCH,)),
        Flag("event", "Started by this.", short="e", choices=("push", "workflow_dispatch")),
    ),
    normalise=_list_words,
)
def run_list(run: Run, command: Command) -> str:
    """The table."""
    arguments = command.arguments
    status, branch, event = (arguments.text(name) for name in ("status", "branch", "event"))
    found = [
        each
        for each in pictures.visible(run)
        if branch in ("", BRANCH)
        and event in ("", each.event)
        and status in ("", each.state(run.now), "completed" if each.ends <= run.now else "")
    ]
    return pictures.table(run, found[: arguments.number("limit")]) if found else "no runs found"


# --- view -----------------------------------------------------------------------------------------


def _one_id(line: str, arguments: Arguments) -> tuple[str, ...]:
    if len(arguments.words) > 1:
        raise refused(
            f"accepts at most 1 arg(s), received {len(arguments.words)}",
            line,
            "one run",
            str(len(arguments.words)),
        )
    return arguments.words


def _view_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.truth("log") and arguments.truth("log-failed"):
        raise refused(
            "specify only one of `--log` or `--log-failed`", line, "one of the two", "both", "Leave one out."
        )
    return _one_id(line, arguments)


def _find(run: Run, word: str, line: str) -> WorkflowRun:
    found = next((each for each in pictures.visible(run) if str(each.id) == word), None)
    if found is None:
        raise refused(
            f"failed to get run: HTTP 404: Not Found ({pictures.REPOSITORY}/actions/runs/{word})",
            line,
            "the ID of a run",
            repr(word),
        )
    return found


def _job(run: Run, word: str, line: str) -> tuple[WorkflowRun, Job]:
    for each in pictures.visible(run):
        for job in each.jobs:
            if str(pictures.job_id(each, job)) == word and run.now >= each.began + job.starts - job.approval:
                return each, job
    raise refused(
        f"failed to get job: HTTP 404: Not Found ({pictures.REPOSITORY}/actions/job/{word})",
        line,
        "the ID of a job",
        repr(word),
        "Type gh run view: it shows the IDs of the jobs.",
    )


@GH.verb(
    "run view",
    usage="[RUN-ID] [--attempt N] [--verbose] [--job JOB-ID] [--log | --log-failed]",
    about="One run and its jobs; the newest where none is named.",
    kind="look",
    cost="gh",
    flags=(
        Flag("verbose", "With the steps of the jobs.", short="v", takes="bool"),
        Flag("job", "One job with its steps.", short="j"),
        Flag("attempt", "This attempt of the run.", short="a", takes="int"),
        Flag("log", "What its steps wrote.", takes="bool"),
        Flag("log-failed", "What the steps wrote that failed.", takes="bool"),
    ),
    normalise=_view_words,
    candidates=_ids,
)
def run_view(run: Run, command: Command) -> str:
    """The picture, and where to look further; or the log."""
    arguments = command.arguments
    shown, only = _chosen(run, command)
    tried = _attempt(shown, arguments, command.line)
    if arguments.truth("log") or arguments.truth("log-failed"):
        text = step_logs(run, tried, only=only, failed=arguments.truth("log-failed"))
        return text or f"no log found for {shown.id}"
    if only is not None:
        body = pictures.jobs(run, shown, steps=True, only=only, attempt=tried)
        return f"\n{pictures.header(run, shown, tried)}\n\n{body}\n\n{_on_the_web(shown)}"
    more = "For more information about a job, try: gh run view --job=<job-id>"
    body = pictures.picture(run, shown, steps=arguments.truth("verbose"), attempt=tried)
    return f"\n{body}\n\n{more}\n{_on_the_web(shown)}"


def _chosen(run: Run, command: Command) -> tuple[WorkflowRun, Job | None]:
    """The run, and its one job where one is named."""
    if command.arguments.given("job"):
        return _job(run, command.arguments.text("job"), command.line)
    listed = pictures.visible(run)
    if command.targets:
        return _find(run, command.targets[0], command.line), None
    if not listed:
        raise refused("no runs found", command.line, "a run", "none")
    return listed[0], None


def _attempt(shown: WorkflowRun, arguments: Arguments, line: str) -> Attempt:
    """The attempt that is asked for; the last where none is."""
    tried = shown.attempts
    if not arguments.given("attempt"):
        return tried[-1]
    number = arguments.number("attempt")
    if not 1 <= number <= len(tried):
        where = f"{pictures.REPOSITORY}/actions/runs/{shown.id}/attempts/{number}"
        raise refused(
            f"failed to get run: HTTP 404: Not Found ({where})",
            line,
            f"an attempt from 1 to {len(tried)}",
            str(number),
            f"Type gh run view {shown.id}: it says how many there were.",
        )
    return tried[number - 1]


def _on_the_web(shown: WorkflowRun) -> str:
    return f"View this run on GitHub: {pictures.REPOSITORY}/actions/runs/{shown.id}"


# --- watch ----------------------------------------------------------------------------------------


@GH.verb(
    "run watch",
    usage="[RUN-ID]",
    about="Look until a run is over; ends early at a page. The one under way where none is named.",
    kind="look",
    cost="",
    flags=(
        Flag("interval", "Seconds between two looks.", short="i", takes="int", default="3"),
        Flag("exit-status", "Fail where the run fails.", takes="bool"),
        Flag("compact", "Only what matters.", takes="bool"),
    ),
    normalise=_one_id,
    candidates=_running,
)
def run_watch(run: Run, command: Command) -> str:
    """The last picture, and how the run ended."""
    under_way = [each for each in pictures.visible(run) if each.state(run.now) == "in_progress"]
    if not command.targets and not under_way:
        raise refused("found no in progress runs to watch", command.line, "a run under way", "none")
    shown = _find(run, command.targets[0], command.line) if command.targets else under_way[0]
    if shown.state(run.now) != "in_progress":
        return f"Run {WORKFLOW} ({shown.id}) has already completed with '{shown.state(run.now)}'"
    end = run.block(
        shown.ends + SECOND, lambda: shown.state(run.now) != "in_progress" and run.now > shown.ends
    )
    interval = command.arguments.number("interval")
    head = f"Refreshing run status every {interval} seconds. Press Ctrl+C to quit.\n\n"
    text = head + pictures.picture(run, shown, steps=True)
    state = shown.state(run.now)
    if state == "in_progress":
        why = f"{end.reason} " if end.reason else ""
        return f"{text}\n^C  ({why}It is {format_clock(run.now)}.)"
    symbol = pictures.header(run, shown)[0]
    return f"{text}\n\n{symbol} Run {WORKFLOW} ({shown.id}) completed with '{state}'"
