"""For the knobs of training: what may be turned, how far, and what it is at rest.

``TRAINER_PARAMETERS`` is a JSON object.
A number may also be given as a string, since Kubernetes objects of this project
carry no floating-point numbers.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, TypeVar

from mnist_trainer.errors import ConfigError
from mnist_trainer.quotes import printable, quote
from mnist_trainer.recipes import RECIPES, Augmentation, Name, Recipe

__all__ = [
    "Device",
    "Output",
    "Parameters",
    "Precision",
    "derive_seed",
    "read_parameters",
]

_SEEDS: Final = 2**31
_Choice = TypeVar("_Choice", bound=StrEnum)


class Precision(StrEnum):
    """Type of the numbers in convolutions and products."""

    FLOAT32 = "Float32"
    MIXED = "Mixed"
    """bfloat16 there, and float32 in all else: for GPUs."""


class Device(StrEnum):
    """Where to compute."""

    AUTO = "Auto"
    CPU = "CPU"
    GPU = "GPU"


class Output(StrEnum):
    """What is left behind besides model, metrics and manifest."""

    KERAS = "Keras"
    SAVED_MODEL = "SavedModel"
    REPORT = "Report"
    LOG = "Log"
    TENSOR_BOARD = "TensorBoard"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Everything that shapes the result besides the data and the code."""

    recipe: Name
    epochs: int | None
    """None: as many as the recipe takes for that much data."""
    batch_size: int
    """Of all workers together."""
    learning_rate: Decimal
    label_smoothing: Decimal
    weight_decay: Decimal
    dropout: Decimal
    augmentation: Augmentation | None
    """None: what the recipe does, which depends on how often an image is seen."""
    seed: int
    width: int = 1
    """Times as many filters and units in each layer of the recipe."""
    precision: Precision = Precision.FLOAT32
    device: Device = Device.AUTO
    deterministic: bool = True
    validation_percent: int = 10
    """How much is kept apart for testing where the data has no test split."""
    outputs: frozenset[Output] = field(
        default_factory=lambda: frozenset({Output.REPORT, Output.LOG})
    )

    @property
    def made_by(self) -> Recipe:
        """The recipe that these parameters vary."""
        return RECIPES[self.recipe]

    def count_epochs(self, images: int) -> int:
        """Epochs over so many images: more, where a few images make few steps."""
        if self.epochs is not None:
            return self.epochs
        steps = math.ceil(images / min(self.batch_size, images))
        least = math.ceil(self.made_by.least_steps / steps)
        return min(max(self.made_by.epochs, least), int(_BOUNDS["epochs"].high))

    def choose_augmentation(self, epochs: int) -> Augmentation:
        """What is done to images that are seen so many times."""
        again = self.made_by.repeated if epochs > 1 else None
        return self.augmentation or again or self.made_by.augmentation

    def describe(self) -> dict[str, Any]:
        """Write the parameters down as they could be given again."""
        return {
            _camel(one.name): _plain(value)
            for one in fields(self)
            if (value := getattr(self, one.name)) is not None
        }


@dataclass(frozen=True, slots=True)
class _Bounds:
    low: Decimal
    high: Decimal
    whole: bool = True


_BOUNDS: Final[Mapping[str, _Bounds]] = {
    "epochs": _Bounds(Decimal(1), Decimal(1000)),
    "batchSize": _Bounds(Decimal(1), Decimal(65536)),
    "learningRate": _Bounds(Decimal("1e-8"), Decimal(10), whole=False),
    "labelSmoothing": _Bounds(Decimal(0), Decimal("0.5"), whole=False),
    "weightDecay": _Bounds(Decimal(0), Decimal(1), whole=False),
    "dropout": _Bounds(Decimal(0), Decimal("0.9"), whole=False),
    "seed": _Bounds(Decimal(0), Decimal(_SEEDS - 1)),
    "width": _Bounds(Decimal(1), Decimal(16)),
    "validationPercent": _Bounds(Decimal(1), Decimal(50)),
}
_CHOICES: Final[Mapping[str, type[StrEnum]]] = {
    "recipe": Name,
    "augmentation": Augmentation,
    "precision": Precision,
    "device": Device,
}
_NAMES: Final = (*_CHOICES, *_BOUNDS, "deterministic", "outputs")


def read_parameters(text: str, *, seed: int) -> Parameters:
    """Read the JSON object, and refuse what it does not mean.

    Args:
        text: the object, or nothing at all for the defaults.
        seed: taken where the object names none.

    """
    given = {_snake(name): _read(name, value) for name, value in _parse(text).items()}
    name = given.pop("recipe", Name.FAST)
    recipe = RECIPES[name]
    defaults = {
        "epochs": None,
        "batch_size": recipe.batch_size,
        "learning_rate": Decimal(recipe.learning_rate),
        "label_smoothing": Decimal(recipe.label_smoothing),
        "weight_decay": Decimal(recipe.weight_decay),
        "dropout": Decimal(recipe.dropout),
        "augmentation": None,
        "seed": seed,
    }
    return Parameters(recipe=name, **(defaults | given))


def derive_seed(bucket: str) -> int:
    """Give each input commit a seed of its own, and always the same one.

    The first part of a bucket's name is the commit (or, unpinned, the branch).
    """
    commit = bucket.partition(".")[0]
    digest = hashlib.sha256(commit.encode()).digest()
    return int.from_bytes(digest[:4], "big") % _SEEDS


def _parse(text: str) -> Mapping[str, object]:
    try:
        parsed = json.loads(text or "{}", parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"TRAINER_PARAMETERS is not JSON ({error}): "
            'write an object such as {"epochs": 2}'
        ) from error
    if not isinstance(parsed, dict):
        raise ConfigError(
            f"TRAINER_PARAMETERS is {printable(text[:80])}: "
            'write an object such as {"epochs": 2}'
        )
    return parsed


def _read(name: str, value: object) -> Any:
    if name in _CHOICES:
        return _choose(name, value, _CHOICES[name])
    if name == "deterministic":
        return _flag(name, value)
    if name == "outputs":
        return _several(name, value)
    return _number(name, value)


def _choose(name: str, value: object, choices: type[_Choice]) -> _Choice:
    if not isinstance(value, str) or value not in set(choices):
        raise ConfigError(
            f"TRAINER_PARAMETERS: {name} is {quote(str(value))}: "
            f"take one of {', '.join(choices)}"
        )
    return choices(value)


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(
            f"TRAINER_PARAMETERS: {name} is {quote(str(value))}: give true or false"
        )
    return value


def _several(name: str, value: object) -> frozenset[Output]:
    if not isinstance(value, list):
        raise ConfigError(
            f"TRAINER_PARAMETERS: {name} is {quote(str(value))}: "
            f"give a list of {', '.join(Output)}"
        )
    return frozenset(_choose(name, each, Output) for each in value)


def _number(name: str, value: object) -> Decimal | int:
    bounds = _BOUNDS.get(name)
    if bounds is None:
        raise ConfigError(
            f"TRAINER_PARAMETERS has no parameter {quote(name)}: "
            f"take one of {', '.join(_NAMES)}"
        )
    number = _decimal(value)
    if number is None or not bounds.low <= number <= bounds.high:
        raise _out_of_bounds(name, value, bounds)
    if bounds.whole and number != number.to_integral_value():
        raise _out_of_bounds(name, value, bounds)
    return int(number) if bounds.whole else number


def _decimal(value: object) -> Decimal | None:
    """Read a number, or nothing: a bool is no number here, nor is infinity."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _out_of_bounds(name: str, value: object, bounds: _Bounds) -> ConfigError:
    kind = "a whole number" if bounds.whole else "a number"
    shown = str(value) if isinstance(value, Decimal) else repr(value)
    return ConfigError(
        f"TRAINER_PARAMETERS: {name} is {shown[:80]}: "
        f"give {kind} from {bounds.low} to {bounds.high}"
    )


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return str(value) if isinstance(value, Decimal) else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _snake(name: str) -> str:
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name)
