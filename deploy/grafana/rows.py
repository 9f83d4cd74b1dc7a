"""What the dashboard shows: rows of panels, from top to bottom."""

from panels import BY, NAME, OWN, SPACE, Panel, Query, day, each, quantiles, rates, stat

__all__ = ["ROWS"]

_NEWEST = f"training:mnist_operator_model_accuracy_ratio:newest{{{OWN}}}"

GLANCE = (
    stat(
        "Operators",
        "count(mnist_operator_build_info) or vector(0)",
        "Operators that Prometheus reads; a standby counts.",
        red="below",
    ),
    stat(
        "Trainings",
        "sum(mnist_operator_trainings)",
        "MnistTrainings that are followed, of all namespaces.",
    ),
    stat(
        "Not ready",
        f"count(max {BY} (mnist_operator_training_ready{{{OWN}}}) == 0) or vector(0)",
        "Trainings at work, or in trouble: condition Ready is not True.",
    ),
    stat(
        "Stalled",
        f"count(max {BY} (mnist_operator_training_stalled{{{OWN}}}) > 0) or vector(0)",
        "Trainings for which somebody must act.",
        red="above",
    ),
    stat(
        "Commits now",
        f"sum(max {BY} (mnist_operator_pending_commits{{{OWN}}}))",
        "Input commits that are not decided yet.",
    ),
    stat(
        "Runs now",
        f"sum(max {BY} (mnist_operator_active_runs{{{OWN}}}))",
        "Attempts that are under way.",
    ),
    stat("Models in 24 h", day("published"), "Models that were published."),
    stat(
        "Failures in 24 h",
        day("failed"),
        "Commits whose last attempt failed.",
        red="above",
    ),
    Panel(
        "Alerts that fire",
        (
            Query(
                'ALERTS{alertstate="firing", alertname=~"TrainingStalled|'
                "TrainingFailing|SourceUnreachable|ModelWithoutLineage|"
                'AccuracyDropped|StaleModel|OperatorDown"}'
            ),
        ),
        "docs/runbooks.md has a section for each.",
        "table",
    ),
    Panel(
        "Stalled, and why",
        (
            Query(
                "max by (namespace, training, reason)"
                f" (mnist_operator_training_stalled{{{OWN}}})"
            ),
        ),
        "The message that goes with it: kubectl describe mt.",
        "table",
    ),
    Panel(
        "Failed last, and why",
        (
            Query(
                "max by (namespace, training, reason)"
                f" (mnist_operator_last_failure_info{{{OWN}}})"
            ),
        ),
        "Gone once a run goes well. The message with it: kubectl describe mt.",
        "table",
    ),
)
LATENCY = (
    Panel(
        "Commit to TFJob",
        quantiles("mnist_operator_commit_to_job_seconds", SPACE),
        "From the commit's finish to its first TFJob, the queue included.",
        unit="s",
    ),
    Panel(
        "Commit to model",
        quantiles("mnist_operator_commit_to_model_seconds", SPACE),
        "From the commit's finish to the published model.",
        unit="s",
    ),
    Panel(
        "One run",
        quantiles("mnist_operator_run_duration_seconds", SPACE, "result"),
        "From a TFJob's start to its end, by result.",
        unit="s",
    ),
    Panel(
        "Publishing",
        quantiles("mnist_operator_publish_duration_seconds", SPACE),
        "From the end of a run to its model on the output branch.",
        unit="s",
    ),
    Panel(
        "Runs that end",
        rates("mnist_operator_runs_finished_total", OWN, "result"),
        "In a second, by result: published, failed, canceled.",
        unit="ops",
    ),
    Panel(
        "Runs that begin",
        rates("mnist_operator_runs_started_total", OWN, "namespace", "training"),
        "TFJobs created in a second.",
        unit="ops",
    ),
)
QUEUE = (
    Panel(
        "Commits that wait", each("pending_commits"), "Those that are not decided yet."
    ),
    Panel(
        "Age of the oldest",
        each("oldest_pending_commit_age_seconds"),
        "StaleModel goes by this, after six hours.",
        unit="s",
    ),
    Panel("Runs under way", each("active_runs"), "Attempts of each training."),
    Panel(
        "Commits seen",
        rates("mnist_operator_commits_observed_total", OWN, "namespace", "training"),
        "Finished input commits in a second.",
        unit="ops",
    ),
    Panel(
        "Decisions",
        rates("mnist_operator_decisions_total", OWN, "decision"),
        "Lines of the ledgers in a second.",
        unit="ops",
    ),
    Panel(
        "Since the newest model",
        (
            Query(
                f"time() - max {BY}"
                f" (mnist_operator_last_success_timestamp_seconds{{{OWN}}})",
                NAME,
            ),
        ),
        "A branch without pushes grows old here, and that is no fault.",
        unit="s",
    ),
)
ACCURACY = (
    Panel(
        "Accuracy of the newest model",
        each("model_accuracy_ratio"),
        "With 10,000 test images one standard error is about 0.1 %.",
        unit="percentunit",
        width=12,
        bounds={"max": 1},
    ),
    Panel(
        "Against the median of seven days",
        (
            Query(
                f"max {BY} ({_NEWEST}) - max {BY} (quantile_over_time(0.5,"
                f" {_NEWEST}[7d]))",
                NAME,
            ),
        ),
        "AccuracyDropped goes by this, below -1 %; it takes the alerts' rules.",
        unit="percentunit",
        width=6,
    ),
    Panel(
        "Models without lineage",
        each("models_without_lineage"),
        "Commits on top of the output branch that no record explains.",
        width=6,
    ),
)
REQUESTS = (
    Panel(
        "Feeds",
        (
            Query(
                "min by (project, repo) (mnist_operator_feed_connected)",
                "{{project}}/{{repo}}",
            ),
        ),
        "1 while pachd answers for the repo.",
        bounds={"min": 0, "max": 1},
    ),
    Panel(
        "Subscriptions begun anew",
        rates("mnist_operator_feed_reconnects_total", "", "project", "repo"),
        "In a second.",
        unit="ops",
    ),
    Panel(
        "pachd: calls",
        rates("mnist_operator_pachyderm_requests_total", "", "method"),
        "In a second, by method.",
        unit="reqps",
    ),
    Panel(
        "pachd: calls that fail",
        rates(
            "mnist_operator_pachyderm_requests_total", 'code!="OK"', "method", "code"
        ),
        "In a second. UNKNOWN and NOT_FOUND are often an answer, not a fault.",
        unit="reqps",
    ),
    Panel(
        "pachd: how long",
        quantiles("mnist_operator_pachyderm_request_duration_seconds", "", "method"),
        "Without waits that are meant to be long.",
        unit="s",
    ),
    Panel(
        "API server: requests",
        rates("mnist_operator_kubernetes_requests_total", "", "method", "resource"),
        "In a second, by method and resource.",
        unit="reqps",
    ),
    Panel(
        "API server: requests that fail",
        rates(
            "mnist_operator_kubernetes_requests_total",
            'code!~"2.."',
            *("method", "resource", "code"),
        ),
        "In a second. 404 and 409 are often an answer, not a fault.",
        unit="reqps",
    ),
    Panel(
        "API server: how long",
        quantiles("mnist_operator_kubernetes_request_duration_seconds", "", "method"),
        "Until it began to answer.",
        unit="s",
    ),
)
HEALTH = (
    Panel(
        "One look",
        quantiles("mnist_operator_reconcile_duration_seconds", ""),
        "Of one training, with what is done then.",
        unit="s",
    ),
    Panel(
        "Looks that fail",
        rates("mnist_operator_reconcile_errors_total", "", "reason"),
        "In a second, by the reason that the condition shows.",
        unit="ops",
    ),
    Panel(
        "Trainings that wait for a look",
        (Query("sum(mnist_operator_queue_depth)", "waiting"),),
        "More than a moment: the operator, or pachd, has too much to do.",
    ),
    Panel(
        "OpenLineage events",
        rates("mnist_operator_lineage_events_total", "", "result"),
        "In a second: sent, failed, dropped.",
        unit="ops",
    ),
    Panel(
        "Spans of traces",
        rates("mnist_operator_trace_spans_total", "", "result"),
        "In a second: sent, failed, dropped.",
        unit="ops",
    ),
    Panel(
        "Versions",
        (Query("count by (version, python) (mnist_operator_build_info)"),),
        "What runs.",
        "table",
    ),
)

ROWS: dict[str, tuple[Panel, ...]] = {
    "At a glance": GLANCE,
    "From commit to model": LATENCY,
    "Queue": QUEUE,
    "Accuracy": ACCURACY,
    "Feeds, pachd and API server": REQUESTS,
    "The operator": HEALTH,
}
