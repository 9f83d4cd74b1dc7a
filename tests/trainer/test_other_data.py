"""Data that are like MNIST in nothing but their form are learned from just as well."""

import dataclasses
import functools

import numpy as np
import pytest

from mnist_trainer.dataset import Dataset, Split
from trainer.samples import draw_digits

_SIZE = 16


def _splits(make, *, train=1600, test=300, classes=10):
    """Two splits made in the same way from other chance."""
    parts = [Split(*make(count, seed)) for count, seed in ((train, 1), (test, 2))]
    return Dataset(*parts, classes=classes, names=tuple(map(str, range(classes))))


@functools.cache
def _digits(count, seed):
    images, labels = draw_digits(count, seed=seed, size=_SIZE)
    return images, labels.astype(np.int32)


def _turned(count, seed):
    """By a quarter, and with other labels."""
    images, labels = _digits(count, seed)
    turned = np.ascontiguousarray(np.rot90(images, axes=(1, 2)))
    return turned, np.int32([3, 8, 1, 0, 9, 2, 7, 4, 6, 5])[labels]


def _faint(count, seed):
    """Dark on light, in fractions, and far from the brightest."""
    images, labels = _digits(count, seed)
    return (255 - images).astype(np.float32) / 4, labels


def _coloured(count, seed):
    """A digit in one colour, chance in the two others."""
    images, labels = _digits(count, seed)
    shape = (*images.shape, 2)
    noise = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    return np.concatenate([images[..., None], noise], axis=-1), labels


def _textures(count, seed):
    """Waves across the whole image, each class in a direction and length of its own."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 10, count).astype(np.int32)
    angles, lengths = np.radians(36 * (labels % 5)), np.where(labels < 5, 1.2, 0.7)
    y, x = np.indices((_SIZE, _SIZE))
    along = np.cos(angles)[:, None, None] * x + np.sin(angles)[:, None, None] * y
    phases = generator.uniform(0, 2 * np.pi, (count, 1, 1))
    waves = 80 * np.sin(lengths[:, None, None] * along + phases)
    noise = generator.normal(128, 30, waves.shape)
    return np.clip(waves + noise, 0, 255).astype(np.uint8), labels


def _two_classes(count, seed):
    images, labels = _digits(count, seed)
    chosen = np.flatnonzero(labels < 2)
    return images[chosen], labels[chosen]


def _hundred_classes(count, seed):
    """Numbers of two digits."""
    images, labels = _digits(count, seed)
    tens = np.random.default_rng(seed).permutation(count)
    return np.concatenate([images[tens], images], 2), 10 * labels[tens] + labels


@pytest.mark.parametrize(
    ("bar", "data", "options"),
    [
        pytest.param(0.9, _turned, {}, id="turned-and-relabelled"),
        pytest.param(0.9, _faint, {}, id="faint-dark-on-light-and-fractional"),
        pytest.param(0.85, _coloured, {}, id="coloured"),
        pytest.param(0.95, _textures, {}, id="textures"),
        pytest.param(0.35, _digits, {"train": 100}, id="a-hundred-images"),
        pytest.param(0.95, _two_classes, {"classes": 2}, id="two-classes"),
        pytest.param(
            0.6, _hundred_classes, {"train": 3200, "classes": 100}, id="100-classes"
        ),
    ],
)
def test_fast_learns_it_in_a_few_hundred_steps(engine, bar, data, options):
    dataset = _splits(data, **options)
    epochs = max(4, 6400 // dataset.train.count)

    assert engine.recognise(dataset, epochs=epochs) >= bar


def test_labels_without_any_meaning_are_not_recognised(engine):
    """A model that knew the answers of the test split would be none."""
    dataset = _splits(_digits)
    labels = np.random.default_rng(1).permutation(dataset.train.labels)
    train = dataclasses.replace(dataset.train, labels=labels)
    dataset = dataclasses.replace(dataset, train=train)

    assert engine.recognise(dataset, epochs=2) < 0.3
