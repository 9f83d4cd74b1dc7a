"""The bar: 98 % on MNIST's own test images, with the defaults.

MNIST is looked for where MNIST_NPZ says, then in Keras's cache.
Where neither has it, printed digits with noise are drawn instead, which is a weaker
test of the same code: they must be recognised in 90 % of all cases.
"""

import io
import os
import time
from pathlib import Path

import pytest

from mnist_trainer.data import read_dataset
from mnist_trainer.narrator import Narrator
from mnist_trainer.parameters import Parameters, derive_seed
from trainer.samples import a_dataset

pytestmark = pytest.mark.usefixtures("_tensorflow")


def _find_mnist():
    named = os.environ.get("MNIST_NPZ")
    cached = Path.home() / ".keras" / "datasets" / "mnist.npz"
    return Path(named) if named else cached if cached.is_file() else None


@pytest.fixture(scope="module")
def task():
    """The images, and the accuracy that they ask for."""
    path = _find_mnist()
    if path is None:
        return a_dataset(train=4000, test=500), 0.9
    return read_dataset(path), 0.98


def test_the_defaults_reach_the_bar(task):
    from mnist_trainer.train import evaluate, train  # noqa: PLC0415 (after its start)

    dataset, bar = task
    network, history = train(
        dataset,
        Parameters(seed=derive_seed("35080bc2a2504878a48f81e43117711c.master.in")),
        narrator=Narrator(io.StringIO()),
        seconds=time.perf_counter,
    )

    assert evaluate(network, dataset.test).accuracy >= bar
    assert history.done[-1].loss < history.done[0].loss
