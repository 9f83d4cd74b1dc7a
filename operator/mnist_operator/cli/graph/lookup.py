"""The questions for the graph: what there is about a model, and about its causes."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mnist_operator.cli.graph.claims import Record
from mnist_operator.cli.graph.graph import Edge, Graph, Role
from mnist_operator.cli.graph.records import (
    build_causes,
    build_commit,
    build_record,
    name_causes,
)
from mnist_operator.cli.lookup import read_record
from mnist_operator.cli.models import published
from mnist_operator.commits import Commit, Repo
from mnist_operator.errors import DeniedError
from mnist_operator.pachyderm import Pachyderm

__all__ = ["Lookup"]

_AT_ONCE = 16
_NAME = re.compile(r"([a-zA-Z0-9_-]+)/([a-zA-Z0-9_-]+)@([0-9a-f]{32})")


class Lookup:
    """Looks at each commit once, and at many at the same time."""

    def __init__(self, client: Pachyderm) -> None:
        self._client = client
        self._commits: dict[str, Commit | None] = {}
        self._denied: dict[str, Repo] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def commits(self, names: Iterable[str]) -> dict[str, Commit | None]:
        """Commits by their names, project/repo@commit; None for what is gone.

        What the token may not read is left out: it may be there.
        """
        wanted = list(dict.fromkeys(names))
        await asyncio.gather(*(self._look(name) for name in wanted))
        return {n: self._commits[n] for n in wanted if n not in self._denied}

    @property
    def notes(self) -> list[str]:
        """What could not be looked at."""
        return [
            f"this token may not read {repo}: whether its commits are there, and what"
            " went into them, is not known"
            for repo in dict.fromkeys(self._denied.values())
        ]

    async def expand(self, commit: Commit) -> tuple[Graph, list[Commit]]:
        """What went into one commit, and which of that was made of something, too."""
        model = published(commit)
        if model is None:
            names = [f"{repo}@{found}" for repo, found in commit.provenance]
            causes = await self.commits(names)
            graph = _build_data(commit, names, causes)
        else:
            async with self._turns:
                content, files = await read_record(self._client, commit)
            record = Record(commit, model, content, files)
            causes = await self.commits([record.run_name, *name_causes(record)])
            denied = record.run_name not in causes
            run = causes.get(record.run_name)
            record = replace(record, run=run, run_denied=denied)
            # The run itself may name another one.
            causes = await self.commits(name_causes(record))
            record = replace(record, causes=causes)
            graph = build_record(record)
        found = [each for each in causes.values() if each is not None]
        return graph, [e for e in found if e.provenance or published(e) is not None]

    async def _look(self, name: str) -> None:
        parts = _NAME.fullmatch(name)
        if name not in self._commits and parts is None:
            # Nothing of that name can be in Pachyderm, whoever wrote it down.
            self._commits[name] = None
        if name not in self._commits and parts is not None:
            repo, found = Repo(parts[1], parts[2]), None
            try:
                async with self._turns:
                    found = await self._client.commit(repo, parts[3])
            except DeniedError:
                self._denied[name] = repo
            self._commits[name] = found


def _build_data(
    commit: Commit, names: Iterable[str], causes: Mapping[str, Commit | None]
) -> Graph:
    """A commit that is no model, and what pachd says that it was made of."""
    nodes = build_causes(names, causes)
    edges = [Edge(name, str(commit), Role.PROVENANCE, ("pachd",)) for name in names]
    own = build_commit(str(commit), commit)
    return Graph({node.id: node for node in (own, *nodes)}, tuple(edges))
