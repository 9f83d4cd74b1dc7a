"""For a person at a terminal: a flag for each parameter, made from the parameters.

What a flag says goes into the JSON object of ``TRAINER_PARAMETERS`` and is read with
it, so there is one place that knows what a parameter may be.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from enum import StrEnum
from typing import Any, Final

from mnist_trainer import parameters
from mnist_trainer.errors import ConfigError
from mnist_trainer.parameters import Output, Parameters
from mnist_trainer.recipes import RECIPES, Name, Recipe

__all__ = ["add_flags", "read_parameters"]

_DESTINATION: Final = "parameter "
"""Before a parameter's name, where argparse keeps what was given: no flag of another
kind can have that name."""

_FLAGS: Final = {"true": True, "false": False}


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add one for each parameter, all of them without a default."""
    group = parser.add_argument_group(
        "parameters", "each wins over the same name in TRAINER_PARAMETERS"
    )
    for field in fields(Parameters):
        group.add_argument(
            _flag(field.name),
            dest=_DESTINATION + _camel(field.name),
            metavar=_metavar(field),
            help=_describe_default(field),
        )


def read_parameters(text: str, flags: argparse.Namespace, *, seed: int) -> Parameters:
    """Read the JSON object and the flags, and refuse by its name what is wrong."""
    given = {
        name.removeprefix(_DESTINATION): value
        for name, value in vars(flags).items()
        if name.startswith(_DESTINATION) and value is not None
    }
    try:
        return parameters.read_parameters(_combine(text, given), seed=seed)
    except ConfigError as error:
        for field in fields(Parameters):
            name = _camel(field.name)
            variable = f"TRAINER_PARAMETERS: {name} is "
            if name in given and str(error).startswith(variable):
                told = str(error).removeprefix(variable)
                raise ConfigError(f"{_flag(field.name)} is {told}") from error
        raise


def _combine(text: str, given: Mapping[str, str]) -> str:
    """Put what the flags say into the object, unless that is none: see the reader."""
    try:
        found = json.loads(text or "{}", parse_float=str)
    except (ValueError, RecursionError):
        return text
    if not given or not isinstance(found, dict):
        return text
    return json.dumps(found | {name: _parse(name, given[name]) for name in given})


def _parse(name: str, value: str) -> object:
    if name == "outputs":
        return [each.strip() for each in value.split(",") if each.strip()]
    return _FLAGS.get(value, value) if name == "deterministic" else value


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _metavar(field: Field[Any]) -> str:
    if isinstance(field.type, type) and issubclass(field.type, StrEnum):
        return "|".join(field.type)
    if field.type is bool:
        return "true|false"
    if field.name == "outputs":
        return "NAME,NAME"
    return "X" if field.name in {"learning_rate", "dropout"} else "N"


def _describe_default(field: Field[Any]) -> str:
    if field.name == "recipe":
        return f"default: {Name.FAST}"
    if field.name == "seed":
        return "default: from the input commit's name; 0 with --data"
    if field.name == "outputs":
        return f"of {', '.join(Output)}; default: Report,Log"
    if field.name in {other.name for other in fields(Recipe)}:
        defaults = (f"{n} {getattr(r, field.name)}" for n, r in RECIPES.items())
        more = "; more for little data" if field.name == "epochs" else ""
        return f"default: {', '.join(defaults)}{more}"
    default = "none" if field.default is MISSING else str(field.default)
    return f"default: {default.lower() if field.type is bool else default}"
