"""Metrics of an operator that has met everything at least once."""

from mnist_operator.commits import Repo
from mnist_operator.metrics import Metrics, Sources
from mnist_operator.tallies import Shown
from unit.builders import NOW, attempt, observed

__all__ = ["fill"]


def fill():
    """Metrics in which every family has at least one series."""
    metrics = Metrics()
    repos = {Repo("default", "images"): (True, 2)}
    metrics.ask(Sources(lambda: 1, lambda: 0, lambda: repos, lambda: NOW))
    meter = metrics.meter("team", "mnist")
    meter.tally.shown = Shown(1, 1, True, "InvalidSpec", 0.99, 1.0, "PodLost")
    meter.started(observed(), attempt(), NOW)
    for each in (meter._spans.to_model, meter._spans.publish):
        each.labels("team").observe(1)
    meter._spans.run.labels("team", "failed").observe(1)
    metrics.pachyderm.pachyderm("InspectBranch", "OK", 0.1)
    metrics.kubernetes.kubernetes("GET", "/version", "200", 0.1)
    return metrics
