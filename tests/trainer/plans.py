"""Trainings to plan, small enough to look at each number of them."""

import json

import numpy as np

from mnist_trainer.dataset import Dataset, Split
from mnist_trainer.parameters import Parameters, read_parameters
from mnist_trainer.plan import Plan, make_plan


def some_parameters(**given) -> Parameters:
    """Read parameters as the program does, in the words of TRAINER_PARAMETERS."""
    return read_parameters(json.dumps(given), seed=0)


def a_split(count: int, *shape: int, classes: int = 10) -> Split:
    """Noise of which every image and label can be told from the others."""
    generator = np.random.default_rng(count)
    images = generator.integers(0, 256, (count, *(shape or (28, 28))), np.uint8)
    return Split(images, generator.integers(0, classes, count).astype(np.int32))


def some_data(count: int, *shape: int, classes: int = 10) -> Dataset:
    return Dataset(
        train=a_split(count, *shape, classes=classes),
        test=a_split(9, *shape, classes=classes),
        classes=classes,
        names=tuple(map(str, range(classes))),
    )


def a_plan(data: Dataset | int, *, share=None, towers: int | None = None, **given):
    """Plan a training on data, or on so many images of noise."""
    dataset = some_data(data, 8, 8) if isinstance(data, int) else data
    options = {"share": share, "towers": towers}
    chosen = {name: value for name, value in options.items() if value is not None}
    plan: Plan = make_plan(dataset, some_parameters(**given), **chosen)
    return plan
