"""What rings and whom it reaches: alerting rules, Alertmanager's configuration, the pager's escalation."""

from __future__ import annotations

from typing import Literal

from simulator.scenario.fields import Model


class Alerts(Model):
    """Which alerting rules run: ``workbook`` generates the Site Reliability Workbook's from each SLO."""

    generate: Literal["workbook"] = "workbook"
