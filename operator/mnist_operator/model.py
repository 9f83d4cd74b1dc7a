"""What all parts of the resource share: how fields are spelt, and a few types."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

__all__ = ["DOMAIN", "QUANTITY", "Model", "ObjectName", "Quantity"]

DOMAIN = "mnist-operator.dev"

ObjectName = Annotated[str, Field(min_length=1, max_length=253)]
"""The name of another object in the same namespace."""
_QUANTITY_PATTERN = r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$"


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
