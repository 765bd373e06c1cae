"""Text columns as Go's ``text/tabwriter`` lays them out, which is how kubectl prints everything.

A cell ends with a tab; a column is a run of consecutive lines that have such a cell; its width is that of its
widest cell plus the padding. The last cell of a line belongs to no column.
"""

from __future__ import annotations

from collections.abc import Sequence

#: kubectl get: ``GetNewTabWriter`` (cli-runtime pkg/printers/tabwriter.go).
GET_MIN_WIDTH, GET_PADDING = 6, 3
#: kubectl describe and rollout history: ``tabbedString`` (kubectl pkg/describe/describe.go).
DESCRIBE_MIN_WIDTH, DESCRIBE_PADDING = 0, 2


def tabulate(text: str, *, min_width: int = DESCRIBE_MIN_WIDTH, padding: int = DESCRIBE_PADDING) -> str:
    """Replace the tabs of ``text`` with spaces so that columns align."""
    lines = [line.split("\t") for line in text.split("\n")]
    widths: list[list[int]] = [[0] * (len(cells) - 1) for cells in lines]
    deepest = max(len(cells) for cells in lines) - 1
    for column in range(deepest):
        start = 0
        while start < len(lines):
            if len(lines[start]) - 1 <= column:
                start += 1
                continue
            end = start
            while end < len(lines) and len(lines[end]) - 1 > column:
                end += 1
            width = max(min_width, max(len(lines[row][column]) for row in range(start, end)) + padding)
            for row in range(start, end):
                widths[row][column] = width
            start = end
    return "\n".join(
        "".join(cell.ljust(width) for cell, width in zip(cells, [*widths[row], 0], strict=True)).rstrip()
        for row, cells in enumerate(lines)
    )


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as ``kubectl get`` prints it: three spaces between columns, none at the end of a line."""
    lines = ["\t".join(cells) for cells in (header, *rows)]
    return tabulate("\n".join(lines), min_width=GET_MIN_WIDTH, padding=GET_PADDING)


def row_below(cells: Sequence[str], widths: list[int]) -> str:
    """One more row of a table that is printed already, as ``kubectl get -w`` adds it.

    Args:
        cells: Of the row.
        widths: Of the columns so far, padding included; a wider cell widens its own from here on.
    """
    for column, cell in enumerate(cells):
        widths[column] = max(widths[column], GET_MIN_WIDTH, len(cell) + GET_PADDING)
    padded = [cell.ljust(width) for cell, width in zip(cells[:-1], widths, strict=False)]
    return "".join([*padded, *cells[-1:]]).rstrip()
