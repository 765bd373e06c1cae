"""Nodes: how pods are filtered and scored onto them, how they are lost, drained and come back."""
