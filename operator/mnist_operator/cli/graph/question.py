"""The whole question of lineage --up and --down: find the commit, then look around."""

from dataclasses import dataclass
from datetime import datetime

from mnist_operator.cli.graph.down import descend
from mnist_operator.cli.graph.graph import Direction
from mnist_operator.cli.graph.index import search_index
from mnist_operator.cli.graph.outputs import Outputs
from mnist_operator.cli.graph.roots import find_root
from mnist_operator.cli.graph.up import Grown, climb
from mnist_operator.cli.index import Index
from mnist_operator.cli.indexes import read_index
from mnist_operator.cli.models import published
from mnist_operator.cli.references import Reference, is_whole
from mnist_operator.commits import Branch, Commit
from mnist_operator.pachyderm import Pachyderm

__all__ = ["Question", "grow"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked."""

    reference: Reference
    output: Branch
    """The branch with models, unless the reference leads to another one."""
    direction: Direction
    depth: int
    at: datetime | None = None
    walk: bool = False
    """Whether to look at every commit of the output branch."""


async def grow(client: Pachyderm, asked: Question) -> tuple[Commit, Grown]:
    """The commit that is meant, and all that went into it or came of it.

    Raises:
        NotThereError: There is no such commit, or there are several.
    """
    reference, output = asked.reference, asked.output
    index = await _read_index(client, asked)
    root = await find_root(client, reference, output, index, at=asked.at)
    if asked.direction is Direction.UP:
        return root, await climb(client, root, asked.depth)
    if published(root) is not None:
        output = Branch(root.repo, reference.branch or output.name)
    searched = await search_index(client, root, output, index, walk=asked.walk)
    outputs = Outputs(client, output.repo, searched.walked)
    grown = await descend(client, root, searched.index, outputs, asked.depth)
    return root, grown.noted(searched.notes)


async def _read_index(client: Pachyderm, asked: Question) -> Index:
    """The ledgers; the way up needs none where its commit is found without them."""
    reference = asked.reference
    if asked.direction is Direction.UP:
        named = reference.commit
        if named is None:
            return Index()
        if is_whole(named) and await client.commit(reference.repo, named):
            return Index()
    return await read_index(client, reference.runs)
