"""What came of a commit: the models that learned from it, or began from it.

The ledgers say where to look; a model is told because its own record says the same.
A ledger has no line about where a run began. But it names the spec of each run, and
warmStart is part of that: only the runs of specs that ask for it are looked at.
"""

import asyncio
from collections.abc import Iterable

from mnist_operator.cli.graph.graph import (
    Direction,
    Edge,
    Graph,
    Kind,
    Node,
    Role,
    join,
)
from mnist_operator.cli.graph.lookup import Lookup
from mnist_operator.cli.graph.outputs import Outputs
from mnist_operator.cli.graph.records import build_commit
from mnist_operator.cli.graph.up import Grown
from mnist_operator.cli.index import Index, Row
from mnist_operator.cli.models import published
from mnist_operator.cli.statements import dig, read_object, read_statement
from mnist_operator.commits import Commit, Repo
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.runs import digest
from mnist_operator.warm_start import PART

__all__ = ["descend"]


async def descend(
    client: Pachyderm, root: Commit, index: Index, outputs: Outputs, depth: int
) -> Grown:
    """Every model that came of a commit, so many generations down."""
    search = _Search(client, index, outputs)
    await search.start(root)
    seen = {str(root)}
    level = await search.children(root)
    left = depth
    while left and (level := [each for each in level if str(each) not in seen]):
        left -= 1
        seen |= {str(each) for each in level}
        await search.tell(level)
        found = [await search.children(each) for each in level]
        level = list({str(e): e for each in found for e in each}.values())
    unseen = [each for each in level if str(each) not in seen]
    return search.result(root, unseen)


class _Search:
    """What has been found so far."""

    def __init__(self, client: Pachyderm, index: Index, outputs: Outputs) -> None:
        self._client = client
        self._lookup = Lookup(client)
        self._index = index
        self._outputs = outputs
        self._parts: list[Graph] = []
        self._faults: list[str] = []
        self._warm: dict[str, bool] = {}
        self._read: set[int] = set()
        """Places in the index whose runs were read."""
        self._begun_from: dict[tuple[Repo, str], list[tuple[Row, Commit]]] = {}
        """Those models, by the model that their runs began from."""

    async def start(self, root: Commit) -> None:
        """Begin with what there is about the root itself."""
        graph, _ = await self._lookup.expand(root)
        self._parts.append(graph)

    async def children(self, commit: Commit) -> list[Commit]:
        """The models that came of one commit directly."""
        learned = self._index.learned_from(commit.id)
        found = await self._checked(commit, learned)
        if published(commit) is not None:
            found += await self._begun(commit)
        return found

    async def tell(self, models: Iterable[Commit]) -> None:
        """Put models with all that their records say into the graph."""
        expanded = await asyncio.gather(*(self._lookup.expand(m) for m in models))
        self._parts += [graph for graph, _ in expanded]

    def result(self, root: Commit, unseen: list[Commit]) -> Grown:
        """All of it, as far as it came of the root."""
        graph = join(self._parts).reach(str(root), Direction.DOWN).checked()
        notes = [*self._lookup.notes, *self._outputs.notes]
        if unseen:
            names = ", ".join(map(str, unseen))
            notes.append(f"{names} came of it, too: ask with a greater --depth")
        return Grown(graph, not notes, tuple(notes), tuple(self._faults))

    async def _checked(self, commit: Commit, rows: list[Row]) -> list[Commit]:
        """The models of an input commit: those that say so themselves."""
        found = []
        for row, output in zip(rows, await self._outputs.open(rows), strict=True):
            if output is None:
                if not self._outputs.is_denied(row):
                    self._tell_gone(commit, row)
                continue
            model = published(output)
            named = f"{model.input_repo}@{model.input_commit}" if model else ""
            pachds = [f"{repo}@{each}" for repo, each in output.provenance]
            if str(commit) in {named, *pachds}:
                found.append(output)
            elif model is None or model.input_commit != commit.id:
                said = f"its description says {named}" if model else "it is no model"
                self._faults.append(
                    f"{row.ledger} says that {output} learned from {commit.id}, {said}"
                )
            elif await self._is_made_of(named, commit):
                found.append(output)
        return found

    async def _is_made_of(self, name: str, commit: Commit) -> bool:
        """Whether pachd made an input commit of another one: both have the same ID."""
        source = (await self._lookup.commits([name]))[name]
        if source is None or (commit.repo, commit.id) not in source.provenance:
            return False
        self._parts.append((await self._lookup.expand(source))[0])
        return True

    def _tell_gone(self, commit: Commit, row: Row) -> None:
        """A model that only the ledger still knows: it was squashed or dropped."""
        repo = self._outputs.repo(row)
        facts = {"training": None, "accuracy": row.entry.accuracy or None}
        gone = Node(f"{repo}@{row.entry.output}", Kind.MODEL, facts, exists=False)
        edge = Edge(str(commit), gone.id, Role.DATA, ("ledger",))
        own = build_commit(str(commit), commit)
        self._parts.append(Graph({own.id: own, gone.id: gone}, (edge,)))

    async def _begun(self, commit: Commit) -> list[Commit]:
        """The models whose run began from this one."""
        finished = commit.finished
        if finished is None:
            return []
        later = {
            place: row
            for place, row in enumerate(self._index.models)
            if place not in self._read and row.entry.time >= finished
        }
        self._read |= later.keys()
        await self._read_beginnings(list(later.values()))
        found = self._begun_from.get((commit.repo, commit.id), ())
        return [
            model
            for row, model in found
            if row.entry.time >= finished and model.id != commit.id
        ]

    async def _read_beginnings(self, rows: list[Row]) -> None:
        """Each run is looked at once, however many models are asked about."""
        candidates = await self._with_warm_start(rows)
        opened = await self._outputs.open(candidates)
        for row, model in zip(candidates, opened, strict=True):
            if model is not None:
                told = (read_object(model.description) or {}).get(PART)
                key = (model.repo, str(told))
                self._begun_from.setdefault(key, []).append((row, model))

    async def _with_warm_start(self, rows: list[Row]) -> list[Row]:
        """Those whose spec may ask for one."""
        firsts = {row.entry.spec: row for row in rows}
        for spec, row in firsts.items():
            if spec not in self._warm:
                self._warm[spec] = await self._may_be_warm(row)
        return [row for row in rows if self._warm[row.entry.spec]]

    async def _may_be_warm(self, row: Row) -> bool:
        """Only a spec that is proven by its digest to ask for none asks for none."""
        [output] = await self._outputs.open([row])
        if output is None:
            return True
        content = await self._client.read(output.repo, output.id, LINEAGE_FILE)
        spec = dig(read_statement(content).asked, "spec")
        proven = digest(spec) == row.entry.spec
        return not proven or bool(dig(spec, "trainer", PART))
