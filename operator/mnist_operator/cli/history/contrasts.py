"""What differs between the records of two models, part by part. Pure.

A record is taken apart into facts: a part, a key, a value. What a newer operator
adds to a record becomes a fact as well, so nothing that differs is passed over.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_operator.cli.statements import Statement, dig

__all__ = [
    "CHANGE_PARTS",
    "Contrast",
    "compare",
    "is_same_data",
    "is_told_elsewhere",
    "say_missing",
    "take_apart",
]

CHANGE_PARTS = ("data", "code", "parameters", "spec")
"""The parts that a new model can differ in by intent; all else follows from them."""
_PARTS = (*CHANGE_PARTS, "beginning", "packages", "environment", "metrics")
_TOLD_ELSEWHERE = ("trainer.parameters", "trainer.image")
"""Of the spec: what was really used is told as parameters and code."""
_RUN, _OUTPUT = "run", "output"
_LAST = (_RUN, _OUTPUT)
"""What is another one in every model, last of all the digests of its files."""
_MATERIALS = {"input": "data", "image": "code", "source": "code"}
_BYPRODUCTS = {"pod": _RUN}
_OF_INPUT = ("repo", "branch", "commit")
_KEYS = {
    ("code", "image", "uri"): "image",
    ("code", "image", "sha256"): "imageSha256",
    ("code", "source", "uri"): "sourceUrl",
}
"""Keys as `mnistctl lineage` names them."""

Fact = tuple[str, str]
Facts = dict[Fact, Any]


@dataclass(frozen=True, slots=True)
class Contrast:
    """One fact that is another in the later model; None where it is not said."""

    part: str
    key: str
    before: Any
    after: Any

    def to_json(self) -> dict[str, Any]:
        """As it is told to programs."""
        return {
            "part": self.part,
            "key": self.key,
            "before": self.before,
            "after": self.after,
        }


def compare(before: Facts, after: Facts) -> list[Contrast]:
    """All facts that differ, in the order in which an auditor asks for them."""
    order = {part: place for place, part in enumerate(_PARTS)}
    most = len(order)
    order |= {part: most + 1 + place for place, part in enumerate(_LAST)}
    facts = dict.fromkeys([*before, *after])
    changed = [
        Contrast(part, key, before.get((part, key)), after.get((part, key)))
        for part, key in facts
        if before.get((part, key)) != after.get((part, key))
    ]
    told = [each for each in changed if not _is_emptiness(each, facts)]
    return sorted(told, key=lambda each: order.get(each.part, most))


def _is_emptiness(change: Contrast, facts: Iterable[Fact]) -> bool:
    """Whether one side has nothing there, and the other side what is told below."""
    if {} not in (change.before, change.after):
        return False
    below = f"{change.key}."
    return any(part == change.part and key.startswith(below) for part, key in facts)


def is_told_elsewhere(part: str, key: str) -> bool:
    """Whether the code or the parameters of a model say more about this field."""
    return part == "spec" and key.startswith(_TOLD_ELSEWHERE)


def say_missing(part: str) -> str:
    """The word for what a record does not say: a spec leaves out what is default."""
    return "default" if part == "spec" else "none"


def is_same_data(before: Facts, after: Facts) -> bool | None:
    """Whether both learned from the same files; None where one does not say."""
    digests = [facts.get(("data", "sha256")) for facts in (before, after)]
    return None if None in digests else digests[0] == digests[1]


def take_apart(statement: Statement) -> Facts:
    """All facts of one record; none for a record that could not be read."""
    facts: Facts = {}
    met: Counter[Fact] = Counter()
    for part, key, value in _facts(statement):
        # Several images ran where the pods of a run did not all run the same one.
        met[part, key] += 1
        again = met[part, key]
        facts[part, key if again == 1 else f"{key} ({again})"] = value
    return facts


def _facts(statement: Statement) -> Iterator[tuple[str, str, Any]]:
    yield from _materials(statement)
    internal = _object(statement.internal)
    yield from _leaves("parameters", internal.pop("effective", None))
    yield from _leaves("spec", dig(statement.asked, "spec"))
    yield from _leaves("beginning", internal.pop("warmStart", None))
    yield from _byproducts(statement)
    if statement.accuracy:
        yield "metrics", "accuracy", statement.accuracy
    for name, sha256 in sorted(statement.subjects.items()):
        yield _OUTPUT, name, sha256
    yield from _leaves(_RUN, internal)
    yield from _leaves(_RUN, dig(statement.asked, "training"))
    builder = _object(dig(statement.details, "builder", "version"))
    yield from (("code", name, version) for name, version in builder.items())
    yield from _leaves(_RUN, dig(statement.details, "metadata"))


def _materials(statement: Statement) -> Iterator[tuple[str, str, Any]]:
    path = ("predicate", "buildDefinition", "resolvedDependencies")
    for item in _objects(dig(statement.value, *path)):
        name = str(item.get("name"))
        part = _MATERIALS.get(name, "beginning" if name == "warmStart" else name)
        notes = _object(item.get("annotations"))
        files = notes.pop("files", None)
        values = {**notes, **_object(item.get("digest"))}
        if name != "input":  # Its URI only repeats repo and commit.
            values["uri"] = item.get("uri")
        for key, value in _flat(values):
            if value is not None:
                yield part, _KEYS.get((part, name, key), key), value
        for file in _objects(files):
            path_ = str(file.get("path")).lstrip("/")
            yield part, f"file {path_}", file.get("sha256")


def _byproducts(statement: Statement) -> Iterator[tuple[str, str, Any]]:
    for item in _objects(dig(statement.details, "byproducts")):
        name = str(item.get("name"))
        # The digest of what is taken apart here says nothing more.
        values = _object(item.get("annotations")) or _object(item.get("digest"))
        if name == "metrics":
            values.pop("accuracy", None)  # Told as the description writes it.
        yield from _leaves(_BYPRODUCTS.get(name, name), values)


def _leaves(part: str, value: Any) -> Iterator[tuple[str, str, Any]]:
    yield from ((part, key, leaf) for key, leaf in _flat(_object(value)))


def _flat(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every leaf below, by its keys with dots; a list is one leaf."""
    waiting = [*reversed([*value.items()])]
    while waiting:
        key, leaf = waiting.pop()
        if isinstance(leaf, Mapping) and leaf:
            waiting += [(f"{key}.{k}", v) for k, v in reversed([*leaf.items()])]
        else:
            yield key, leaf


def _object(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _objects(value: Any) -> Iterable[Mapping[str, Any]]:
    found: Sequence[Any] = value if isinstance(value, list) else ()
    return (each for each in found if isinstance(each, Mapping))
