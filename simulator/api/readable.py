"""Data frames that a notebook shows for reading: from the left, rounded, with units; values stay exact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

import pandas as pd

#: How a value of one column is shown.
Form = Callable[[Any], str]
_CELL: Final = "text-align:left;vertical-align:top;white-space:normal"


class Readable(pd.DataFrame):
    """A data frame with words of its own for a notebook; what is computed from it is a plain one."""

    _metadata = ["forms"]  # noqa: RUF012 - pandas' own protocol for attributes of a frame
    forms: Mapping[str, Form]

    def _repr_html_(self) -> str:
        """The table that a notebook shows; a name breaks at its underscores."""
        names = ["" if self.index.name is None else str(self.index.name), *map(str, self.columns)]
        head = "".join(_cell("th", escape(name).replace("_", "_<wbr>")) for name in names)
        rows = []
        for row in self.itertuples():
            label, *values = row
            cells = [
                _cell("td", escape(self.forms.get(name, str)(value)))
                for name, value in zip(map(str, self.columns), values, strict=True)
            ]
            rows.append(f"<tr>{_cell('th', escape(str(label)))}{''.join(cells)}</tr>")
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def readable(frame: pd.DataFrame, forms: Mapping[str, Form]) -> Readable:
    """The same frame, which a notebook shows by ``forms``; a column that has none is shown as it stands."""
    made = Readable(frame)
    made.forms = forms
    return made


def _cell(tag: str, words: str) -> str:
    return f'<{tag} style="{_CELL}">{words}</{tag}>'
