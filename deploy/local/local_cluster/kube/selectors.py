"""Label and field selectors, from the query string to a yes or no."""

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

from local_cluster.kube.failures import bad_request
from local_cluster.kube.kinds import Kind
from local_cluster.kube.values import Json, dig, labels_of

__all__ = ["Selector", "parse"]

Selector: TypeAlias = Callable[[Json], bool]

_REQUIREMENT = re.compile(
    r"\s*(?:(?P<absent>!)\s*(?P<gone>[\w./-]+)"
    r"|(?P<key>[\w./-]+)\s*(?:(?P<op>==|=|!=)\s*(?P<value>[\w.-]*)"
    r"|\s(?P<set>in|notin)\s*\((?P<values>[^)]*)\))?)\s*(?:,|$)"
)


def parse(kind: Kind, labels: str, fields: str) -> Selector:
    """Combine both selectors of a list or watch.

    Raises:
        ApiError: 400 for a selector that cannot be read or is not offered.
    """
    tests = [*_labels(labels), *_fields(kind, fields)]
    return lambda document: all(test(document) for test in tests)


def _labels(text: str) -> Iterable[Selector]:
    position = 0
    while position < len(text):
        found = _REQUIREMENT.match(text, position)
        if found is None:
            raise bad_request(f"unable to parse requirement: found '{text}'")
        yield _requirement(found)
        position = found.end()


def _requirement(found: re.Match[str]) -> Selector:
    if found["absent"]:
        return lambda document: found["gone"] not in labels_of(document)
    key = found["key"]
    if found["set"]:
        values = {value.strip() for value in found["values"].split(",")}
        wanted = found["set"] == "in"
    elif found["op"]:
        values, wanted = {found["value"]}, found["op"] != "!="
    else:
        return lambda document: key in labels_of(document)
    # A missing label is not in any set, so it passes `notin` and `!=`.
    return lambda document: (labels_of(document).get(key) in values) is wanted


def _fields(kind: Kind, text: str) -> Iterable[Selector]:
    for term in filter(None, text.split(",")):
        found = re.fullmatch(r"\s*([\w.\[\]/-]+?)\s*(==|=|!=)\s*(.*)", term)
        if found is None:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{term}'")
        yield _field(kind, *found.groups())


def _field(kind: Kind, name: str, operator: str, value: str) -> Selector:
    if name not in kind.fields:
        raise bad_request(f"field label not supported: {name}")
    path = ("source", "component") if name == "source" else tuple(name.split("."))

    def test(document: Json) -> bool:
        found = dig(document, *path)
        text = "" if found is None else str(found)
        return (text == value) is (operator != "!=")

    return test
