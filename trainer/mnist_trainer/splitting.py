"""For data that comes without a test split: some of each class is held back."""

from typing import Any

import numpy as np

from mnist_trainer.errors import DataError

__all__ = ["hold_back"]


def hold_back(labels: Any, *, percent: int, seed: int) -> Any:
    """Choose the images to test with: the same ones for the same labels and seed.

    Of each class it is ``percent`` of a hundred, rounded, at least one, and never all:
    the only image of a class stays with those to train on.

    Args:
        labels: (count,), whole numbers from 0.
        percent: 1 to 50.
        seed: of the choice.

    Returns:
        (count,), bool: true for each image that is held back.

    Raises:
        DataError: no class has two images.

    """
    numbers = np.arange(len(labels), dtype=np.int32)
    shuffled = np.random.default_rng(seed).permutation(numbers)
    # Stable: within its class, every image keeps its place in the shuffled order.
    grouped = shuffled[np.argsort(labels[shuffled], kind="stable")]
    sizes = np.bincount(labels)
    wanted = np.maximum((sizes * percent + 50) // 100, 1)
    wanted = np.minimum(wanted, np.maximum(sizes - 1, 0))
    if not wanted.any():
        raise DataError(
            "y_train has one image of each class, and there is no x_test: push more "
            "images, or x_test and y_test"
        )
    chosen = np.zeros(len(labels), bool)
    for start, count in zip(np.cumsum(sizes) - sizes, wanted, strict=True):
        chosen[grouped[start : start + count]] = True
    return chosen
