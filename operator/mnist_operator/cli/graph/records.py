"""One model's records as a part of the graph. Pure.

Each claim becomes an edge that names who makes it, so two that differ are two edges,
and a sentence at the model.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mnist_operator.cli.graph.claims import Record, find_claims, find_faults
from mnist_operator.cli.graph.graph import Edge, Graph, Kind, Node, Role, join
from mnist_operator.cli.models import published
from mnist_operator.cli.statements import Statement, dig_text
from mnist_operator.commits import Commit
from mnist_operator.lineage import Model
from mnist_operator.status import timestamp

__all__ = ["build_causes", "build_commit", "build_record", "name_causes"]


def name_causes(record: Record) -> list[str]:
    """The commits that went into it, by whatever copy; each as project/repo@commit."""
    return list(dict.fromkeys(each.name for each in find_claims(record)))


def build_record(record: Record) -> Graph:
    """A model, its run, and all that any copy of its record says went in."""
    statement, attempt = record.statement, record.attempt
    run = Node(
        record.run_name,
        Kind.RUN,
        {
            "attempt": record.model.attempt,
            "tfjob": record.model.tfjob,
            "opened": timestamp(attempt.opened) if attempt else None,
            "node": dig_text(statement.byproduct("pod"), "node"),
        },
        exists=None if record.run_denied else record.run is not None,
    )
    edges = [Edge(run.id, record.name, Role.RESULT, ("description",))]
    for claim in find_claims(record):
        target = record.name if claim.role is Role.PROVENANCE else run.id
        edges.append(Edge(claim.name, target, claim.role, (claim.said_by,)))
    causes = build_causes(name_causes(record), record.causes)
    nodes = [_model(record), run, *causes]
    code, more = _code(statement, run.id)
    named = {node.id: node for node in (*nodes, *code)}
    return join([Graph(named), Graph({}, (*edges, *more))])


def build_causes(
    names: Iterable[str], found: Mapping[str, Commit | None]
) -> list[Node]:
    """The commits that were named; of one that was not to be read nothing is known."""
    return [
        build_commit(name, found[name]) if name in found else Node(name, Kind.COMMIT)
        for name in names
    ]


def build_commit(name: str, commit: Commit | None) -> Node:
    """A commit that was named, as far as it is still there."""
    if commit is None:
        return Node(name, Kind.COMMIT, {}, exists=False)
    model = published(commit)
    if model is None:
        return Node(name, Kind.COMMIT, _times(commit), exists=True)
    return Node(name, Kind.MODEL, _facts(commit, model), exists=True)


def _times(commit: Commit) -> dict[str, Any]:
    return {
        "state": commit.state.value,
        "started": timestamp(commit.started),
        "finished": timestamp(commit.finished) if commit.finished else None,
    }


def _facts(commit: Commit, model: Model) -> dict[str, Any]:
    told = {
        "training": model.training,
        "accuracy": model.accuracy or None,
        "specSha256": model.spec,
    }
    return told | _times(commit)


def _model(record: Record) -> Node:
    facts, faults = _facts(record.commit, record.model), tuple(find_faults(record))
    return Node(record.name, Kind.MODEL, facts, exists=True, disagreements=faults)


def _code(statement: Statement, run: str) -> tuple[list[Node], list[Edge]]:
    """The image that a run ran, and the source that it was built from."""
    uri = statement.image
    if uri is None:
        return [], []
    digest = dig_text(statement.material("image"), "digest", "sha256")
    facts = {"image": uri, "sha256": digest}
    image = Node(f"{uri}@sha256:{digest}" if digest else uri, Kind.IMAGE, facts)
    used = Edge(image.id, run, Role.IMAGE, ("lineage.json",))
    material = statement.material("source")
    revision = dig_text(material, "digest", "gitCommit") or dig_text(
        material, "annotations", "revision"
    )
    if revision is None:
        return [image], [used]
    url = dig_text(material, "uri")
    facts = {"url": url, "gitCommit": revision}
    source = Node(f"{url or 'git'}@{revision}", Kind.SOURCE, facts)
    built = Edge(source.id, image.id, Role.SOURCE, ("lineage.json",))
    return [image, source], [used, built]
