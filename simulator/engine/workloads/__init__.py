"""Deployments, ReplicaSets and what guards them: reconciled a step at a time."""
