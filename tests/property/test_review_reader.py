"""No text makes the review's readers do anything but read or refuse, and edits do what they say."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ReviewError
from simulator.review.dockerfile import stages_of
from simulator.review.documents import documents
from simulator.review.files import file_of
from simulator.review.lines import Lines
from simulator.review.patches import Edit, apply, lines_of

LINES = st.lists(
    st.text(alphabet="ab:-{}[]\"'#|> \\<&*%", max_size=12)
    | st.sampled_from(
        ["---", "kind: Pod", "jobs:", "  - run: x", "FROM a AS b", "RUN x \\", "COPY <<E /e", "on: push"]
    ),
    max_size=12,
)


@given(LINES, st.sampled_from(["ci.yaml", "Dockerfile", ".github/settings.yml", "a.env"]))
def test_readers_read_or_refuse(lines: list[str], name: str) -> None:
    """Whatever stands in a file, the answer is a file, a reason, or an error with its place."""
    text = "\n".join(lines)
    for where in (
        *refused_at(lambda: documents(text, name)),
        *refused_at(lambda: stages_of(text, name)),
        *refused_at(lambda: file_of(name, text.encode(), named=False)),
    ):
        assert where.startswith(name)


def refused_at(read: Callable[[], object]) -> list[str]:
    """The places of what a reader refuses; none where it reads."""
    try:
        read()
    except ReviewError as error:
        return [each.where for each in error.problems]
    return []


@given(LINES)
def test_documents_keep_the_lines_of_their_file(lines: list[str]) -> None:
    """The parts of a file know their lines as an editor counts them."""
    text = "\n".join(lines)
    try:
        found = documents(text, "a.yaml")
    except ReviewError:
        return
    assert all(1 <= node.line <= 1 + text.count("\n") for node in found)
    assert sorted(node.line for node in found) == [node.line for node in found]


@given(LINES, st.integers(1, 14), st.sampled_from(["", "run", "with"]))
def test_a_line_put_into_a_block_is_one_line_more(lines: list[str], number: int, after: str) -> None:
    """An edit that inserts changes nothing else, and stands where the file has lines."""
    text = "\n".join(lines) + "\n"
    block = Lines(text)
    for edit in block.into(min(number, len(block.all)), ["new: line"], after=after) if block.all else ():
        assert 0 == edit.remove
        made = lines_of(apply(text, [edit]))
        assert lines_of(text) == [*made[: edit.line - 1], *made[edit.line :]]


@given(LINES, st.lists(st.builds(Edit, st.integers(1, 10), st.integers(0, 1), st.just(("x",))), max_size=4))
def test_the_same_edit_twice_is_made_once(lines: list[str], edits: list[Edit]) -> None:
    """Fixes of several findings share edits."""
    text = "\n".join(lines) + "\n"
    assert apply(text, edits) == apply(text, [*edits, *edits])
