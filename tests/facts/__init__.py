"""Figures and rules of the tools that the kit models, as data; each file names its sources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def _load(name: str) -> Any:
    return json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


K8S = _load("k8s_kubectl.json")
SLO = _load("slo_facts.json")
RESILIENCE = _load("resilience.json")
TAIL = _load("tail_and_retries.json")
