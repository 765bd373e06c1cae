"""``git``: the repository of deployments, whose commits are the releases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from simulator.drill.console.git_diffs import diff_of, stat_of, text_at
from simulator.drill.console.grammar import Arguments, Flag, RefusedError, nearest
from simulator.drill.console.registry import Command, Family, family
from simulator.engine.delivery.delivery import PIPELINE_TIME
from simulator.engine.delivery.repository import FileChange
from simulator.units import MICROSECOND, format_age, format_clock, format_duration

if TYPE_CHECKING:
    from simulator.drill.run import Run
    from simulator.engine import Release

_KNOWN: Final = ("log", "show", "diff", "revert")


def _unknown(_owner: Family, words: list[str], line: str) -> RefusedError:
    word = words[0] if words else ""
    close = nearest(word, _KNOWN)
    said = (
        f"git: '{word}' is not a git command. See 'git --help'."
        if word
        else "usage: git log [--oneline] [-n N] [--stat] [-- PATH] | git show | git diff | git revert COMMIT"
    )
    return RefusedError(
        said + (f"\n\nThe most similar command is\n\t{close}" if close else ""),
        where=line,
        expected=f"git {', '.join(_KNOWN)}",
        got=repr(word) if word else "nothing",
        todo="Type git log: it lists the releases.",
    )


GIT: Final = family("git", about="What was released, by whom; and how to take it back.", unknown=_unknown)


# --- revisions and paths --------------------------------------------------------------------------


def history(run: Run) -> list[Release]:
    """The commits so far, newest first."""
    known = [release for release in run.production.releases if release.commit and release.at <= run.now]
    return sorted(known, key=lambda release: release.at, reverse=True)


def resolve(run: Run, name: str, line: str) -> Release:
    """The commit that a revision names: an id of four characters or more, ``HEAD``, ``HEAD~2``.

    Raises:
        RefusedError: There is none.
    """
    commits = history(run)
    base, _, back = name.partition("~")
    found: Release | None = None
    if base in ("HEAD", "main"):
        place = int(back) if back.isdigit() else 1 if name.endswith("~") else 0
        found = commits[place] if place < len(commits) else None
    elif len(base) >= 4:
        found = next((each for each in commits if each.commit.startswith(base)), None)
    if found is None:
        raise RefusedError(
            f"fatal: ambiguous argument '{name}': unknown revision or path not in the working tree.\n"
            "Use '--' to separate paths from revisions, like this:\n"
            "'git <command> [<revision>...] -- [<file>...]'",
            where=line,
            expected="a commit that git log shows, or HEAD~N",
            got=repr(name),
            todo="Type git log --oneline.",
        )
    return found


def _revision_names(run: Run, _before: Sequence[str]) -> list[str]:
    return [each.commit[:7] for each in history(run)]


def touched(files: Sequence[FileChange], paths: Sequence[str]) -> list[FileChange]:
    """The files that some path names: itself, or a folder above it."""
    return [
        each
        for each in files
        if not paths
        or any(each.path == path or each.path.startswith(path.rstrip("/") + "/") for path in paths)
    ]


# --- log ------------------------------------------------------------------------------------------


@GIT.verb(
    "log",
    usage="[--oneline] [-n N] [--stat] [-- PATH]",
    about="Releases, newest first; with a path those that changed it.",
    kind="look",
    cost="git",
    flags=(
        Flag("oneline", "One line each.", takes="bool"),
        Flag("stat", "With the files of each.", takes="bool"),
        Flag("max-count", "At most so many.", short="n", takes="int", default="20"),
    ),
)
def git_log(run: Run, command: Command) -> str:
    """The releases that have happened by now."""
    paths = command.arguments.words
    commits = [each for each in history(run) if not paths or touched(each.files, paths)]
    if paths and not commits:
        raise RefusedError(
            f"fatal: ambiguous argument '{paths[0]}': unknown revision or path not in the working tree.",
            where=command.line,
            expected="a path that some commit changed, such as deploy/checkout.yaml or config",
            got=repr(paths[0]),
            todo="Type git log --stat: it shows the paths.",
        )
    shown = commits[: max(command.arguments.number("max-count"), 0)]
    stat = command.arguments.truth("stat")
    if command.arguments.truth("oneline"):
        lines = []
        for each in shown:
            age = format_age(run.now - each.at)
            lines.append(f"{each.commit[:7]} ({age} ago) {each.subject}")
            lines += [stat_of(touched(each.files, paths))] if stat else []
        return "\n".join(lines)
    return "\n\n".join(
        _entry(run, each) + (f"\n\n{stat_of(touched(each.files, paths))}" if stat else "") for each in shown
    )


def _entry(run: Run, release: Release) -> str:
    moment = run.cluster.start + timedelta(microseconds=release.at // MICROSECOND)
    date = moment.ctime().replace("  ", " ") + " +0000"  # English in every locale
    body = f"{release.deployment}: {release.image}" if release.deployment else release.title
    if release.reverts:
        body = f"This reverts commit {release.reverts}."
    return (
        f"commit {release.commit}\nAuthor: {release.author}\nDate:   {date}\n\n"
        f"    {release.subject}\n\n    {body}"
    )


# --- show and diff --------------------------------------------------------------------------------


def _one_or_none(line: str, arguments: Arguments) -> tuple[str, ...]:
    if len(arguments.words) > 1:
        raise _too_many(line, "one commit")
    return arguments.words


def _too_many(line: str, expected: str) -> RefusedError:
    return RefusedError(
        "fatal: too many revisions",
        where=line,
        expected=expected,
        got=line,
        todo="Type git log --oneline for the commits.",
    )


@GIT.verb(
    "show",
    usage="[COMMIT] [--stat]",
    about="One release and what it changed; the newest by default.",
    kind="look",
    cost="git",
    flags=(Flag("stat", "Only which files.", takes="bool"),),
    normalise=_one_or_none,
    candidates=_revision_names,
)
def git_show(run: Run, command: Command) -> str:
    """The commit's message and its diff."""
    release = resolve(run, command.targets[0] if command.targets else "HEAD", command.line)
    changes = (
        stat_of(release.files)
        if command.arguments.truth("stat")
        else "\n".join(diff_of(each) for each in release.files)
    )
    return f"{_entry(run, release)}\n\n{changes}".rstrip()


def _two_revisions(line: str, arguments: Arguments) -> tuple[str, ...]:
    words: list[str] = []
    for word in arguments.words:
        words += [each for each in word.split("..") if each]
    if len(words) > 2:
        raise _too_many(line, "at most two commits")
    return tuple(words)


@GIT.verb(
    "diff",
    usage="COMMIT[..COMMIT] [--stat]",
    about="What changed from one commit to another, or up to now.",
    kind="look",
    cost="git",
    flags=(Flag("stat", "Only which files.", takes="bool"),),
    normalise=_two_revisions,
    candidates=_revision_names,
)
def git_diff(run: Run, command: Command) -> str:
    """Files before and after; nothing without a commit, since nobody edits the working tree here."""
    if not command.targets:
        return ""
    ends = [resolve(run, name, command.line) for name in command.targets]
    commits = history(run)[::-1]
    first = commits.index(ends[0])
    last = commits.index(ends[1]) if len(ends) == 2 else len(commits) - 1
    low, high = sorted((first, last))
    paths = dict.fromkeys(file.path for each in commits[low + 1 : high + 1] for file in each.files)
    changes = [
        FileChange(path, text_at(commits, first, path), text_at(commits, last, path))
        for path in sorted(paths)
    ]
    changes = [each for each in changes if each.before != each.after]
    if command.arguments.truth("stat"):
        return stat_of(changes)
    return "\n".join(diff_of(each) for each in changes)


# --- revert ---------------------------------------------------------------------------------------


def _one_commit(line: str, arguments: Arguments) -> tuple[str, ...]:
    if len(arguments.words) != 1:
        raise RefusedError(
            "usage: git revert [--no-edit] <commit>",
            where=line,
            expected="one commit",
            got=str(len(arguments.words)),
            todo="Type git log --oneline for the commits.",
        )
    return arguments.words


@GIT.verb(
    "revert",
    usage="COMMIT [--no-edit]",
    about=f"Take a release back by another, which the pipeline makes {format_duration(PIPELINE_TIME)} later.",
    kind="change",
    cost="change",
    flags=(Flag("no-edit", "Keep the message.", takes="bool"),),
    normalise=_one_commit,
    candidates=_revision_names,
)
def git_revert(run: Run, command: Command) -> str:
    """Push the revert; the pipeline does the rest."""
    found = resolve(run, command.targets[0], command.line)
    _, at = run.production.delivery.revert(found.commit)
    count = len([file for file in found.files if not file.path.startswith("migrations/")])
    return (
        f'[main] Revert "{found.subject}"\n {count} file{"s" if count != 1 else ""} changed\n'
        f"remote: pipeline started; the release is due at {format_clock(at)}"
    )
