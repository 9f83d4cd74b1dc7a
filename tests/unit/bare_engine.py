"""An engine for followers that never get beyond the API server."""

from types import SimpleNamespace

from mnist_operator.metrics import Metrics
from mnist_operator.settings import Settings
from mnist_operator.traffic import Turnstile

__all__ = ["make_engine"]


def make_engine(kube, **settings):
    """What a follower takes for the engine, with this API server."""
    return SimpleNamespace(
        kube=kube,
        feeds=None,
        lane=SimpleNamespace(follow=lambda *_: None),
        looks=Turnstile(1),
        metrics=Metrics(),
        now=lambda: None,
        rounds=SimpleNamespace(is_fresh=False),
        settings=Settings(**settings),
    )
