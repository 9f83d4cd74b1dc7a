"""What all parts of the resource share: how fields are spelt, and a few types."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

__all__ = ["DOMAIN", "QUANTITY", "WORDS", "Model", "ObjectName", "Quantity"]

DOMAIN = "mnist-operator.dev"

ObjectName = Annotated[str, Field(min_length=1, max_length=253)]
"""The name of another object in the same namespace."""
_QUANTITY_PATTERN = r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$"

WORDS: Mapping[str, str] = {
    "^[a-zA-Z0-9_-]+$": "made of letters, digits, `_` and `-`",
    "^[a-zA-Z0-9_-]*$": "made of letters, digits, `_` and `-`",
    "^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$": "a relative"
    " path made of letters, digits and `._-`, no part of which begins with a dot",
    "^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?$": "a"
    " relative path made of letters, digits and `._-`, no part of which begins with a"
    " dot, for a folder with `/` at its end",
    r"^[A-Za-z0-9_+*?\[\]!./-]+$": "made of letters, digits and `._+-/*?[]!`",
    "^(Latest|Next|Earliest|[0-9a-f]{32})$": "`Latest`, `Next`, `Earliest` or the"
    " ID of a commit, 32 digits of `0-9a-f`",
    r"^[0-9]*\.?[0-9]+([eE]-?[0-9]+)?$": "a number such as `0.02` or `5e-4`",
    r"^(0|0?\.([0-4][0-9]*|50*))$": "a number from `0` to `0.5`, such as `0.1`",
    r"^(0|0?\.([0-8][0-9]*|90*))$": "a number from `0` to `0.9`, such as `0.2`",
    r"^(0|1(\.0+)?|0?\.[0-9]+|[0-9](\.[0-9]+)?[eE]-0?[1-9][0-9]?)$": "a number from"
    " `0` to `1`, such as `0.01` or `5e-4`",
    r"^(0|1(\.0+)?|0?\.[0-9]+)$": "a number from `0` to `1`, such as `0.97`",
    "^[0-9a-f]{32}$": "the ID of a commit, 32 digits of `0-9a-f`",
    "^[A-Za-z_][A-Za-z0-9_]*$": "made of letters, digits and `_`, no digit first",
    r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$": "made of `a-z`, `0-9` and `-`, no `-` at an"
    " end",
    r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$": "made of letters, digits and"
    " `-_.`, with a letter or a digit at both ends",
    _QUANTITY_PATTERN: "a quantity such as `500m`, `2` or `4Gi`",
}
"""What each pattern asks for: what has one must be this."""

QUANTITY: dict[str, Any] = {
    "x-kubernetes-int-or-string": True,
    "minLength": 1,
    "maxLength": 32,
    "pattern": _QUANTITY_PATTERN,
}


def _as_text(value: Any) -> Any:
    """Pods take `cpu: 2` as well as `cpu: "2"`."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if whole else value


Quantity = Annotated[
    str,
    BeforeValidator(_as_text),
    Field(min_length=1, max_length=32, pattern=_QUANTITY_PATTERN),
    WithJsonSchema(QUANTITY),
]


class Model(BaseModel):
    """Camel-case in YAML; unknown fields are errors, never ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
    )
