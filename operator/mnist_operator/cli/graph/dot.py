"""A graph for Graphviz, whatever others wrote into its names. Pure.

Source of the format: https://graphviz.org/doc/info/lang.html.
"""

import json

from mnist_operator.cli.graph.graph import Graph, Kind, Node

__all__ = ["dot_text"]

_SHAPES = {
    Kind.MODEL: "box3d",
    Kind.RUN: "ellipse",
    Kind.COMMIT: "cylinder",
    Kind.IMAGE: "component",
    Kind.SOURCE: "note",
}


def dot_text(graph: Graph, root: str) -> str:
    """The graph for Graphviz; an arrow leads to what came of something."""
    lines = ["digraph lineage {", "  rankdir=LR;", "  node [fontname=monospace];"]
    for node in graph.nodes.values():
        attributes = [f"label={_quoted(_label(node))}", f"shape={_SHAPES[node.kind]}"]
        if node.disagreements:
            attributes.append("color=red")
        elif node.exists is False:
            attributes.append("style=dashed")
        if node.id == root:
            attributes.append("penwidth=3")
        lines.append(f"  {_quoted(node.id)} [{', '.join(attributes)}];")
    for edge in graph.edges:
        ends = f"{_quoted(edge.source)} -> {_quoted(edge.target)}"
        lines.append(f"  {ends} [label={_quoted(edge.role.value)}];")
    return "\n".join([*lines, "}"])


def _label(node: Node) -> str:
    repo, at, commit = node.id.rpartition("@")
    facts = [node.facts.get(key) for key in ("training", "accuracy", "tfjob")]
    told = [node.kind.value, repo + at, commit, *(str(each) for each in facts if each)]
    return "\n".join(told)


def _quoted(text: str) -> str:
    """A string of dot's own: its escapes are those of JSON, as far as they are used."""
    printable = "".join(
        each if each.isprintable() or each == "\n" else " " for each in text
    )
    return json.dumps(printable, ensure_ascii=False)
