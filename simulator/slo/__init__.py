"""What was promised and what pages: SLOs with their budgets, burn-rate alerts, the pager."""

from simulator.slo.alertmanager import Alert, Alertmanager, Notification
from simulator.slo.alerts import AlertRules, AlertStatus, Transition
from simulator.slo.declared import monitor
from simulator.slo.harm import bad_users_by_minute, user_minutes_bad
from simulator.slo.monitor import Monitor, watch, worst
from simulator.slo.objective import Objective
from simulator.slo.pager import Page, Pager
from simulator.slo.rules import WORKBOOK, BurnRow, Condition, Rule, workbook_rules
from simulator.slo.sli import Budget, Curve, Slo

__all__ = [
    "WORKBOOK",
    "Alert",
    "AlertRules",
    "AlertStatus",
    "Alertmanager",
    "Budget",
    "BurnRow",
    "Condition",
    "Curve",
    "Monitor",
    "Notification",
    "Objective",
    "Page",
    "Pager",
    "Rule",
    "Slo",
    "Transition",
    "bad_users_by_minute",
    "monitor",
    "user_minutes_bad",
    "watch",
    "workbook_rules",
    "worst",
]
