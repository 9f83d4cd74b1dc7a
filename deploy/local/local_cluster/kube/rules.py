"""Rules in CEL (`x-kubernetes-validations`), transition rules included.

Evaluating one takes milliseconds, and most objects say to most rules what another
object has said before: so what a rule makes of a value is remembered.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import celpy
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError
from celpy.evaluation import CELEvalError

from local_cluster.kube.checks import field_path
from local_cluster.kube.failures import Cause
from local_cluster.kube.values import Json

__all__ = ["RuleError", "RuleSet", "compile_rules"]

RuleSet: TypeAlias = Callable[[Json, Json | None], list[Cause]]

_MISSING = object()
_ENVIRONMENT = celpy.Environment()
_ROOT_META = ("name", "generateName")
_USE = re.compile(r"\b(?:self|oldSelf)\b(?:\.([A-Za-z]\w*)\b(?!\())?")
"""Where a rule names its value; with the field, where it looks at that one alone."""
# Words of CEL's own, which its rules write as __name__.
_RESERVED = frozenset(
    {
        "true", "false", "null", "in", "as", "break", "const", "continue", "else",
        "for", "function", "if", "import", "let", "loop", "package", "namespace",
        "return", "var", "void", "while",
    }
)  # fmt: skip


class RuleError(ValueError):
    """A rule that is not CEL."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rule:
    program: Any
    text: str
    message: str
    message_program: Any
    reason: str
    field: str
    transition: bool
    reads: frozenset[str]
    """The only fields that it looks at; "" among them when it looks at all."""

    def excerpt(self, value: Any) -> str:
        """Return as JSON what it looks at."""
        if "" not in self.reads and isinstance(value, dict):
            value = {name: value[name] for name in self.reads if name in value}
        return json.dumps(value)


@dataclass(frozen=True, slots=True)
class _Node:
    """A place in the schema with rules at it or below it."""

    type: str
    rules: tuple[_Rule, ...]
    fields: dict[str, "_Node"]
    items: "_Node | None"
    keys: tuple[str, ...]
    """What tells the items of a list apart; none when it is atomic."""


def compile_rules(tree: Json) -> RuleSet | None:
    """Prepare all rules of a schema; None when it has none.

    Raises:
        RuleError: for a rule that cannot be parsed.
    """
    root = _compile(tree)
    if root is None:
        return None

    def evaluate(document: Json, before: Json | None) -> list[Cause]:
        old = _MISSING if before is None else _visible(before)
        return list(_walk(root, _visible(document), old, ()))

    return evaluate


def _visible(document: Json) -> Json:
    """Return the object as rules see it: of the metadata, only the name."""
    about = document.get("metadata") or {}
    shown = {name: about[name] for name in _ROOT_META if name in about}
    return {**document, "metadata": shown}


def _compile(schema: Json) -> _Node | None:
    fields = {
        name: node
        for name, inner in (schema.get("properties") or {}).items()
        if (node := _compile(inner))
    }
    inner = schema.get("items") or schema.get("additionalProperties")
    items = _compile(inner) if isinstance(inner, dict) else None
    rules = tuple(map(_rule, schema.get("x-kubernetes-validations") or ()))
    if not (rules or fields or items):
        return None
    keys = tuple(schema.get("x-kubernetes-list-map-keys") or ())
    return _Node(schema.get("type", ""), rules, fields, items, keys)


def _rule(rule: Json) -> _Rule:
    text = rule["rule"]
    expression = rule.get("messageExpression")
    return _Rule(
        program=_program(text),
        text=text,
        message=rule.get("message") or f"failed rule: {text.strip()}",
        message_program=_program(expression) if expression else None,
        reason=rule.get("reason", "FieldValueInvalid"),
        field=rule.get("fieldPath", ""),
        transition=re.search(r"\boldSelf\b", text) is not None,
        reads=frozenset(_USE.findall(f"{text} {expression or ''}")),
    )


def _program(text: str) -> Any:
    try:
        return _ENVIRONMENT.program(_ENVIRONMENT.compile(text))
    except CELParseError as error:
        raise RuleError(f"compilation failed: {error}: {text}") from error


def _walk(
    node: _Node, value: Any, old: Any, path: tuple[str | int, ...]
) -> Iterator[Cause]:
    unchanged = old is not _MISSING and value == old
    due = [
        rule
        for rule in node.rules
        if (old is not _MISSING if rule.transition else not unchanged)
    ]
    if due:
        yield from _apply(node, due, value, old, path)
    for step, inner, below, before in _children(node, value, old):
        yield from _walk(inner, below, before, (*path, step))


def _children(
    node: _Node, value: Any, old: Any
) -> Iterator[tuple[str | int, _Node, Any, Any]]:
    if isinstance(value, dict):
        earlier = old if isinstance(old, dict) else {}
        for name, item in value.items():
            inner = node.fields.get(name) or node.items
            if inner and item is not None:
                step = name if name in node.fields else f"[{name}]"
                yield step, inner, item, earlier.get(name, _MISSING)
    if isinstance(value, list) and node.items:
        for index, item in enumerate(value):
            yield index, node.items, item, _partner(node, item, old)


def _partner(node: _Node, item: Any, old: Any) -> Any:
    """Find the item that this one was before, where items have identities."""
    if not (node.keys and isinstance(old, list)):
        return _MISSING
    identity = [item.get(key) for key in node.keys]
    same = (one for one in old if [one.get(key) for key in node.keys] == identity)
    return next(same, _MISSING)


def _apply(
    node: _Node, rules: list[_Rule], value: Any, old: Any, path: tuple[str | int, ...]
) -> Iterator[Cause]:
    for rule in rules:
        before = None if old is _MISSING else rule.excerpt(old)
        told = _judge(rule, rule.excerpt(value), before)
        if told:
            where = field_path(path).removeprefix("<nil>").replace(".[", "[")
            where += rule.field
            message = f'Invalid value: "{node.type}": {told}'
            yield Cause(where.lstrip(".") or "<nil>", message, rule.reason)


@lru_cache(maxsize=10_000)
def _judge(rule: _Rule, value: str, old: str | None) -> str | None:
    scope = {"self": json_to_cel(_escape(json.loads(value)))}
    if old is not None:
        scope["oldSelf"] = json_to_cel(_escape(json.loads(old)))
    return _break(rule, scope)


def _break(rule: _Rule, scope: dict[str, Any]) -> str | None:
    try:
        if rule.program.evaluate(scope):
            return None
    except CELEvalError as error:
        return f"failed rule: {rule.text}: {error.args[0]}"
    if rule.message_program is None:
        return rule.message
    try:
        said = str(rule.message_program.evaluate(scope)).strip()
    except CELEvalError:
        return rule.message
    # A user's own text must not make one refusal look like two.
    return rule.message if not said or "\n" in said else said


def _escape(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            f"__{key}__" if key in _RESERVED else key: _escape(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_escape(item) for item in value]
    return value
