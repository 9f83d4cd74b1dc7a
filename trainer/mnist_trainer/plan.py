"""For what a training is, once parameters and data are known and before it begins."""

import hashlib
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnist_trainer import schedule
from mnist_trainer.architecture import Network, plan_network
from mnist_trainer.batches import with_channels
from mnist_trainer.dataset import Dataset
from mnist_trainer.parameters import Parameters
from mnist_trainer.recipes import Augmentation
from mnist_trainer.schedule import Order, Share

__all__ = ["Plan", "make_plan"]


@dataclass(frozen=True, slots=True)
class Plan:
    """One training, for one process of the team that does it."""

    network: Network
    parameters: Parameters
    images: int
    epochs: int
    augmentation: Augmentation
    batch: int
    """Images in one step of all workers."""
    steps: int
    """In one epoch."""
    towers: int
    """Of this process."""
    share: Share

    @property
    def parts(self) -> int:
        """Towers of all workers together."""
        return self.towers * self.share.of

    def order(self, epoch: int) -> Order:
        """Draw up one epoch, from 0."""
        total = self.steps * self.epochs
        pace = schedule.rates(total, float(self.parameters.learning_rate))
        return schedule.plan_epoch(
            self.parameters.seed,
            epoch,
            images=self.images,
            batch=self.batch,
            size=self.network.size[:2],
            augmentation=self.augmentation,
            rates=pace[epoch * self.steps : (epoch + 1) * self.steps],
            share=self.share,
        )

    def generator(self) -> np.random.Generator:
        """Chance for what is drawn once, before the first epoch."""
        return np.random.default_rng(self.parameters.seed)

    def describe(self) -> dict[str, Any]:
        """Write down what is done: the parameters, and what followed from the data."""
        found = {"epochs": self.epochs, "augmentation": self.augmentation}
        return self.parameters.describe() | found

    def fingerprint(self) -> str:
        """Tell whether two processes are about to do the same training."""
        facts = self.images, self.batch, self.parts
        text = repr((self.network, sorted(self.describe().items()), facts))
        return hashlib.sha256(text.encode()).hexdigest()


def make_plan(
    dataset: Dataset,
    parameters: Parameters,
    *,
    share: Share = Share(),  # noqa: B008 (frozen)
    towers: int = 2,
) -> Plan:
    """Plan a training.

    Args:
        dataset: to train on.
        parameters: as asked.
        share: this process's, among its team.
        towers: of all processes together, where each has one at least; two are for
            two cores, and more cost more than further cores would bring.

    """
    images = dataset.train.count
    recipe = parameters.made_by
    each = max(1, towers // share.of)
    parts = each * share.of
    asked = min(parameters.batch_size, images)
    batch = max(parts, math.ceil(asked / parts) * parts)
    network = plan_network(
        [replace(one, width=one.width * parameters.width) for one in recipe.layers],
        with_channels(dataset.shape),
        dataset.classes,
        views=recipe.views,
    )
    epochs = parameters.count_epochs(images)
    return Plan(
        network=network,
        parameters=parameters,
        images=images,
        epochs=epochs,
        augmentation=parameters.choose_augmentation(epochs),
        batch=batch,
        steps=math.ceil(images / batch),
        towers=each,
        share=share,
    )
