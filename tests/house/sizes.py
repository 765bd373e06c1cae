"""How long a module and a function may be, and that each module says what it is for."""

from __future__ import annotations

import ast
import re

from tests.house.source import Finding, Module

MODULE_LINES = 400
FUNCTION_LINES = 70
_KERNEL = re.compile(r"simulator/dataplane/kernel\w*\.py")


def breaches(module: Module) -> list[Finding]:
    """What in one module is too long, or undocumented. The compiled kernel is exempt from length only."""
    found = []
    if not ast.get_docstring(module.tree):
        found.append(Finding(module.path, 1, "a module begins with a docstring that says its one job"))
    if _KERNEL.fullmatch(module.path):
        return found
    if (lines := module.text.count("\n")) > MODULE_LINES:
        found.append(Finding(module.path, 1, f"{lines} lines, over {MODULE_LINES}: split it by job"))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            if length > FUNCTION_LINES:
                text = f"{node.name} has {length} lines, over {FUNCTION_LINES}: name its steps as functions"
                found.append(Finding(module.path, node.lineno, text))
    return found
