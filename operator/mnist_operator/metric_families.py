"""Every metric by name: its type, labels, buckets, and what it says. Pure.

The names are an interface: alerts, dashboards and docs/metrics.md are checked against
this table, so none of them can name what is not exported.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["FAMILIES", "PREFIX", "TRAINING", "Family", "Kind"]

PREFIX = "mnist_operator_"
TRAINING = ("namespace", "training")
"""The labels of what is counted for one MnistTraining."""

_SOON = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_CALL = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0)
_LOOK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0)
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_RUN = (10.0, 30.0, *(_MINUTE * n for n in (1, 2, 5, 10, 30)))
_RUN += (*(_HOUR * n for n in (1, 2, 6, 12)), _DAY)
_PUBLISH = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1200.0)


class Kind(StrEnum):
    """As Prometheus calls its types."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Family:
    """One metric."""

    name: str
    """As it is queried, without the prefix: a counter with its _total."""
    kind: Kind
    labels: tuple[str, ...]
    says: str
    buckets: tuple[float, ...] = ()
    """Upper bounds in seconds; the last one, +Inf, is understood."""

    @property
    def full_name(self) -> str:
        """As it is queried."""
        return PREFIX + self.name


_COUNTERS = (
    Family(
        "commits_observed_total",
        Kind.COUNTER,
        TRAINING,
        "Input commits that were seen finished for the first time.",
    ),
    Family(
        "decisions_total",
        Kind.COUNTER,
        (*TRAINING, "decision"),
        "Lines appended to the ledger, by decision.",
    ),
    Family("runs_started_total", Kind.COUNTER, TRAINING, "TFJobs created."),
    Family(
        "runs_finished_total",
        Kind.COUNTER,
        (*TRAINING, "result"),
        "Runs that came to their end, by result.",
    ),
    Family(
        "reconcile_errors_total",
        Kind.COUNTER,
        ("reason",),
        "Looks at a training that ended in an error, by the condition's reason.",
    ),
    Family(
        "feed_reconnects_total",
        Kind.COUNTER,
        ("project", "repo"),
        "Subscriptions to an input repo that were begun anew.",
    ),
    Family(
        "pachyderm_requests_total",
        Kind.COUNTER,
        ("method", "code"),
        "Calls to pachd that came to their end, by gRPC method and status.",
    ),
    Family(
        "kubernetes_requests_total",
        Kind.COUNTER,
        ("method", "resource", "code"),
        "Requests to the API server, by HTTP method, resource and status.",
    ),
    Family(
        "lineage_events_total",
        Kind.COUNTER,
        ("result",),
        "OpenLineage events, by what became of them.",
    ),
    Family(
        "trace_spans_total",
        Kind.COUNTER,
        ("result",),
        "Spans of traces, by what became of them.",
    ),
)

_HISTOGRAMS = (
    Family(
        "commit_to_job_seconds",
        Kind.HISTOGRAM,
        ("namespace",),
        "Time from an input commit's finish to its first TFJob, queue included.",
        _SOON,
    ),
    Family(
        "commit_to_model_seconds",
        Kind.HISTOGRAM,
        ("namespace",),
        "Time from an input commit's finish to its published model.",
        _RUN,
    ),
    Family(
        "run_duration_seconds",
        Kind.HISTOGRAM,
        ("namespace", "result"),
        "Time from a TFJob's start to its end, by the run's result.",
        _RUN,
    ),
    Family(
        "publish_duration_seconds",
        Kind.HISTOGRAM,
        ("namespace",),
        "Time that publishing a model took.",
        _PUBLISH,
    ),
    Family(
        "reconcile_duration_seconds",
        Kind.HISTOGRAM,
        (),
        "Time that one look at a training took, with its actions.",
        _LOOK,
    ),
    Family(
        "pachyderm_request_duration_seconds",
        Kind.HISTOGRAM,
        ("method",),
        "Time that a call to pachd took, without its turn and without waits.",
        _CALL,
    ),
    Family(
        "kubernetes_request_duration_seconds",
        Kind.HISTOGRAM,
        ("method",),
        "Time until the API server began to answer, without the request's turn.",
        _CALL,
    ),
)

_GAUGES = (
    Family("trainings", Kind.GAUGE, (), "MnistTrainings that are followed."),
    Family(
        "pending_commits",
        Kind.GAUGE,
        TRAINING,
        "Input commits that are not decided yet.",
    ),
    Family(
        "oldest_pending_commit_age_seconds",
        Kind.GAUGE,
        TRAINING,
        "Time since the oldest undecided commit was finished; 0 where there is none.",
    ),
    Family(
        "last_success_timestamp_seconds",
        Kind.GAUGE,
        TRAINING,
        "When the newest model was published, in Unix time.",
    ),
    Family(
        "model_accuracy_ratio",
        Kind.GAUGE,
        TRAINING,
        "Accuracy of the newest model on its test split, 0 to 1.",
    ),
    Family(
        "training_ready", Kind.GAUGE, TRAINING, "1 where condition Ready is True, or 0."
    ),
    Family(
        "training_stalled",
        Kind.GAUGE,
        (*TRAINING, "reason"),
        "1 where condition Stalled is True, and no series where it is not.",
    ),
    Family(
        "last_failure_info",
        Kind.GAUGE,
        (*TRAINING, "reason"),
        "1 where the newest run failed, by its reason, and no series where it did not.",
    ),
    Family(
        "models_without_lineage",
        Kind.GAUGE,
        TRAINING,
        "Finished commits on top of the output branch that no record explains.",
    ),
    Family("active_runs", Kind.GAUGE, TRAINING, "Attempts that are under way."),
    Family(
        "feed_connected",
        Kind.GAUGE,
        ("project", "repo"),
        "1 where the subscription to an input repo or a look at it works, or 0.",
    ),
    Family(
        "queue_depth",
        Kind.GAUGE,
        (),
        "MnistTrainings that wait for their turn to be looked at.",
    ),
    Family(
        "build_info", Kind.GAUGE, ("version", "python"), "The operator that runs; 1."
    ),
)

FAMILIES: Mapping[str, Family] = {
    each.name: each for each in (*_COUNTERS, *_HISTOGRAMS, *_GAUGES)
}
"""By name, without the prefix."""
