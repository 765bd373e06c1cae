"""The command line, ``gameday``: it parses, calls the public door, and prints."""

from simulator.cli.app import main

__all__ = ["main"]
