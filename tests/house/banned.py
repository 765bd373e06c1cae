"""Calls that would make a run differ from its replay, or a library behave like a script.

Names are resolved through the module's imports, so ``from time import time as now`` is seen too. Each
rule names its replacement, and the rooms that are excused.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tests.house.source import Finding, Module

_ORDER_FREE = frozenset({"sorted", "set", "frozenset", "len", "any", "all", "sum", "min", "max"})
_SETS = frozenset({"set", "frozenset"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One ban.

    Attributes:
        names: Dotted names; one that ends in a dot bans everything under it.
        instead: What to do instead, as the message says it.
        excused: Rooms in which the call is right.
    """

    names: tuple[str, ...]
    instead: str
    excused: tuple[str, ...] = ()


RULES: tuple[Rule, ...] = (
    Rule(
        (
            "time.time",
            "time.time_ns",
            "datetime.datetime.now",
            "datetime.datetime.utcnow",
            "datetime.datetime.today",
            "datetime.date.today",
            "time.localtime",
            "time.gmtime",
        ),
        "a run knows simulated time only: take `now` (nanoseconds) from the run or the environment",
    ),
    Rule(
        (
            "time.monotonic",
            "time.monotonic_ns",
            "time.perf_counter",
            "time.perf_counter_ns",
            "time.process_time",
            "time.process_time_ns",
            "time.sleep",
        ),
        "the wall clock belongs to the command line and the live console: take `now` from the run",
        ("cli", "lab"),
    ),
    Rule(
        ("random.", "numpy.random.", "secrets.", "uuid.uuid1", "uuid.uuid4", "os.urandom"),
        "chance is keyed: simulator.streams.Stream(seed, name).uniform(*parts)",
    ),
    Rule(
        ("input",),
        "a run that waits at a prompt can't be replayed: answer with text, and take drill.run('yes')",
    ),
    Rule(("print",), "return text and let the front end print it", ("cli",)),
    Rule(("eval", "exec", "compile"), "nothing here evaluates text: parse it"),
    Rule(("hash",), "hash() of text differs by process: simulator.streams.key(text)"),
    Rule(("id",), "id() differs by process: key by (owner, revision, ordinal)"),
    Rule(
        ("os._exit", "sys.exit"),
        "raise a GamedayError and let the command line choose the exit code",
        ("cli",),
    ),
    Rule(
        tuple(
            f"numpy.{name}"
            for name in (
                "exp",
                "exp2",
                "expm1",
                "log",
                "log2",
                "log10",
                "log1p",
                "power",
                "float_power",
                "cbrt",
                "sin",
                "cos",
                "tan",
                "tanh",
                "sinh",
                "cosh",
                "arctan",
                "arcsin",
                "arccos",
                "logaddexp",
                "logspace",
                "geomspace",
            )
        ),
        "numpy's transcendental functions differ by processor: use math's, one value at a time",
        ("lab", "cli"),
    ),
)


def breaches(module: Module) -> list[Finding]:
    """Banned calls and unordered iteration in one module."""
    return [*_calls(module), *_set_iteration(module)]


def _aliases(tree: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return aliases.get(node.id, node.id)
    if isinstance(node, ast.Attribute) and (head := _dotted(node.value, aliases)):
        return f"{head}.{node.attr}"
    return ""


def _calls(module: Module) -> Iterator[Finding]:
    aliases = _aliases(module.tree)
    defined = {node.name for node in module.tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue
        name = _dotted(node, aliases)
        if name in defined:
            continue
        for rule in RULES:
            hit = any(name == ban or (ban.endswith(".") and name.startswith(ban)) for ban in rule.names)
            if hit and module.room not in rule.excused and _is_use(name, node, module.tree):
                yield Finding(module.path, node.lineno, f"{name} is banned here: {rule.instead}")


def _is_use(name: str, node: ast.expr, tree: ast.Module) -> bool:
    """A bare builtin counts only where it is called: a field may well be named `id`."""
    if "." in name:
        return True
    return any(isinstance(call, ast.Call) and call.func is node for call in ast.walk(tree))


def _set_iteration(module: Module) -> Iterator[Finding]:
    for scope in (node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.Module)):
        sets = _names_of_sets(scope)
        for node in _own_nodes(scope):
            for iterated in _iterated(node):
                if _is_set(iterated, sets):
                    yield Finding(
                        module.path,
                        iterated.lineno,
                        "a set has no order that a replay could repeat: iterate sorted(...)",
                    )


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, ast.FunctionDef):
            yield from _own_nodes(child)


def _names_of_sets(scope: ast.AST) -> frozenset[str]:
    names: set[str] = set()
    others: set[str] = set()
    for node in _own_nodes(scope):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            (names if _is_set(node.value, frozenset()) else others).add(node.targets[0].id)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            annotated = (
                node.annotation.value if isinstance(node.annotation, ast.Subscript) else node.annotation
            )
            is_set = isinstance(annotated, ast.Name) and annotated.id in _SETS
            (names if is_set else others).add(node.target.id)
    return frozenset(names - others)


def _is_set(node: ast.expr, names: frozenset[str]) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in _SETS
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr | ast.Sub | ast.BitXor):
        return _is_set(node.left, names) or _is_set(node.right, names)
    return isinstance(node, ast.Name) and node.id in names


def _iterated(node: ast.AST) -> Iterator[ast.expr]:
    """Expressions that are walked in order by this node, where the order can reach a result."""
    if isinstance(node, ast.For):
        yield node.iter
    elif isinstance(node, ast.ListComp | ast.DictComp):
        yield from (generator.iter for generator in node.generators)
    elif isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        joins = isinstance(node.func, ast.Attribute) and node.func.attr == "join"
        for argument in node.args:
            if name in {"list", "tuple", "enumerate", "iter", "dict", "map", "zip"} or joins:
                yield argument
            if isinstance(argument, ast.GeneratorExp) and name not in _ORDER_FREE:
                yield from (generator.iter for generator in argument.generators)
