"""No call in the package can make a run differ from its replay."""

from __future__ import annotations

import pytest

from tests.house import banned
from tests.house.source import Module, package, report


def test_no_banned_call_is_made() -> None:
    """No wall clock, no unkeyed chance, no prompt, no print, no eval, no hash of a process, no set order."""
    found = [finding for module in package() for finding in banned.breaches(module)]
    assert not found, report(found)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("import time\nx = time.time()", "take `now`"),
        ("from time import time as now\nx = now()", "take `now`"),
        ("from datetime import datetime\nx = datetime.now()", "take `now`"),
        ("import datetime as dt\nx = dt.datetime.now(dt.UTC)", "take `now`"),
        ("import time\nclock = time.perf_counter", "wall clock belongs"),
        ("import random\nx = random.choice([1, 2])", "simulator.streams.Stream"),
        ("import numpy as np\nx = np.random.default_rng(1)", "simulator.streams.Stream"),
        ("import uuid\nx = uuid.uuid4()", "simulator.streams.Stream"),
        ("x = input('sure? ')", "drill.run('yes')"),
        ("print('hello')", "let the front end print it"),
        ("x = eval('1 + 1')", "parse it"),
        ("x = hash('checkout')", "simulator.streams.key"),
        ("x = {id(y): y for y in [object()]}", "owner, revision, ordinal"),
        ("import sys\nsys.exit(2)", "raise a GamedayError"),
        ("import numpy as np\nx = np.exp(1.0)", "use math's"),
        ("for x in {1, 2}: pass", "sorted(...)"),
        ("x = [y for y in set('abc')]", "sorted(...)"),
        ("x = ', '.join({'a', 'b'})", "sorted(...)"),
        ("def f(a):\n    seen = set(a)\n    return list(seen - {1})", "sorted(...)"),
        ("def f(a):\n    seen: set[int] = a\n    return tuple(y for y in seen)", "sorted(...)"),
    ],
)
def test_a_banned_call_is_found_and_the_message_says_what_to_do(text: str, instead: str) -> None:
    """Each rule is able to fail, through any way of importing the name, and names its replacement."""
    found = banned.breaches(Module.parse("simulator/drill/x.py", text))
    assert found
    assert instead in report(found)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("simulator/cli/x.py", "import time\ntime.sleep(1)\nprint('hello')"),
        ("simulator/lab/x.py", "import time\nx = time.monotonic()"),
        ("simulator/drill/x.py", "import math\nx = math.exp(1.0)"),
        ("simulator/drill/x.py", "import re\nx = re.compile('a')"),
        ("simulator/drill/x.py", "class Message:\n    id: str = ''\nx = Message().id"),
        ("simulator/drill/x.py", "x = sorted({1, 2})\ny = any(z > 1 for z in {1, 2})\nw = 3 in {1, 2}"),
        ("simulator/drill/x.py", "from simulator.streams import key\nx = key('checkout')"),
    ],
)
def test_what_is_right_passes(path: str, text: str) -> None:
    """The rules excuse the rooms that need the call, and don't mistake a field or a method for a builtin."""
    assert not banned.breaches(Module.parse(path, text))
