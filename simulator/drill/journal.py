"""The run file: JSON lines, a header and then one line an act, written and synced before the act is applied.

The journal *is* the run: scenario, variant, seed and acts give every byte again. Each line carries the digest
of all that came before it, so damage shows at its line. The last line may be torn by a crash: that one is
reported and dropped. Anything else that is damaged is refused with its line number.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO, Final

from simulator.drill.acts import MODES, Act, Mode
from simulator.errors import JournalError

KIND: Final = "gameday-run"
VERSION: Final = 1
_CHAIN_DIGITS: Final = 32
#: How much the coach does himself, 0 to 4; the header names it where it is another than this.
GUIDANCE: Final = range(5)
DEFAULT_GUIDANCE: Final = 3
_LARGEST: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Header:
    """What, besides the acts, a run is made of.

    Attributes:
        kit: Version of the kit that wrote the file; another version says so, and opens it.
        scenario: The scenario's name.
        scenario_digest: Of all that can change a run; see ``Scenario.digest``.
        seed: As the run had it.
        variant: From 0.
        mode: ``lesson`` or ``game-day``.
        guidance: How much the coach does himself: 0 all of it, 3 nothing, 4 he is silent as well.
    """

    kit: str
    scenario: str
    scenario_digest: str
    seed: int
    variant: int
    mode: Mode
    guidance: int = DEFAULT_GUIDANCE

    def fields(self) -> dict[str, object]:
        """As the first line holds them, without the chain; the usual guidance is not spelled out."""
        guidance = {} if self.guidance == DEFAULT_GUIDANCE else {"guidance": self.guidance}
        return {
            "kind": KIND,
            "version": VERSION,
            "kit": self.kit,
            "scenario": self.scenario,
            "scenario_digest": self.scenario_digest,
            "seed": self.seed,
            "variant": self.variant,
            "mode": self.mode,
            **guidance,
        }


@dataclass(frozen=True, slots=True)
class Recording:
    """A run file as read.

    Attributes:
        header: Its first line.
        acts: In order.
        chain: The digest to continue with.
        good_bytes: Length of the sound part of the file.
        damage: Empty, or one sentence on the last line that was dropped.
    """

    header: Header
    acts: tuple[Act, ...]
    chain: str
    good_bytes: int
    damage: str = ""


def _link(chain: str, fields: dict[str, object]) -> str:
    text = chain + json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_CHAIN_DIGITS]


def _encode(fields: dict[str, object], chain: str) -> bytes:
    return json.dumps({**fields, "chain": chain}, separators=(",", ":")).encode("ascii") + b"\n"


def _act_fields(number: int, act: Act) -> dict[str, object]:
    """As a line holds them, without the chain; no role is not spelled out."""
    role = {"role": act.role} if act.role else {}
    return {"n": number, "at": act.at, "line": act.line, "actor": act.actor, **role}


def kit_version() -> str:
    """The installed kit's version; ``source`` when it runs from a source tree that is not installed."""
    try:
        return version("gameday")
    except PackageNotFoundError:
        return "source"


class Journal:
    """A run file to write to; one writer. No handle stays open between two acts: nothing needs closing."""

    def __init__(self, path: Path, chain: str, count: int) -> None:
        self.path = path
        self._chain = chain
        self._count = count

    @classmethod
    def create(cls, path: Path, header: Header) -> Journal:
        """Start a new file with its header on disk.

        Raises:
            JournalError: The file exists already, or its folder can't be written.
        """
        chain = _link("", header.fields())
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                _put(file, _encode(header.fields(), chain))
        except FileExistsError:
            raise JournalError(
                str(path),
                expected="a new file",
                got="a run file that exists",
                todo="Resume it with gameday's sim.resume(path), or give another path.",
            ) from None
        except OSError as error:
            raise _unwritable(path, error) from None
        return cls(path, chain, 0)

    @classmethod
    def open(cls, path: Path, recording: Recording) -> Journal:
        """Go on with a file that was read: a torn tail is cut off first.

        Raises:
            JournalError: The file can't be written.
        """
        try:
            with path.open("r+b") as file:
                file.seek(recording.good_bytes - 1)
                ends_well = file.read(1) == b"\n"
                file.truncate(recording.good_bytes)
                _put(file, b"" if ends_well else b"\n")
        except OSError as error:
            raise _unwritable(path, error) from None
        return cls(path, recording.chain, len(recording.acts))

    def append(self, act: Act) -> None:
        """Put one act on disk; returns when it is there.

        Raises:
            JournalError: The file can't be written; the act is not in it.
        """
        fields = _act_fields(self._count + 1, act)
        chain = _link(self._chain, fields)
        try:
            with self.path.open("r+b") as file:
                file.seek(0, os.SEEK_END)
                _put(file, _encode(fields, chain))
        except OSError as error:
            raise _unwritable(self.path, error) from None
        self._count += 1
        self._chain = chain


def _put(file: BinaryIO, data: bytes) -> None:
    """Write and wait until it is on disk."""
    file.write(data)
    file.flush()
    os.fsync(file.fileno())


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        str(path),
        expected="a place to write",
        got=error.strerror or str(error),
        todo="Free some space, or give another path.",
    )


def read(path: Path) -> Recording:
    """Read and verify a run file.

    Raises:
        JournalError: It can't be read, is no run file, or a line other than the last is damaged.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise JournalError(
                str(path), expected="a run file under 64 MiB", got="a larger file", todo="Check the path."
            )
        data = path.read_bytes()
    except OSError as error:
        raise JournalError(
            str(path), expected="a run file", got=error.strerror or str(error), todo="Check the path."
        ) from None
    lines = data.splitlines(keepends=True)
    header, chain = _header(path, lines)
    acts: list[Act] = []
    good, damage = len(lines[0]), ""
    for index, line in enumerate(lines[1:], start=2):
        try:
            act, chain = _act(line, len(acts) + 1, chain, acts[-1].at if acts else 0)
        except ValueError as problem:
            where = f"{path}:{index}"
            if index < len(lines):
                raise JournalError(
                    where,
                    expected="an act whose digest follows from the line before",
                    got=str(problem),
                    todo="The file was changed after it was written; use an unchanged copy.",
                ) from None
            damage = (
                f"{where}: the last line was damaged ({problem}) and is dropped; act {len(acts) + 1} is lost."
            )
            break
        acts.append(act)
        good += len(line)
    return Recording(header, tuple(acts), chain, good, damage)


def _header(path: Path, lines: list[bytes]) -> tuple[Header, str]:
    where = f"{path}:1"
    try:
        fields = _object(lines[0] if lines else b"")
        if fields.get("kind") != KIND:
            raise ValueError("no gameday-run header")
        if fields.get("version") != VERSION:
            raise JournalError(
                where,
                expected=f"run file version {VERSION}",
                got=f"version {fields.get('version')!r}",
                todo="Open it with the version of gameday that wrote it.",
            )
        seed, variant, mode = fields["seed"], fields["variant"], fields["mode"]
        guidance = fields.get("guidance", DEFAULT_GUIDANCE)
        names = [fields[name] for name in ("kit", "scenario", "scenario_digest")]
        whole = _whole(seed) and _whole(variant) and _whole(guidance) and guidance in GUIDANCE
        if not (whole and mode in MODES and all(isinstance(n, str) for n in names)):
            raise ValueError("a field of the wrong type")
        header = Header(names[0], names[1], names[2], seed, variant, mode, guidance)
        chain = _link("", header.fields())
        if fields.get("chain") != chain:
            raise ValueError("its digest does not match its text")
    except (ValueError, KeyError) as problem:
        raise JournalError(
            where,
            expected="the header of a run file",
            got=f"missing {problem}" if isinstance(problem, KeyError) else str(problem),
            todo="Give a file that gameday wrote.",
        ) from None
    return header, chain


def _object(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line.decode("ascii"))
    except (ValueError, RecursionError):
        raise ValueError("half a line" if not line.endswith(b"\n") else "a line that is no JSON") from None
    if not isinstance(fields, dict):
        raise ValueError("a line that is no JSON object")
    return fields


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _act(line: bytes, number: int, chain: str, earliest: int) -> tuple[Act, str]:
    fields = _object(line)
    at, words = fields.get("at"), [fields.get("line"), fields.get("actor"), fields.get("role", "")]
    texts = [word for word in words if isinstance(word, str)]
    if not (isinstance(at, int) and _whole(at) and len(texts) == len(words)):
        raise ValueError("a field of the wrong type")
    act = Act(at, *texts)
    expected = _link(chain, _act_fields(number, act))
    if fields.get("n") != number or fields.get("chain") != expected:
        raise ValueError("a digest that does not match")
    if at < earliest:
        raise ValueError("an act that lies before the one above it")
    return act, expected


def default_path(scenario: str, variant: int, seed: int, folder: Path = Path("runs")) -> Path:
    """The first free file for this run: ``runs/NAME-v0-s7.jsonl``, then ``-2``, ``-3`` and so on."""
    stem = f"{scenario}-v{variant}-s{seed}"
    path, count = folder / f"{stem}.jsonl", 1
    while path.exists():
        count += 1
        path = folder / f"{stem}-{count}.jsonl"
    return path
