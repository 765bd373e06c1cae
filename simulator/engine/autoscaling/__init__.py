"""Horizontal pod autoscalers: what they ask, what they compute, how fast they may move."""
