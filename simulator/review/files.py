"""Which files a review looks at, and what each of them is.

A file that somebody names must be readable, else it is refused. A file that a folder brings along and that
can't be read is listed as unread, so that nothing passes by being broken; one that is plainly a workflow or a
manifest, or lies under ``.github``, is refused all the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from simulator.errors import Problem, ReviewError
from simulator.pipeline.loading import pipeline_names
from simulator.review.documents import documents, items, keys
from simulator.review.points import Kind
from simulator.scenario.folders import shown_path
from simulator.scenario.problems import nearest
from simulator.scenario.tree import Node

#: Largest file, bytes, and how many a review takes.
MAX_BYTES: Final = 1024 * 1024
MAX_FILES: Final = 2_000
#: Folders that hold other people's code, or none.
PASSED_OVER: Final = frozenset(
    {".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".mypy_cache", ".ruff_cache"}
)
_DOCKERFILE: Final = re.compile(r"(Dockerfile|Containerfile)([.-].+)?|.+\.(Dockerfile|dockerfile)")
_DATA: Final = (".yaml", ".yml", ".json")
_TEMPLATE: Final = re.compile(r"(?<!\$)\{\{")
_OURS: Final = re.compile(r"^(on|jobs|apiVersion)\s*:", re.MULTILINE)
_SETTINGS: Final = frozenset({"branches", "rulesets", "environments"})


@dataclass(frozen=True, slots=True)
class File:
    """A file under review.

    Attributes:
        name: As findings show it.
        nodes: Its documents, where it is YAML or JSON.
    """

    name: str
    kind: Kind
    text: str
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that a folder brought along and that nobody could read."""

    file: str
    reason: str


@dataclass(slots=True)
class Gathered:
    """What a review has before it."""

    files: list[File] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    def of(self, kind: Kind) -> list[File]:
        """The files of one kind."""
        return [file for file in self.files if file.kind == kind]


def gather(paths: list[str | Path]) -> Gathered:
    """Read files, and folders with everything in them; a name of one of the kit's pipelines is its folder.

    Raises:
        ReviewError: A path leads nowhere, or to something that can't be reviewed.
    """
    found = Gathered()
    if not paths:
        raise ReviewError(
            [Problem("review", "at least one path", "none", "Name a file or folder, such as . or .github.")]
        )
    for path in dict.fromkeys(_resolved(Path(each)) for each in paths):
        if path.is_dir():
            _folder(path, found)
        else:
            found.files.append(_read(path, shown_path(path)))
    unique = {file.name: file for file in found.files}
    found.files = [unique[name] for name in sorted(unique)]
    if not found.files:
        where = ", ".join(str(each) for each in paths)
        if found.unread:
            first = found.unread[0]
            raise ReviewError([Problem(first.file, "a file to review", first.reason, "Name another file.")])
        raise ReviewError(
            [Problem(where, "files to review", "an empty folder", "Name the folder that holds them.")]
        )
    return found


def given(texts: Mapping[str, str]) -> Gathered:
    """Texts under the names that their files would have.

    Raises:
        ReviewError: A text can't be reviewed.
    """
    files = [file_of(name, text.encode(), named=True) for name, text in sorted(texts.items())]
    return Gathered([file for file in files if isinstance(file, File)])


def _resolved(path: Path) -> Path:
    if path.exists():
        return path
    if len(path.parts) == 1 and not path.suffix:
        names = pipeline_names()
        if path.name in names:
            return names[path.name]
        near = nearest(path.name, list(names))
        if near:
            todo = f"Did you mean the kit's pipeline {near!r}?"
            raise ReviewError([Problem(str(path), "a file or a folder", "nothing there", todo)])
    raise ReviewError([Problem(str(path), "a file or a folder", "nothing there", "Check the path.")])


def _folder(root: Path, found: Gathered) -> None:
    for path in _walk(root, found):
        if len(found.files) >= MAX_FILES:
            raise ReviewError(
                [Problem(str(root), f"at most {MAX_FILES:,} files", "more", "Name the folders that matter.")]
            )
        name = shown_path(path)
        try:
            content = _content(path, name)
            made = file_of(name, content, named=False)
        except ReviewError as error:
            if error.expected.startswith("a file of at most") or error.expected == "text":
                found.unread.append(Unread(name, f"{error.got} where {error.expected} was expected"))
                continue
            raise
        if isinstance(made, Unread):
            found.unread.append(made)
            made = File(name, "other", content.decode("utf-8", "replace"))
        found.files.append(made)


def _walk(root: Path, found: Gathered) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        for each in sorted(set(folders) & PASSED_OVER):
            found.passed_over.append(shown_path(Path(folder) / each))
        folders[:] = sorted(each for each in folders if each not in PASSED_OVER)
        for each in sorted(names):
            path = Path(folder) / each
            if path.is_file() and path.stat().st_size:
                yield path


def _read(path: Path, name: str) -> File:
    made = file_of(name, _content(path, name), named=True)
    assert isinstance(made, File), "a named file is read or refused"
    return made


def _content(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ReviewError([Problem(name, "a file to read", reason, "Check the path.")]) from None
    if len(content) > MAX_BYTES:
        todo = "Leave out what is generated; a workflow or manifest is never that long."
        raise ReviewError([Problem(name, f"a file of at most {MAX_BYTES // 1024} KiB", "more", todo)])
    return content


def file_of(name: str, content: bytes, *, named: bool) -> File | Unread:
    """What a file is, by its name and what it says.

    Args:
        name: As findings show it.
        content: Its bytes.
        named: Whether somebody asked for this very file.

    Raises:
        ReviewError: It is binary; or it is no YAML and was named, or is plainly meant to be reviewed.
    """
    text = _decoded(name, content)
    base = Path(name).name
    if _DOCKERFILE.fullmatch(base):
        return File(name, "dockerfile", text)
    if not base.endswith(_DATA):
        return File(name, "other", text)
    try:
        nodes = tuple(documents(text, name))
    except ReviewError as error:
        template = _TEMPLATE.search(text) is not None
        meant = named or ".github" in Path(name).parts or (_OURS.search(text) and not template)
        if meant:
            raise
        reason = "a template" if template else f"no YAML that can be read: {error.problem}"
        return Unread(name, reason)
    return File(name, _kind(name, nodes), text, nodes)


def _decoded(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ReviewError([Problem(name, "text", "a binary file", "Name the files that people write.")])
    if not text.strip():
        raise ReviewError([Problem(name, "something to review", "an empty file", "Check the path.")])
    return text


def _kind(name: str, nodes: tuple[Node, ...]) -> Kind:
    """What a YAML or JSON file is: by its place where GitHub gives places, else by its keys."""
    parts = Path(name).parts
    first = nodes[0] if nodes else None
    top = keys(first)
    if parts[-3:-1] == (".github", "workflows") or {"on", "jobs"} <= top.keys():
        return "workflow"
    if "apiVersion" in top and "kind" in top:
        if str(top["apiVersion"].value).startswith("gameday/"):
            return "settings" if top["kind"].value == "Pipeline" else "other"
        return "manifest"
    if parts[-2:] in ((".github", "settings.yml"), (".github", "settings.yaml")):
        return "settings"
    if _SETTINGS & top.keys() and top.keys() <= _SETTINGS | _ALSO:
        return "settings"
    listed = items(first)
    if listed and all({"name", "updatedAt"} <= keys(item).keys() for item in listed):
        return "secret-list"
    return "other"


_ALSO: Final = frozenset(
    {"_extends", "repository", "collaborators", "teams", "labels", "milestones", "autolinks", "variables"}
)
