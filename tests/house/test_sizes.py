"""Modules have one job and functions fit a screen."""

from __future__ import annotations

from tests.house import sizes
from tests.house.source import Module, package, report

_LONG_FUNCTION = '"""A module."""\n\ndef f():\n' + "    x = 1\n" * sizes.FUNCTION_LINES
_LONG_MODULE = '"""A module."""\n' + "x = 1\n" * sizes.MODULE_LINES


def test_modules_and_functions_keep_their_size() -> None:
    """Modules have at most 400 lines, functions 70, the kernel excepted; each module says its job."""
    found = [finding for module in package() for finding in sizes.breaches(module)]
    assert not found, report(found)


def test_what_is_too_long_or_silent_is_found() -> None:
    """The check counts modules and functions, and names the function."""
    (function,) = sizes.breaches(Module.parse("simulator/drill/x.py", _LONG_FUNCTION))
    (module,) = sizes.breaches(Module.parse("simulator/drill/x.py", _LONG_MODULE))
    (silent,) = sizes.breaches(Module.parse("simulator/drill/x.py", "x = 1\n"))
    assert "f has 71 lines" in function.message
    assert "401 lines" in module.message
    assert "docstring" in silent.message


def test_only_the_kernel_is_exempt_from_length() -> None:
    """A compiled loop is one function on purpose; it has a docstring all the same."""
    assert not sizes.breaches(Module.parse("simulator/dataplane/kernel.py", _LONG_FUNCTION))
    assert sizes.breaches(Module.parse("simulator/dataplane/plane.py", _LONG_FUNCTION))
    assert sizes.breaches(Module.parse("simulator/dataplane/kernel.py", "x = 1\n"))
