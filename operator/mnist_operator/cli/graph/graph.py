"""What came from what: commits, runs and code as nodes, and who says so. Pure.

An edge leads from what went in to what came of it. Each one names the records that
say so, and a node carries every sentence in which its records disagree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

__all__ = ["Direction", "Edge", "Graph", "Kind", "Node", "Role", "join"]


class Kind(StrEnum):
    """What a node is."""

    MODEL = "model"
    RUN = "run"
    COMMIT = "commit"
    """A commit that is no model: data."""
    IMAGE = "image"
    SOURCE = "source"


class Role(StrEnum):
    """As what something went in."""

    DATA = "data"
    """What a run learned from."""
    BEGINNING = "warmStart"
    """The model that a run began from."""
    IMAGE = "image"
    SOURCE = "source"
    """What an image was built from."""
    RESULT = "result"
    """A run's model."""
    PROVENANCE = "provenance"
    """pachd made the one commit because of the other."""


class Direction(StrEnum):
    """Which way to look from a node."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Node:
    """One thing, under a name that it has everywhere."""

    id: str
    kind: Kind
    facts: Mapping[str, Any] = field(default_factory=dict)
    exists: bool | None = None
    """Whether Pachyderm still has it; None for what is not in Pachyderm."""
    disagreements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """One thing that went into another."""

    source: str
    target: str
    role: Role
    said_by: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, Role]:
        """What tells edges apart."""
        return self.source, self.target, self.role


@dataclass(frozen=True)
class Graph:
    """Nodes by their names, and edges between them."""

    nodes: Mapping[str, Node] = field(default_factory=dict)
    edges: tuple[Edge, ...] = ()

    def neighbours(self, node: str, direction: Direction) -> tuple[Edge, ...]:
        """The edges that lead on from a node."""
        near = self._above if direction is Direction.UP else self._below
        return tuple(near.get(node, ()))

    @cached_property
    def _above(self) -> dict[str, list[Edge]]:
        return _by((edge.target, edge) for edge in self.edges)

    @cached_property
    def _below(self) -> dict[str, list[Edge]]:
        return _by((edge.source, edge) for edge in self.edges)

    def reach(self, root: str, direction: Direction) -> "Graph":
        """What can be reached from a node, and nothing else."""
        reached, ahead = {root: None}, [root]
        edges: list[Edge] = []
        while ahead:
            near = self.neighbours(ahead.pop(), direction)
            edges += near
            for edge in near:
                further = edge.source if direction is Direction.UP else edge.target
                if further not in reached:
                    reached[further] = None
                    ahead.append(further)
        kept = {key: self.nodes[key] for key in reached if key in self.nodes}
        return Graph(kept, tuple(edges))

    def checked(self) -> "Graph":
        """With a sentence at each node that would have come from itself."""
        nodes = dict(self.nodes)
        for name in self._circular():
            told = "by these records it came from itself: one of them is forged"
            node = nodes[name]
            nodes[name] = replace(node, disagreements=(*node.disagreements, told))
        return replace(self, nodes=nodes)

    def _circular(self) -> list[str]:
        """The nodes of all cycles: those that are left when ends are taken off."""
        left = set(self.edges)
        while True:
            sources = {edge.source for edge in left}
            targets = {edge.target for edge in left}
            ends = {
                e for e in left if e.source not in targets or e.target not in sources
            }
            if not ends:
                return sorted(sources & targets & self.nodes.keys())
            left -= ends


def join(parts: Iterable[Graph]) -> Graph:
    """One graph of many; what two of them know of the same thing is put together."""
    nodes: dict[str, Node] = {}
    edges: dict[tuple[str, str, Role], Edge] = {}
    for part in parts:
        for name, node in part.nodes.items():
            nodes[name] = _combine(nodes[name], node) if name in nodes else node
        for edge in part.edges:
            known = edges.get(edge.key, edge)
            said = dict.fromkeys((*known.said_by, *edge.said_by))
            edges[edge.key] = replace(edge, said_by=tuple(said))
    return Graph(nodes, tuple(edges.values()))


def _by(pairs: Iterable[tuple[str, Edge]]) -> dict[str, list[Edge]]:
    found: dict[str, list[Edge]] = {}
    for name, edge in pairs:
        found.setdefault(name, []).append(edge)
    return found


def _combine(one: Node, other: Node) -> Node:
    """A commit that turned out to be a model is one, whoever named it first."""
    facts = dict(one.facts)
    for key, value in other.facts.items():
        if facts.get(key) is None:
            facts[key] = value
    kind = other.kind if one.kind is Kind.COMMIT else one.kind
    exists = one.exists if other.exists is None else other.exists
    told = dict.fromkeys((*one.disagreements, *other.disagreements))
    return Node(one.id, kind, facts, exists, tuple(told))
