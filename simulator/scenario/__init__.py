"""The scenario file: its models, a loader whose errors carry line and path, variants, and the catalogue.

Reading order: ``document.py`` (what a scenario is), ``loader.py`` (how a folder becomes one), ``tree.py`` and
``merge.py`` (YAML with lines; one rule of merging), ``problems.py`` and ``references.py`` (what can be
wrong). The format in one page: ``scenarios/README.md``.
"""

from simulator.scenario.catalog import catalog
from simulator.scenario.document import Scenario, Spec
from simulator.scenario.folders import Entry, find, search_path
from simulator.scenario.graph import USERS, Graph, Part, graph
from simulator.scenario.injects import Injection, read_injection
from simulator.scenario.loader import load, load_bytes
from simulator.scenario.schema import schema, schema_text

__all__ = [
    "USERS",
    "Entry",
    "Graph",
    "Injection",
    "Part",
    "Scenario",
    "Spec",
    "catalog",
    "find",
    "graph",
    "load",
    "load_bytes",
    "read_injection",
    "schema",
    "schema_text",
    "search_path",
]
