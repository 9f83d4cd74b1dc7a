"""For models of whatever make: load one, and ask it for probabilities.

A file of Keras's (``.h5``, ``.keras``) is loaded in safe mode: layers that carry code
of their own are refused.
A folder is taken for a SavedModel, or for one of TensorFlow Serving's, whose highest
version counts.
"""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import tensorflow as tf

from mnist_trainer.errors import ConfigError

__all__ = ["Foreign", "answer", "find_scale", "load"]

_AT_ONCE: Final = 1000
_TRIED: Final = 2000
"""Images to find out with what the model expects."""

_SCALES: Final = (1.0, 1 / 255)
"""Raw pixels first: what our own models take."""

_SIGNATURE: Final = "serving_default"
_OUTPUT: Final = "probabilities"
_SUM: Final = 1e-3
"""So far may the probabilities of an image be from adding up to one."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A model that answers images."""

    ask: Callable[[Any], Any]
    """From (count, *shape) float32 to (count, classes)."""
    shape: tuple[int | None, ...]
    """Of one image, as it takes it; None is any length."""
    weights: int
    flag: str = "--evaluate"
    """What named it, for refusals."""


def load(path: Path, *, flag: str = "--evaluate") -> Foreign:
    """Load a model.

    Args:
        path: of its file or folder.
        flag: what named it, for refusals.

    Raises:
        ConfigError: it cannot be loaded, or is no model that classifies images.

    """
    if not path.exists():
        raise ConfigError(f"{flag} is {str(path)!r}: no such file or folder")
    try:
        model = _load_saved(path) if path.is_dir() else _load_keras(path, flag)
        return replace(model, flag=flag)
    except ConfigError:
        raise
    # Keras and TensorFlow raise whatever they happen upon.
    except Exception as error:
        told = " ".join(str(error).split())[:300]
        raise ConfigError(
            f"{flag} is {str(path)!r}, which cannot be loaded: {told}"
        ) from error


def answer(model: Foreign, images: Any, *, scale: float) -> Any:
    """Ask for the probabilities of all classes, (count, classes) float32.

    Args:
        model: to ask.
        images: (count, height, width) or with channels, raw values 0..255.
        scale: what the model wants them multiplied by.

    Raises:
        ConfigError: images of this size are not what it takes.

    """
    shape = _fit(model.flag, model.shape, tuple(images.shape[1:]))
    starts = range(0, len(images), _AT_ONCE)
    parts = [images[start : start + _AT_ONCE] for start in starts]
    found = [np.asarray(model.ask(_prepare(part, shape, scale))) for part in parts]
    answers = np.concatenate(found).astype(np.float32)
    if answers.ndim != 2:  # noqa: PLR2004 (images and classes)
        raise ConfigError(
            f"{model.flag} names a model that answers an image with "
            f"{answers.shape[1:]}: it must give one number for each class"
        )
    if _adds_up(answers):
        return answers
    return tf.nn.softmax(answers).numpy()


def find_scale(model: Foreign, images: Any, labels: Any) -> float:
    """Find out if it wants raw pixels or 0..1: with which it is right more often.

    Args:
        model: to ask.
        images: of the training split, so that the test stays one.
        labels: of the images.

    """
    some, known = images[:_TRIED], labels[:_TRIED]
    hits = [
        int((answer(model, some, scale=scale).argmax(axis=1) == known).sum())
        for scale in _SCALES
    ]
    return _SCALES[hits.index(max(hits))]


def _load_keras(path: Path, flag: str) -> Foreign:
    import keras  # noqa: PLC0415 (a SavedModel does without)

    model = keras.models.load_model(path, compile=False, safe_mode=True)
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ConfigError(
            f"{flag} is {str(path)!r}, a model of {len(model.inputs)} inputs and "
            f"{len(model.outputs)} outputs: name one with a single image and answer"
        )
    return Foreign(
        ask=lambda images: model(images, training=False),
        shape=tuple(model.input_shape[1:]),
        weights=model.count_params(),
    )


def _load_saved(path: Path) -> Foreign:
    versions = [each for each in path.iterdir() if each.name.isdigit()]
    if versions and not (path / "saved_model.pb").exists():
        path = max(versions, key=lambda each: int(each.name))
    loaded = tf.saved_model.load(os.fspath(path))
    score = loaded.signatures[_SIGNATURE]
    ((name, taken),) = score.structured_input_signature[1].items()

    def ask(images: Any) -> Any:
        given = scored(images)
        found = [each for each in given.values() if each.dtype.is_floating]
        return given.get(_OUTPUT, found[0] if found else None)

    def scored(images: Any) -> Any:
        # Kept with the model, which owns the variables of the signature.
        return loaded.signatures[_SIGNATURE](**{name: tf.cast(images, taken.dtype)})

    weights = sum(math.prod(each.shape) for each in score.variables)
    return Foreign(ask=ask, shape=tuple(taken.shape[1:]), weights=weights)


def _prepare(images: Any, shape: tuple[int, ...], scale: float) -> Any:
    return np.asarray(images, np.float32).reshape(-1, *shape) * np.float32(scale)


def _fit(
    flag: str, wanted: tuple[int | None, ...], size: tuple[int, ...]
) -> tuple[int, ...]:
    """Give an image the axes that the model wants, if its pixels are as many."""
    known = [length for length in wanted if length is not None]
    if len(known) == len(wanted) and math.prod(known) == math.prod(size):
        return tuple(known)
    # Where any length will do, grey images may still need an axis for their channel.
    for shape in (size, (*size, 1)):
        if len(shape) == len(wanted) and all(
            length in {None, there} for length, there in zip(wanted, shape, strict=True)
        ):
            return shape
    raise ConfigError(
        f"{flag} names a model of images of {wanted}, and the data has images of "
        f"{size}: give data of that size"
    )


def _adds_up(answers: Any) -> bool:
    sums = answers.sum(axis=1)
    return bool((answers >= 0).all() and (abs(sums - 1) < _SUM).all())
