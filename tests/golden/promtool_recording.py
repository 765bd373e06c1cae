"""Records promtool's answers in ``promtool/``: ``python -m tests.golden.promtool_recording``.

It needs a promtool of the 2.x line on the path. Of each expression it asks for nothing, so that promtool
prints what it got; that becomes the expectation in the file. Of files beside which a ``.txt`` stands, that is
the whole answer: what promtool refuses, and how differences look.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "promtool"
_DIFFERENCE: Final = re.compile(
    r'    expr: (?P<expr>"(?:\\.|[^"\\])*"), time: (?P<time>\w+)'
    r"(?:, err: (?P<err>[^\n]*)|,\n        exp: [^\n]*\n        got: (?P<got>[^\n]*))"
)
_SAMPLE: Final = re.compile(r'(\{(?:"(?:\\.|[^"\\])*"|[^"}])*\}) (\S+?)(?:, |$)')


def stripped(lines: list[str]) -> list[str]:
    """A file's lines without the expected samples."""
    kept, inside = [], False
    for line in lines:
        if line.strip() == "exp_samples:":
            inside = True
        elif inside and not line.startswith(" " * 10):
            inside = False
        if not inside:
            kept.append(line)
    return kept


def recorded(lines: list[str], output: str) -> list[str]:
    """The lines with what promtool said that it got, in its order."""
    answers = iter(list(_DIFFERENCE.finditer(output)))
    answer = next(answers, None)
    found = []
    for line in lines:
        found.append(line)
        text = line.strip()
        if not text.startswith("expr: '"):
            continue
        expression = text.removeprefix("expr: '").removesuffix("'").replace("''", "'")
        spelled = '"' + expression.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if answer is not None and answer["expr"] == spelled:
            if answer["err"]:
                sys.stderr.write(f"refused: {expression}: {answer['err']}\n")
            elif answer["got"] != "nil":
                found.append("        exp_samples:")
                for labels, value in _SAMPLE.findall(answer["got"]):
                    quoted = labels.replace("'", "''")
                    found.append(f"          - {{labels: '{quoted}', value: {_number(value)}}}")
            answer = next(answers, None)
    if answer is not None:
        raise SystemExit(f"left over: {answer.group()}")
    return found


def _number(text: str) -> str:
    """A number as YAML reads it."""
    return {"NaN": ".nan", "+Inf": ".inf", "-Inf": "-.inf"}.get(text, text)


def asked(path: Path, promtool: str = "promtool") -> str:
    """What promtool prints of a file, standard error and output in their order."""
    run = subprocess.run(
        [promtool, "test", "rules", path.name],
        cwd=path.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return run.stdout


def main() -> None:
    """Record every file of the folder."""
    for path in sorted(FOLDER.glob("*.yml")):
        if path.with_suffix(".txt").exists():
            path.with_suffix(".txt").write_text(asked(path))
            continue
        lines = stripped(path.read_text().splitlines())
        path.write_text("\n".join(lines) + "\n")
        path.write_text("\n".join(recorded(lines, asked(path))) + "\n")


if __name__ == "__main__":
    main()
