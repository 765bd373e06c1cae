"""``git log``: the releases, newest first, as the repository of deployments has them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError, nearest
from simulator.drill.console.registry import Command, Family, family
from simulator.units import MICROSECOND, format_age

if TYPE_CHECKING:
    from simulator.drill.run import Run
    from simulator.engine import Release


def _unknown(_owner: Family, words: list[str], line: str) -> RefusedError:
    word = words[0] if words else ""
    close = nearest(word, ("log",))
    said = (
        f"git: '{word}' is not a git command. See 'git --help'."
        if word
        else "usage: git log [--oneline] [-n N]"
    )
    return RefusedError(
        said + (f"\n\nThe most similar command is\n\t{close}" if close else ""),
        where=line,
        expected="git log",
        got=repr(word) if word else "nothing",
        todo="Type git log: it lists the releases.",
    )


GIT: Final = family("git", about="What was released, by whom.", unknown=_unknown)


def _no_paths(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.words:
        raise RefusedError(
            f"fatal: ambiguous argument '{arguments.words[0]}': unknown revision or path not in the working "
            "tree.",
            where=line,
            expected="no path",
            got=repr(arguments.words[0]),
            todo="Type git log, or git log --oneline.",
        )
    return ()


@GIT.verb(
    "log",
    usage="[--oneline] [-n N]",
    about="Releases of every Deployment, newest first.",
    kind="look",
    cost="git",
    flags=(
        Flag("oneline", "One line each.", takes="bool"),
        Flag("max-count", "At most so many.", short="n", takes="int", default="20"),
    ),
    normalise=_no_paths,
)
def git_log(run: Run, command: Command) -> str:
    """The releases that have happened by now; what somebody did by hand has no commit and is not in git."""
    known = [release for release in run.production.releases if release.commit and release.at <= run.now]
    newest = sorted(known, key=lambda release: release.at, reverse=True)
    shown = newest[: max(command.arguments.number("max-count"), 0)]
    if command.arguments.truth("oneline"):
        return "\n".join(
            f"{release.commit[:7]} ({format_age(run.now - release.at)} ago) {_subject(release)}"
            for release in shown
        )
    return "\n\n".join(_entry(run, release) for release in shown)


def _subject(release: Release) -> str:
    return release.cause or f"{release.deployment}: {release.image}"


def _entry(run: Run, release: Release) -> str:
    moment = run.cluster.start + timedelta(microseconds=release.at // MICROSECOND)
    date = moment.ctime().replace("  ", " ") + " +0000"  # English in every locale
    return (
        f"commit {release.commit}\nAuthor: {release.author}\nDate:   {date}\n\n"
        f"    {_subject(release)}\n\n    {release.deployment}: {release.image}"
    )
