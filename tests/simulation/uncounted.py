"""Metrics that count nothing: what is counted is no part of any story."""

from types import SimpleNamespace

from mnist_operator.metered import Meter

__all__ = ["UNCOUNTED"]


class _NoMeter(Meter):
    """Takes note of nothing."""

    def saw(self, observed, unexplained):
        """A look is over."""

    def showed(self, status):
        """The status says this."""

    def started(self, observed, attempt, now):
        """A TFJob was created."""

    def closed(self, observed, action, outcome, now):
        """An attempt has ended."""

    def decided(self, observed, entries):
        """Lines were written."""


class _NoTime:
    """A block whose length nobody measures."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


class _Uncounted:
    looks = SimpleNamespace(time=_NoTime)

    def meter(self, namespace, name):
        return _METER

    def forget(self, namespace, name):
        """A training is followed no more."""

    def failed(self, reason):
        """A look ended in an error."""


_METER = _NoMeter()
UNCOUNTED = _Uncounted()
