"""``gh``: runs of the pipeline and its workflow, as GitHub's own program shows them."""

from simulator.drill.console.gh import runs, workflows

__all__ = ["runs", "workflows"]
