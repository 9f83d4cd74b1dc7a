"""What is worked out when Prometheus asks: the series of trainings and of feeds.

It asks in a thread of its own while the loop goes on. Each number is read once and
written by the loop alone; of a dictionary that changes a copy is made first, which
the interpreter does in one step.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from mnist_operator.commits import Repo
from mnist_operator.metric_families import FAMILIES, Kind
from mnist_operator.tallies import Shown, Tally

__all__ = ["Key", "Series", "Sources"]

Key = tuple[str, str]
"""Namespace and name of a MnistTraining."""
_Value = tuple[tuple[str, ...], float]
"""Labels, and a number."""
_Metric = CounterMetricFamily | GaugeMetricFamily


@dataclass(frozen=True, slots=True)
class Sources:
    """Whom to ask how things stand."""

    followed: Callable[[], int]
    waiting: Callable[[], int]
    feeds: Callable[[], Mapping[Repo, tuple[bool, int]]]
    """By repo: whether it answers, and how often its subscription was begun anew."""
    now: Callable[[], datetime]


class Series(Collector):
    """All of it, anew at each scrape: what is gone leaves no series behind."""

    def __init__(self, tallies: Callable[[], Mapping[Key, Tally]]) -> None:
        self._tallies = tallies
        self.sources: Sources | None = None
        """None before there is anything to follow."""

    def collect(self) -> Iterator[_Metric]:
        """Every metric, with the series that there are now."""
        tallies = self._tallies()
        yield from _counts(tallies)
        yield from _gauges(tallies)
        sources = self.sources
        if sources is None:
            return
        yield from _ages(tallies, sources.now())
        yield from _feeds(sources.feeds())
        yield _family("trainings", [((), sources.followed())])
        yield _family("queue_depth", [((), sources.waiting())])


def _family(name: str, values: Iterable[_Value]) -> _Metric:
    found = FAMILIES[name]
    counter = found.kind is Kind.COUNTER
    kind = CounterMetricFamily if counter else GaugeMetricFamily
    family = kind(found.full_name, found.says, labels=found.labels)
    for labels, value in values:
        family.add_metric(labels, value)
    return family


def _counts(tallies: Mapping[Key, Tally]) -> Iterator[_Metric]:
    all_of = tallies.items()
    yield _family("commits_observed_total", [(k, t.observed) for k, t in all_of])
    yield _family("runs_started_total", [(k, t.started) for k, t in all_of])
    decided = [((*k, w), n) for k, t in all_of for w, n in t.decided.items()]
    yield _family("decisions_total", decided)
    finished = [((*k, w), n) for k, t in all_of for w, n in t.finished.items()]
    yield _family("runs_finished_total", finished)


def _gauges(tallies: Mapping[Key, Tally]) -> Iterator[_Metric]:
    """What the newest status says; nothing before there is one."""
    shown = [(key, each.shown) for key, each in tallies.items() if each.shown]
    for name, read in _READINGS.items():
        read_all = ((key, read(each)) for key, each in shown)
        yield _family(name, [(k, v) for k, v in read_all if v is not None])
    stalled = [((*key, each.stalled), 1.0) for key, each in shown if each.stalled]
    yield _family("training_stalled", stalled)
    failed = [((*key, each.failure), 1.0) for key, each in shown if each.failure]
    yield _family("last_failure_info", failed)
    unexplained = [(key, each.unexplained) for key, each in tallies.items()]
    yield _family("models_without_lineage", unexplained)


_READINGS: Mapping[str, Callable[[Shown], float | None]] = {
    "pending_commits": lambda shown: shown.pending,
    "active_runs": lambda shown: shown.active,
    "training_ready": lambda shown: float(shown.ready),
    "model_accuracy_ratio": lambda shown: shown.accuracy,
    "last_success_timestamp_seconds": lambda shown: shown.succeeded,
}


def _ages(tallies: Mapping[Key, Tally], now: datetime) -> Iterator[_Metric]:
    since = [(key, each.waiting_since) for key, each in tallies.items()]
    ages = [
        (key, max((now - at).total_seconds(), 0.0) if at else 0.0) for key, at in since
    ]
    yield _family("oldest_pending_commit_age_seconds", ages)


def _feeds(feeds: Mapping[Repo, tuple[bool, int]]) -> Iterator[_Metric]:
    named = [((repo.project, repo.name), each) for repo, each in feeds.items()]
    yield _family("feed_connected", [(key, float(works)) for key, (works, _) in named])
    yield _family("feed_reconnects_total", [(key, again) for key, (_, again) in named])
