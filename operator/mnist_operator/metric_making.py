"""How a metric is made of its family, and how what counts is kept from doing harm."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram

from mnist_operator.metric_families import FAMILIES

__all__ = ["harmless", "make_counter", "make_histogram"]

_LOGGER = logging.getLogger(__name__)
_T = TypeVar("_T")
_P = ParamSpec("_P")


def harmless(
    method: Callable[Concatenate[_T, _P], None],
) -> Callable[Concatenate[_T, _P], None]:
    """A training goes on, whatever its numbers meet."""

    @wraps(method)
    def guarded(self: _T, /, *args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            method(self, *args, **kwargs)
        except Exception:
            _LOGGER.exception("a metric: internal error")

    return guarded


def make_counter(registry: CollectorRegistry, name: str) -> Counter:
    """A counter as the table of families has it."""
    found = FAMILIES[name]
    return Counter(found.full_name, found.says, found.labels, registry=registry)


def make_histogram(registry: CollectorRegistry, name: str) -> Histogram:
    """A histogram as the table of families has it."""
    found = FAMILIES[name]
    return Histogram(
        found.full_name,
        found.says,
        found.labels,
        buckets=found.buckets,
        registry=registry,
    )
