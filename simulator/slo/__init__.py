"""What was promised and what pages: SLOs with their budgets, burn-rate alerts, the pager."""
