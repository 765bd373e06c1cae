"""``git``: the repository of deployments, whose commits are the releases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from simulator.drill.console.git_diffs import diff_of, stat_of, text_at
from simulator.drill.console.grammar import Arguments, Flag, RefusedError, nearest
from simulator.drill.console.registry import Command, Family, family
from simulator.engine.delivery.repository import FileChange
from simulator.units import HOUR, MICROSECOND, MINUTE, SECOND, format_clock

if TYPE_CHECKING:
    from simulator.drill.run import Run
    from simulator.engine import Release

_KNOWN: Final = ("log", "show", "diff", "revert", "status", "push", "pull")


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


#: Lengths of time as git's approxidate takes them.
_SINCE: Final = re.compile(r"([0-9]{1,6})[ .]?(s|m|h|d|w)(?:ec|in|our|ay|eek)?(?:ond|ute)?s?(?:[ .]ago)?")
_UNITS: Final = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": 24 * HOUR, "w": 7 * 24 * HOUR}


# --- revisions and paths --------------------------------------------------------------------------


def history(run: Run) -> list[Release]:
    """The commits so far, newest first; those too that the pipeline is still busy with."""
    known = [release for release in run.production.releases if release.commit and release.at <= run.now]
    known += run.production.delivery.pending
    return sorted(known, key=lambda release: release.committed_at, reverse=True)


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


def _span(text: str) -> int | None:
    """How far back ``2h``, ``30 minutes ago`` or ``3.days`` goes, in ns; None for what is no such length."""
    found = _SINCE.fullmatch(text.strip())
    return int(found[1]) * _UNITS[found[2]] if found else None


def _log_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    since = arguments.text("since")
    if arguments.given("since") and _span(since) is None:
        raise RefusedError(
            f"git log: --since={since} is no length of time here",
            where=line,
            expected="a length of time such as 2h, 30m or '3 days ago'",
            got=repr(since),
            todo="Write git log --since=2h.",
        )
    return arguments.words


@GIT.verb(
    "log",
    usage="[--oneline] [-n N] [-p] [--stat] [--since=2h] [--author=NAME] [-- PATH]",
    about="Releases, newest first; with a path those that changed it.",
    kind="look",
    cost="git",
    flags=(
        Flag("oneline", "One line each.", takes="bool"),
        Flag("stat", "With the files of each.", takes="bool"),
        Flag("patch", "With what each changed.", short="p", takes="bool"),
        Flag(
            "max-count",
            "At most so many; -3 is short for -n 3.",
            short="n",
            takes="int",
            default="20",
            bare=True,
        ),
        Flag("since", "Only those of this long, such as 2h.", also=("after",)),
        Flag("author", "Only those of this author."),
    ),
    normalise=_log_words,
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
    since, author = _span(command.arguments.text("since")), command.arguments.text("author").lower()
    commits = [
        each
        for each in commits
        if author in each.author.lower() and (since is None or run.now - each.committed_at <= since)
    ]
    shown = commits[: max(command.arguments.number("max-count"), 0)]

    def changes(release: Release) -> str:
        """What stands below an entry: its files, or what it did to them."""
        files = touched(release.files, paths)
        if command.arguments.truth("patch"):
            return "\n".join(diff_of(each) for each in files)
        return stat_of(files) if command.arguments.truth("stat") else ""

    if command.arguments.truth("oneline"):
        lines = []
        for each in shown:
            lines.append(f"{each.commit[:7]} {each.subject}")
            lines += filter(None, [changes(each)])
        return "\n".join(lines)
    return "\n\n".join(f"{_entry(run, each)}\n\n{changes(each)}".rstrip() for each in shown)


def _entry(run: Run, release: Release) -> str:
    moment = run.cluster.start + timedelta(microseconds=release.committed_at // MICROSECOND)
    date = moment.ctime().replace("  ", " ") + " +0000"  # English in every locale
    body = f"{release.deployment}: {release.image}" if release.deployment else release.title
    if release.reverts:
        body = f"This reverts commit {release.reverts}."
    return (
        f"commit {release.commit}\nAuthor: {release.author}\nDate:   {date}\n\n"
        f"    {release.subject}\n\n    {body}"
    )


def _no_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.words:
        raise RefusedError(
            f"git status: {arguments.words[0]}: no path is looked at on its own here",
            where=line,
            expected="git status",
            got=repr(arguments.words[0]),
            todo="Type git log -- PATH for a path's releases.",
        )
    return ()


@GIT.verb(
    "status",
    about="Where the repository stands.",
    kind="look",
    cost="git",
    normalise=_no_words,
)
def git_status(run: Run, _command: Command) -> str:
    """One line, since nobody edits files here."""
    commits = history(run)
    head = f"{commits[0].commit[:7]} ({commits[0].subject})" if commits else "no commit yet"
    return f"On branch main at {head}; nothing to commit: what was done by hand on the cluster is not in git."


@GIT.verb("push", about="Push what is not pushed; a revert is already.", kind="look", cost="git")
def git_push(_run: Run, _command: Command) -> str:
    """Nothing is ever left to push."""
    return "Everything up-to-date"


@GIT.verb("pull", about="Get what others pushed; it is here already.", kind="look", cost="git")
def git_pull(_run: Run, _command: Command) -> str:
    """Nothing is ever left to get."""
    return "Already up to date."


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
    about="Take a commit back by another; the pipeline brings it to production (gh run watch).",
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
    said = (
        "remote: no pipeline started: deploy.yml is disabled"
        if at is None
        else f"remote: pipeline started; the release is due at {format_clock(at)} (gh run watch)"
    )
    return f'[main] Revert "{found.subject}"\n {count} file{"s" if count != 1 else ""} changed\n{said}'
