"""How a language is linted, tested and tried end to end: the steps of its gates, as a workflow has them.

Each ``uses`` names an action without a commit; ``actions.pinned`` gives it the one of the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Stack:
    """One language.

    Attributes:
        setup: Steps after the checkout of every gate: the tool chain, cached, and dependencies.
        lint: Steps of the first gate.
        test: Steps of the second.
        end_to_end: The command that tries a running service; it finds its address in ``BASE_URL``.
        ecosystem: What Dependabot calls it.
    """

    setup: str
    lint: str
    test: str
    end_to_end: str
    ecosystem: str


STACKS: Final = {
    "node": Stack(
        setup="""\
- uses: actions/setup-node
  with: {node-version: 24, cache: npm}
- run: npm ci
""",
        lint="""\
- name: Lint
  run: npm run lint
- name: Type check
  run: npm run typecheck
""",
        test="""\
- name: Unit tests
  run: npm test
""",
        end_to_end="npm run test:e2e",
        ecosystem="npm",
    ),
    "python": Stack(
        setup="""\
- uses: actions/setup-python
  with: {python-version: "3.13", cache: pip, cache-dependency-path: requirements*.txt}
- run: python -m pip install --require-hashes -r requirements-dev.txt
""",
        lint="""\
- name: Lint
  run: ruff check . && ruff format --check .
- name: Type check
  run: mypy .
""",
        test="""\
- name: Unit tests
  run: python -m pytest tests/unit
""",
        end_to_end="python -m pytest tests/e2e",
        ecosystem="pip",
    ),
    "go": Stack(
        setup="""\
- uses: actions/setup-go
  with: {go-version-file: go.mod, cache: true}
- run: go mod download && go mod verify
""",
        lint="""\
- name: Lint
  run: test -z "$(gofmt -l .)" && go vet ./...
- name: Type check
  run: go build ./...
""",
        test="""\
- name: Unit tests
  run: go test -race ./...
""",
        end_to_end="go test -tags e2e ./e2e/...",
        ecosystem="gomod",
    ),
    "java": Stack(
        setup="""\
- uses: actions/setup-java
  with: {distribution: temurin, java-version: "21", cache: maven}
- name: Install dependencies
  run: ./mvnw --batch-mode dependency:go-offline
""",
        lint="""\
- name: Lint
  run: ./mvnw --batch-mode checkstyle:check
- name: Type check
  run: ./mvnw --batch-mode test-compile
""",
        test="""\
- name: Unit tests
  run: ./mvnw --batch-mode test
""",
        end_to_end="./mvnw --batch-mode -P e2e verify",
        ecosystem="maven",
    ),
}
