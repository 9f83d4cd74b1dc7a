"""For saying what a network is made of, before anything computes.

A stack of layers is planned for images of one size; from that follow the shapes of all
weights, in the order in which they lie in the vector.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

__all__ = ["Conv", "Dense", "Layer", "Network", "plan_network"]

_WORKED_AT: Final = 14
"""Rows and columns after folding: what the recipes were tuned for, with MNIST."""

_VIEWS: Final = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))


@dataclass(frozen=True, slots=True)
class Conv:
    """Convolve without bias, pool if asked, normalise the batch, rectify."""

    width: int
    kernel: int = 3
    stride: int = 1
    padding: Literal["SAME", "VALID"] = "VALID"
    pool: bool = False


@dataclass(frozen=True, slots=True)
class Dense:
    """Connect all to all, rectify, drop some."""

    width: int


Layer = Conv | Dense


@dataclass(frozen=True, slots=True)
class Network:
    """Layers fitted to images of one size."""

    size: tuple[int, int, int]
    """(height, width, channels) of an image."""
    classes: int
    folds: tuple[int, int]
    """How many rows and columns are folded into channels."""
    layers: tuple[Layer, ...]
    shapes: tuple[tuple[int, ...], ...]
    """Of all weights: kernel, scale and offset of each Conv, kernel and bias of each
    Dense, and of the last layer, which gives the logits."""
    views: tuple[tuple[int, int], ...] = _VIEWS[:1]
    """How the image is moved for each of the answers of which the mean counts."""

    @property
    def weights(self) -> int:
        """How many weights there are."""
        return sum(math.prod(shape) for shape in self.shapes)

    @property
    def normalised(self) -> tuple[int, ...]:
        """Channels of each normalisation."""
        return tuple(one.width for one in self.layers if isinstance(one, Conv))

    def is_scale(self, number: int) -> bool:
        """Tell whether an array is the scale of a normalisation."""
        return len(self.shapes[number]) == 1 and len(self.shapes[number - 1]) == 4  # noqa: PLR2004 (a convolution's kernel)


def plan_network(
    layers: Sequence[Layer], size: tuple[int, int, int], classes: int, *, views: int = 1
) -> Network:
    """Fit layers to images: fold large ones, and do not shrink small ones to nothing.

    Args:
        layers: of a recipe; those that a small image leaves no room for are adapted.
        size: (height, width, channels) of an image.
        classes: how many answers there are.
        views: how many answers are averaged, 1 to 5.

    """
    convolves = any(isinstance(layer, Conv) for layer in layers)
    folds = _folds(size) if convolves else (1, 1)
    rows, columns = (-(-n // f) for n, f in zip(size[:2], folds, strict=True))
    channels = size[2] * math.prod(folds)
    fitted: list[Layer] = []
    shapes: list[tuple[int, ...]] = []
    for layer in layers:
        if isinstance(layer, Conv):
            layer = _fit(layer, rows, columns)  # noqa: PLW2901 (the same, adapted)
            rows, columns = _shrink(layer, rows), _shrink(layer, columns)
            kernel = (layer.kernel, layer.kernel, channels, layer.width)
            shapes += [kernel, (layer.width,), (layer.width,)]
        else:
            shapes += [(rows * columns * channels, layer.width), (layer.width,)]
            rows = columns = 1
        channels = layer.width
        fitted.append(layer)
    shapes += [(rows * columns * channels, classes), (classes,)]
    return Network(size, classes, folds, tuple(fitted), tuple(shapes), _VIEWS[:views])


def _folds(size: tuple[int, int, int]) -> tuple[int, int]:
    height, width = (max(1, round(length / _WORKED_AT)) for length in size[:2])
    return height, width


def _fit(layer: Conv, rows: int, columns: int) -> Conv:
    """Keep the edges where the kernel would not fit in, and do not pool a line."""
    least = min(rows, columns)
    if least < layer.kernel:
        layer = replace(layer, padding="SAME", stride=1)
    pooled = layer.pool and min(_shrink(replace(layer, pool=False), least), least) > 1
    return replace(layer, pool=pooled)


def _shrink(layer: Conv, length: int) -> int:
    if layer.padding == "VALID":
        length -= layer.kernel - 1
    length = -(-length // layer.stride)
    return length // 2 if layer.pool else length
