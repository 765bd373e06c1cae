"""Reading parts of a workflow's tree: the right kind of value, known keys, else a problem with its line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from simulator.errors import Problem
from simulator.pipeline.workflow.document import At, Container, Setting, Text, Uses
from simulator.pipeline.workflow.evaluation import embedded
from simulator.scenario.fields import shown
from simulator.scenario.problems import nearest
from simulator.scenario.tree import Node, Value, spelled

_SYNTAX: Final = "See GitHub's page on workflow syntax."
_MOST_RUN: Final = 21_000


def place(node: Node) -> At:
    """Where a node stands."""
    return At(node.file, node.line, spelled(node.path))


class Parts:
    """Reads nodes and collects what is wrong with them.

    Args:
        source: The file's lines, for the comments behind ``uses``.
    """

    def __init__(self, source: Sequence[str]) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def refuse(self, node: Node | At, expected: str, got: str, todo: str) -> None:
        """Write down one problem."""
        where = str(node) if isinstance(node, At) else node.where
        self.problems.append(Problem(where, expected, got, todo))

    def mapping(self, node: Node | None, known: Sequence[str] | None = None) -> dict[str, Node]:
        """A mapping's entries; with ``known``, keys beside these are refused. Empty for anything else."""
        if node is None or (node.value is None and known is not None):
            return {}
        if not isinstance(node.value, dict):
            self.refuse(node, "a mapping", shown(node.plain()), _SYNTAX)
            return {}
        if known is None:
            return node.value
        for key, entry in node.value.items():
            if key not in known:
                near = nearest(key, known)
                todo = f"Did you mean {near!r}?" if near else f"Known here: {', '.join(known)}."
                self.refuse(entry, "a key that GitHub knows", repr(key), todo)
        return {key: entry for key, entry in node.value.items() if key in known}

    def items(self, node: Node | None, what: str) -> list[Node]:
        """A list's items; one value alone counts as a list of it."""
        if node is None:
            return []
        if isinstance(node.value, list):
            return node.value
        if isinstance(node.value, dict) or node.value is None:
            self.refuse(node, what, shown(node.plain()), _SYNTAX)
            return []
        return [node]

    def text(self, node: Node | None, what: str = "text") -> Text | None:
        """A text, or any scalar as the text that GitHub makes of it."""
        if node is None:
            return None
        if isinstance(node.value, (dict, list)) or node.value is None:
            self.refuse(node, what, shown(node.plain()), _SYNTAX)
            return None
        value = node.value
        return Text(str(value).lower() if isinstance(value, bool) else str(value), place(node))

    def word(self, node: Node | None, what: str = "text") -> str:
        """A text without its place; empty where there is none."""
        found = self.text(node, what)
        return found.text if found is not None else ""

    def texts(self, node: Node | None, what: str) -> tuple[Text, ...]:
        """A list of texts, or one."""
        found = (self.text(item, what) for item in self.items(node, what))
        return tuple(each for each in found if each is not None)

    def words(self, node: Node | None, what: str) -> tuple[str, ...]:
        """A list of texts without their places."""
        return tuple(each.text for each in self.texts(node, what))

    def truth(self, node: Node | None, default: bool) -> bool | Text:
        """true, false, or an expression."""
        if node is None:
            return default
        if isinstance(node.value, bool):
            return node.value
        if isinstance(node.value, str) and embedded(node.value):
            return Text(node.value, place(node))
        self.refuse(node, "true, false or an expression", shown(node.plain()), _SYNTAX)
        return default

    def count(self, node: Node | None, unit: str) -> int | Text | None:
        """A positive whole number, or an expression."""
        if node is None:
            return None
        value = node.value
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 100_000:
            return value
        if isinstance(value, str) and embedded(value):
            return Text(value, place(node))
        self.refuse(node, f"a whole number of {unit}", shown(node.plain()), "It is at least 1.")
        return None

    def settings(self, node: Node | None) -> tuple[Setting, ...]:
        """Names with scalar values: ``with``, ``env``, ``outputs``."""
        found = []
        for name, entry in self.mapping(node).items():
            value = entry.value
            if isinstance(value, (dict, list)):
                self.refuse(entry, "text, a number or true or false", shown(entry.plain()), _SYNTAX)
                continue
            found.append(Setting(name, value, place(entry)))
        return tuple(found)

    def env(self, node: Node | None) -> tuple[Setting, ...]:
        """Variables; an expression that gives all of them is not known here."""
        if node is not None and isinstance(node.value, str):
            self.refuse(node, "a mapping", shown(node.value), "Write the variables out.")
            return ()
        return self.settings(node)

    def defaults(self, node: Node | None) -> tuple[Setting, ...]:
        """``defaults.run``: shell and working directory."""
        run = self.mapping(node, ("run",)).get("run")
        self.mapping(run, ("shell", "working-directory"))
        return self.settings(run)

    def container(self, name: str, node: Node) -> Container | None:
        """A container: an image, or a mapping with one."""
        if isinstance(node.value, str):
            return Container(name, Text(node.value, place(node)), place(node))
        keys = self.mapping(
            node, ("image", "credentials", "env", "ports", "volumes", "options", "command", "entrypoint")
        )
        image = self.text(keys.get("image"), "an image")
        if image is None:
            if "image" not in keys:
                self.refuse(node, "the key 'image'", "nothing", "Say which image it is.")
            return None
        return Container(name, image, place(node), self.env(keys.get("env")))

    def command(self, node: Node | None) -> Text | None:
        """What ``run`` runs; GitHub takes at most 21,000 characters."""
        found = self.text(node, "a command")
        if found is not None and len(found.text) > _MOST_RUN:
            assert node is not None
            self.refuse(node, f"at most {_MOST_RUN:,} characters", f"{len(found.text):,}", "Call a script.")
        return found

    def uses(self, node: Node | None, *, workflow: bool = False) -> Uses | None:
        """``owner/repo/path@ref``, ``./path``, ``$/path`` or ``docker://image:tag``."""
        written = self.text(node, "an action")
        if node is None or written is None:
            return None
        text, at, comment = written.text.strip(), written.at, self._comment(node.line)
        if text.startswith(("./", "$/")):
            if text.startswith("$/") and "@" in text:
                self.refuse(node, "no @ref behind $/", repr(text), "It is always the running commit.")
            return Uses(text, at, "local", text[2:], comment=comment)
        if text.startswith("docker://") and not workflow:
            image, _, digest = text.removeprefix("docker://").partition("@")
            head, _, tag = image.rpartition("/")
            name, _, version = tag.partition(":")
            return Uses(
                text, at, "docker", f"{head}/{name}" if head else name, "", digest or version, comment
            )
        target, _, ref = text.partition("@")
        parts = target.split("/")
        if len(parts) < 2 or not all(parts) or not ref:
            form = "owner/repo/.github/workflows/file.yml@ref" if workflow else "owner/repo@ref"
            self.refuse(node, f"{form} or ./path", repr(text), "Pin the ref to a commit's SHA.")
            return None
        kind: Literal["workflow", "action"] = "workflow" if workflow else "action"
        return Uses(text, at, kind, "/".join(parts[:2]), "/".join(parts[2:]), ref, comment)

    def _comment(self, line: int) -> str:
        text = self.source[line - 1] if 0 < line <= len(self.source) else ""
        return text.partition(" #")[2].strip()

    def value(self, node: Node) -> Value | list[object] | dict[str, object]:
        """Plain data, lists as lists, as a matrix holds it."""
        if isinstance(node.value, dict):
            return {key: self.value(entry) for key, entry in node.value.items()}
        if isinstance(node.value, list):
            return [self.value(item) for item in node.value]
        return float(node.value) if type(node.value) is int else node.value
