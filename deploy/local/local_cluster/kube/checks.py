"""Validates values against OpenAPI v3 schemas, in the API server's own words."""

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError

from local_cluster.kube.failures import Cause
from local_cluster.kube.values import Json

__all__ = ["Check", "Found", "compile_check", "field_path"]

Found: TypeAlias = tuple[tuple[str | int, ...], Cause]
Check: TypeAlias = Callable[[Json], Iterator[Found]]

_KEPT = (
    "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems",
    "minProperties", "maxProperties", "required",
)  # fmt: skip
_TYPE_NAMES = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
}
_INT_OR_STRING = "x-kubernetes-int-or-string"
_JUNCTORS = ("allOf", "anyOf", "oneOf")


def compile_check(tree: Json) -> Check:
    """Prepare a schema for many validations."""
    validator = Draft4Validator(_translate(tree))

    def check(document: Json) -> Iterator[Found]:
        for error in validator.iter_errors(document):
            yield from _explain(error)

    return check


def field_path(path: tuple[str | int, ...]) -> str:
    """Write a path as the API server does: `spec.items[0].name`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".") or "<nil>"


def _translate(schema: Json) -> Json:
    """Say in JSON Schema what Kubernetes says in its dialect of OpenAPI."""
    # In the order in which faults of one value are told.
    result: Json = _types(schema)
    result |= {key: schema[key] for key in _KEPT if key in schema}
    if schema.get("nullable") and "enum" in result:
        result["enum"] = [*result["enum"], None]
    for name, inner in (schema.get("properties") or {}).items():
        result.setdefault("properties", {})[name] = _translate(inner)
    for name in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(name), dict):
            result[name] = _translate(schema[name])
    for junctor in _JUNCTORS:
        if junctor in schema and not schema.get(_INT_OR_STRING):
            result[junctor] = [_translate(inner) for inner in schema[junctor]]
    return result


def _types(schema: Json) -> Json:
    if schema.get(_INT_OR_STRING):
        types = ["integer", "string"]
    elif "type" in schema:
        types = [schema["type"]]
    else:
        return {}
    return {"type": [*types, "null"] if schema.get("nullable") else types}


def _explain(error: ValidationError) -> Iterator[Found]:
    path = tuple(error.absolute_path)
    if error.validator == "required":
        # jsonschema reports each missing name in an error of its own. It is a fault of
        # the object around it: by the name alone nothing would seem to have changed.
        name = error.message.split("'")[1]
        where = field_path((*path, name))
        yield path, Cause(where, "Required value", "FieldValueRequired")
        return
    where = field_path(path)
    message, reason = _words(error, where)
    yield path, Cause(where, message, reason)


def _words(error: ValidationError, where: str) -> tuple[str, str]:
    value, limit = error.instance, error.validator_value
    shown = json.dumps(value)
    match error.validator:
        case "enum":
            values = ", ".join(json.dumps(one) for one in limit)
            return (
                f"Unsupported value: {shown}: supported values: {values}",
                "FieldValueNotSupported",
            )
        case "maxLength":
            told = f"Too long: may not be more than {limit} bytes"
            return told, "FieldValueTooLong"
        case "maxItems" | "maxProperties":
            told = f"Too many: {len(value)}: must have at most {limit} items"
            return told, "FieldValueTooMany"
        case "type":
            kind = type_name(value)
            wanted = ",".join(one for one in limit if one != "null")
            told = f'{where} in body must be of type {wanted}: "{kind}"'
            return f'Invalid value: "{kind}": {told}', "FieldValueTypeInvalid"
        case _:
            told = f"{where} in body {_limit(str(error.validator), limit)}"
            return f"Invalid value: {shown}: {told}", "FieldValueInvalid"


def type_name(value: Any) -> str:
    """Name a JSON value's type."""
    return _TYPE_NAMES.get(type(value), "object")


def _limit(rule: str, limit: Any) -> str:
    told = {
        "minimum": "should be greater than or equal to {}",
        "maximum": "should be less than or equal to {}",
        "multipleOf": "should be a multiple of {}",
        "minLength": "should be at least {} chars long",
        "minItems": "should have at least {} items",
        "minProperties": "should have at least {} properties",
        "pattern": "should match '{}'",
        "uniqueItems": "shouldn't contain duplicates",
        "anyOf": "must validate at least one schema (anyOf)",
        "oneOf": "must validate one and only one schema (oneOf)",
        "allOf": "must validate all the schemas (allOf)",
        "not": "must not validate the schema (not)",
    }
    return told.get(rule, "is invalid").format(limit)
