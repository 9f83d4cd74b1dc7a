"""For the learning itself: epochs of steps, watched, and stopped when it goes wrong."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import tensorflow as tf

from mnist_trainer import batches, network, schedule, steps
from mnist_trainer.batches import Piece
from mnist_trainer.dataset import Dataset, Split
from mnist_trainer.errors import DivergedError
from mnist_trainer.history import History, Point
from mnist_trainer.narrator import Narrator, Progress
from mnist_trainer.parameters import Precision
from mnist_trainer.plan import Plan
from mnist_trainer.progress import Reporter
from mnist_trainer.steps import Settings, State
from mnist_trainer.team import ALONE, Team

__all__ = ["Checkpoint", "Learned", "train"]

_PIECE: Final = 48
"""Steps between two reports: a fraction of a second."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What has been learned, as numpy arrays of float32."""

    weights: Any
    """(weights,)"""
    statistics: Any
    """(statistics,)"""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a training stands after an epoch, and all that it takes to go on."""

    state: State
    """As numpy arrays."""
    history: History


def train(
    dataset: Dataset,
    plan: Plan,
    *,
    narrator: Narrator,
    seconds: Callable[[], float],
    team: Team = ALONE,
    begin: Learned | None = None,
    resume: Checkpoint | None = None,
    keep: Callable[[Checkpoint], None] | None = None,
    reporter: Reporter | None = None,
    begun: Callable[[], None] = lambda: None,
) -> tuple[Learned, History]:
    """Train on all images of the training split.

    Args:
        dataset: whose training split is learned from.
        plan: of the training.
        narrator: hears how it goes.
        seconds: a stop watch.
        team: how to act together with other processes.
        begin: an earlier model of the same network to begin from, instead of chance.
        resume: where this very training had come to.
        keep: gets a checkpoint after each epoch.
        reporter: tells programs how far it is; one process of a team has one.
        begun: is called each time that some steps have been taken, so that others can
            wait until the graph is built.

    Raises:
        DivergedError: if a loss or a weight is no number any more.

    """
    run = steps.compile_steps(plan.network, _settings(plan), reduce=team.reduce)
    state = resume.state if resume else _begin(plan, begin)
    history = resume.history if resume else History(epochs=plan.epochs)
    watch = _Watch(plan, history, narrator, reporter)
    for number in range(len(history.done), plan.epochs):
        watch.open_epoch()
        began = seconds()
        for piece in _pieces(dataset.train, plan, number):
            state, told = run(state, piece)
            begun()
            watch.hear(piece, told)
        epoch = history.close_epoch(seconds() - began)
        narrator.say(epoch.sentence(plan.epochs))
        if reporter:
            reporter.close_epoch(epoch)
        if keep:
            keep(Checkpoint(_fetch(state), history))
    _refuse_broken(state)
    return Learned(np.asarray(state.weights), np.asarray(state.statistics)), history


def _begin(plan: Plan, given: Learned | None) -> State:
    weights = (
        given.weights if given else network.draw_weights(plan.network, plan.generator())
    )
    statistics = given.statistics if given else network.new_statistics(plan.network)
    zeros = np.zeros_like(weights)
    return State(weights, zeros, zeros, statistics)


def _settings(plan: Plan) -> Settings:
    parameters = plan.parameters
    mixed = parameters.precision is Precision.MIXED
    return Settings(
        batch=plan.batch // plan.share.of,
        towers=plan.towers,
        parts=plan.parts,
        smoothing=float(parameters.label_smoothing),
        decay=float(parameters.weight_decay),
        dropout=float(parameters.dropout),
        # Every tower of every worker drops units of its own.
        seed=parameters.seed + plan.share.number * plan.towers,
        precision=tf.bfloat16 if mixed else tf.float32,
    )


def _pieces(split: Split, plan: Plan, epoch: int) -> Iterator[Piece]:
    orders = schedule.cut(plan.order(epoch), _PIECE)
    return batches.ahead(lambda order: batches.gather(split, order), orders)


@dataclass(slots=True)
class _Watch:
    """Whoever listens while the steps are taken, and stops them when they go wrong."""

    plan: Plan
    history: History
    narrator: Narrator
    reporter: Reporter | None
    done: int = 0
    """Steps of this epoch."""

    @property
    def title(self) -> str:
        return f"epoch {len(self.history.done) + 1}/{self.plan.epochs}"

    def open_epoch(self) -> None:
        self.done = 0
        self.narrator.begin(f"training, {self.title}")

    def hear(self, piece: Piece, told: Any) -> None:
        steps, plan = piece.order.steps, self.plan
        self.done += steps
        count = float(piece.order.totals.sum())
        loss, accuracy = (float(each) / count for each in told)
        if not math.isfinite(loss):
            raise DivergedError(
                f"the loss became {loss} in {self.title} after {self.done} steps: "
                "lower learningRate or raise batchSize"
            )
        self.history.add(Point(steps, self.done / plan.steps, loss, accuracy))
        step = len(self.history.done) * plan.steps + self.done
        total = plan.epochs * plan.steps
        self.narrator.advance(
            Progress(self.title, step, total, plan.batch, loss, accuracy)
        )
        # What ends an epoch is told with the whole of it, in a moment.
        if self.reporter and self.done < plan.steps:
            self.reporter.advance(step, loss=loss, accuracy=accuracy)


def _fetch(state: State) -> State:
    return State(*(np.asarray(each) for each in state))


def _refuse_broken(state: State) -> None:
    """Look at the weights too: a rectifier turns NaN into an innocent zero."""
    if not all(np.isfinite(np.asarray(each)).all() for each in state):
        raise DivergedError(
            "the trained weights hold NaN or infinity: lower learningRate or raise "
            "batchSize"
        )
