"""A graph as it is told: an object for programs, a tree for people.

The object's shape is documented in docs/mnistctl/lineage.md and kept: keys are added,
never renamed, and each is always there, null where nobody knows. Pure.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.text import Text

from mnist_operator.cli import screen
from mnist_operator.cli.graph.graph import Direction, Edge, Graph, Kind, Node, Role
from mnist_operator.cli.graph.up import Grown
from mnist_operator.status import timestamp

__all__ = ["build_graph_report", "tree_lines"]

_WORDS = {
    (Direction.UP, Role.DATA): "learned from",
    (Direction.UP, Role.BEGINNING): "began from",
    (Direction.UP, Role.IMAGE): "ran",
    (Direction.UP, Role.SOURCE): "built from",
    (Direction.UP, Role.RESULT): "made by",
    (Direction.UP, Role.PROVENANCE): "came of",
    (Direction.DOWN, Role.DATA): "was read by",
    (Direction.DOWN, Role.BEGINNING): "began",
    (Direction.DOWN, Role.IMAGE): "was run by",
    (Direction.DOWN, Role.SOURCE): "was built into",
    (Direction.DOWN, Role.RESULT): "made",
    (Direction.DOWN, Role.PROVENANCE): "led to",
}
_STYLES = {Kind.MODEL: "bold", Kind.RUN: "", Kind.COMMIT: "cyan"}


def build_graph_report(
    asked: str,
    root: str,
    direction: Direction,
    grown: Grown,
    *,
    depth: int,
    at: datetime | None = None,
) -> dict[str, Any]:
    """Nodes and edges with all that is known of them."""
    graph = grown.graph
    told = [
        f"{node.id}: {each}"
        for node in graph.nodes.values()
        for each in node.disagreements
    ]
    faults = [*told, *grown.faults]
    return {
        "kind": "mnistctl/graph",
        "version": 1,
        "asked": {
            "reference": asked,
            "direction": direction.value,
            "depth": depth,
            "at": timestamp(at) if at else None,
        },
        "root": root,
        "nodes": [_node(node) for node in graph.nodes.values()],
        "edges": [_edge(edge) for edge in graph.edges],
        "complete": grown.complete,
        "agrees": not faults,
        "disagreements": faults,
        "notes": list(grown.notes),
    }


def _node(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "kind": node.kind.value,
        "exists": node.exists,
        "facts": dict(node.facts),
        "disagreements": list(node.disagreements),
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "from": edge.source,
        "to": edge.target,
        "role": edge.role.value,
        "saidBy": list(edge.said_by),
    }


def tree_lines(
    graph: Graph, root: str, direction: Direction, report: Mapping[str, Any]
) -> list[Text]:
    """The graph as a tree; what was told further up is named once more, not told."""
    lines = list(_branches(graph, root, direction))
    if len(lines) == 1:
        what = "nothing is known to have come of it"
        if direction is Direction.UP:
            what = "nothing is known to have gone into it"
        lines.append(screen.line(f"  {what}", "dim"))
    lines += [screen.line(f"Note: {note}", "yellow") for note in report["notes"]]
    return lines


def _branches(graph: Graph, root: str, direction: Direction) -> Iterator[Text]:
    """Depth first, with its own stack: a chain of models can be long."""
    told: set[str] = set()
    ahead: list[tuple[str, str, Edge | None]] = [("", "", None)]
    while ahead:
        before, below, edge = ahead.pop()
        name = root
        if edge is not None:
            name = edge.source if direction is Direction.UP else edge.target
        node = graph.nodes.get(name) or Node(name, Kind.COMMIT)
        again = name in told
        word = f"{_WORDS[direction, edge.role]} " if edge is not None else ""
        near = () if again else graph.neighbours(name, direction)
        pachds = ", as pachd's provenance says, too" if _by_pachd(edge) else ""
        above = " (see above)" if again else ""
        text = f"{before}{word}{_title(node)}{pachds}{above}"
        yield screen.line(text, "red" if node.disagreements else _style(node))
        if not again:
            yield from _remarks(node, edge, f"{below}{'│ ' if near else '  '}")
        told.add(name)
        for number, each in enumerate(reversed(near)):
            corner, bar = ("└─ ", "   ") if number == 0 else ("├─ ", "│  ")
            ahead.append((f"{below}{corner}", f"{below}{bar}", each))


def _by_pachd(edge: Edge | None) -> bool:
    return edge is not None and edge.role is Role.DATA and "pachd" in edge.said_by


def _style(node: Node) -> str:
    return "yellow" if node.exists is False else _STYLES.get(node.kind, "")


def _title(node: Node) -> str:
    facts = node.facts
    told = [str(node.kind), node.id]
    if facts.get("training"):
        told.append(f"of {facts['training']}")
    if facts.get("accuracy"):
        told.append(f"accuracy {facts['accuracy']}")
    if facts.get("tfjob"):
        told.append(f"attempt {facts['attempt']}, TFJob {facts['tfjob']}")
    when = facts.get("finished") or facts.get("started") or facts.get("opened")
    if when:
        told.append(f"({when})")
    if node.exists is False:
        told.append("GONE: squashed or dropped")
    return " ".join(told)


def _remarks(node: Node, edge: Edge | None, indent: str) -> Iterator[Text]:
    """What disagrees, and what only an index says."""
    for each in node.disagreements:
        yield screen.line(f"{indent} DISAGREES: {each}", "red")
    if edge is not None and edge.said_by == ("ledger",):
        yield screen.line(f"{indent} only the ledger still says so", "yellow")
