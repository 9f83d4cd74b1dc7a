"""Write the generated parts of docs/resource.md: tables of fields, rules and reasons.

A filter. What lies between two markers is made anew from the models and from the CRD,
all else is passed on as it is:

    <!-- generated: spec.trigger -->
    <!-- end -->

A marker names fields: one that is an object stands for all that is in it. What has a
marker of its own is not unfolded a second time. `reasons` stands for `status.Reason`.
`make crd` writes it, and a test keeps file and models equal.
"""

import ast
import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise

from mnist_operator.crd import build_crd
from mnist_operator.fields import Catalogue, Field, Node
from mnist_operator.status import Reason

__all__ = ["regenerate"]

_MARKED = re.compile(r"(<!-- generated: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
_REASONS = "reasons"
_COLUMNS = ("field", "type", "default", "bounds", "meaning")
_STATUS_COLUMNS = ("field", "type", "meaning")
_INTRODUCTION = "The API server refuses what breaks a rule, in these words:"


def regenerate(document: str) -> str:
    """The document, with everything between its markers made anew."""
    markers = [found[2] for found in _MARKED.finditer(document)]
    writer = _Writer(" ".join(markers).split())
    return _MARKED.sub(
        lambda found: f"{found[1]}{writer.write(found[2])}{found[3]}", document
    )


class _Writer:
    """Writes what a marker asks for, knowing what all the others ask for."""

    def __init__(self, marked: Sequence[str]) -> None:
        self._catalogue = Catalogue()
        self._marked = frozenset(marked) - {_REASONS}
        self._kinds = {self._catalogue.find(path).kind for path in self._marked} - {""}

    def write(self, marker: str) -> str:
        """A table, and the rules that hold for what is in it."""
        if marker == _REASONS:
            return _table(["reason", "meaning"], [[f"`{n}`", t] for n, t in _reasons()])
        paths = marker.split()
        rows = [row for path in paths for row in self._rows(path)]
        columns = _STATUS_COLUMNS if marker.startswith("status") else _COLUMNS
        table = _table(columns, [[row[name] for name in columns] for row in rows])
        return table + _bullets([told for path in paths for told in self._rules(path)])

    def _rows(self, path: str) -> Iterator[dict[str, str]]:
        field = self._catalogue.find(path)
        if not self._catalogue.below(field):
            yield _row(field, field.name)
        yield from self._rows_below(field, path)

    def _rows_below(self, field: Field, base: str) -> Iterator[dict[str, str]]:
        """A row for each field inside, but one for all that are Kubernetes' own."""
        below = self._catalogue.below(field)
        for each in below:
            if each.is_kubernetes:
                continue
            yield _row(each, _shown(each, base))
            if not self._is_elsewhere(each):
                yield from self._rows_below(each, base)
        foreign = [each for each in below if each.is_kubernetes]
        if foreign:
            inside = _shown(foreign[0], base).rpartition(".")[0]
            names = ", ".join(f"`{each.name}`" for each in foreign)
            cells = {
                "field": f"`{inside}.…`" if inside else "`…`",
                "meaning": f"As in a pod: {names}.",
            }
            yield dict.fromkeys(_COLUMNS, "") | cells

    def _is_elsewhere(self, field: Field) -> bool:
        """Whether a marker unfolds it, or another field of the same kind."""
        return field.path.replace("[]", "") in self._marked or field.kind in self._kinds

    def _rules(self, path: str) -> Iterator[str]:
        """What the API server checks beside types and bounds, in its own words."""
        for owner, message in _all_rules():
            first = message.partition(" ")[0]
            subject = first if first.startswith("spec.") else owner
            if self._nearest(subject) == path:
                yield message

    def _nearest(self, subject: str) -> str:
        """The marked field that a field is in."""
        about = [p for p in self._marked if f"{subject}.".startswith(f"{p}.")]
        return max(about, key=len, default="")


def _shown(field: Field, base: str) -> str:
    return field.path.removeprefix(base).removeprefix("[]").removeprefix(".")


def _row(field: Field, name: str) -> dict[str, str]:
    return {
        "field": f"`{name}`",
        "type": field.type,
        "default": field.default,
        "bounds": field.bounds,
        "meaning": field.meaning,
    }


def _all_rules() -> list[tuple[str, str]]:
    """Each rule of the CRD once: where it is, and what it says."""
    [version] = build_crd()["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return list(dict.fromkeys(_rules_below("spec", spec)))


def _rules_below(path: str, node: Node) -> Iterator[tuple[str, str]]:
    for rule in node.get("x-kubernetes-validations", ()):
        # What a pattern asks for is among the bounds.
        if not rule["rule"].startswith(("self.matches(", "type(self) ")):
            yield path, rule["message"]
    for name, child in node.get("properties", {}).items():
        yield from _rules_below(f"{path}.{name}", child)
    if "items" in node:
        yield from _rules_below(path, node["items"])


def _reasons() -> Iterator[tuple[str, str]]:
    """Each reason with the docstring below it; one of Events alone has none."""
    [found] = ast.parse(inspect.getsource(Reason)).body
    for member, below in pairwise(getattr(found, "body", ())):
        if isinstance(member, ast.Assign) and isinstance(below, ast.Expr):
            name, text = ast.literal_eval(member.value), ast.literal_eval(below.value)
            yield name, " ".join(text.split())


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _bullets(told: Sequence[str]) -> str:
    lines = "".join(f"- {message}.\n" for message in told)
    return f"\n{_INTRODUCTION}\n\n{lines}" if told else ""


if __name__ == "__main__":
    sys.stdout.write(regenerate(sys.stdin.read()))
