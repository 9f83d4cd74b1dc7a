"""What all followers share: clients, feeds, settings, and what is known of all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from mnist_operator.access import Access, Door
from mnist_operator.gate_readings import Comparer
from mnist_operator.kube import Kube
from mnist_operator.listeners import NOBODY, Listeners
from mnist_operator.metered import Meter
from mnist_operator.metrics import Metrics
from mnist_operator.neighbours import Neighbours
from mnist_operator.observer import Observer
from mnist_operator.pachyderm import Feeds
from mnist_operator.performer import Performer
from mnist_operator.plan import Observed
from mnist_operator.progress_lane import Lane, read_run
from mnist_operator.readings import Memory
from mnist_operator.rounds import Rounds
from mnist_operator.settings import Settings
from mnist_operator.traffic import Turnstile

__all__ = ["Engine"]


@dataclass(frozen=True, slots=True)
class Engine:
    """What all followers share."""

    kube: Kube
    access: Access
    feeds: Feeds
    settings: Settings
    now: Callable[[], datetime]
    listeners: Listeners = NOBODY
    """Those who are told of runs, if there are any."""
    metrics: Metrics = field(default_factory=Metrics)
    comparer: Comparer = field(default_factory=Comparer)
    """Compares data for spec.dataGate, one pair of commits at a time."""
    neighbours: Neighbours = field(init=False)
    observer: Observer = field(init=False)
    rounds: Rounds = field(init=False)
    looks: Turnstile = field(init=False)
    """For looks that nothing but time has caused: not all of them at once."""
    lane: Lane = field(init=False)
    """Where it is read how far runs are."""

    def __post_init__(self) -> None:
        """Make what there is one of."""
        neighbours = Neighbours(self.kube, self.settings)
        image = self.settings.trainer_image
        observer = Observer(self.kube, self.access, neighbours, default_image=image)
        object.__setattr__(self, "neighbours", neighbours)
        object.__setattr__(self, "observer", observer)
        object.__setattr__(self, "rounds", Rounds(self.kube, self.settings))
        object.__setattr__(self, "looks", Turnstile(self.settings.looks))
        seconds = self.settings.progress_seconds
        lane = Lane(partial(read_run, self.kube), seconds=seconds)
        object.__setattr__(self, "lane", lane)

    def performer(
        self, door: Door, observed: Observed, memory: Memory, meter: Meter
    ) -> Performer:
        """Who acts on one training, as it was observed just now."""
        return Performer(
            self.kube,
            door,
            observed,
            memory,
            self.now,
            meter=meter,
            listeners=self.listeners,
            key_file=self.settings.signing_key_file,
            comparer=self.comparer,
        )
