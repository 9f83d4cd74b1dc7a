"""All that went into a commit, and into that, and so on to the first of all."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mnist_operator.cli.graph.graph import Direction, Graph, join
from mnist_operator.cli.graph.lookup import Lookup
from mnist_operator.commits import Commit
from mnist_operator.pachyderm import Pachyderm

__all__ = ["Grown", "climb"]


@dataclass(frozen=True, slots=True)
class Grown:
    """A graph, and what is to be said of how it was found."""

    graph: Graph
    complete: bool = True
    """Whether nothing was left out for its depth."""
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    """Where an index disagrees with what it leads to."""

    def noted(self, notes: Iterable[str]) -> "Grown":
        """With more to say."""
        return replace(self, notes=(*notes, *self.notes))


async def climb(client: Pachyderm, root: Commit, depth: int) -> Grown:
    """Every cause of a commit, so many generations up."""
    lookup = Lookup(client)
    parts: list[Graph] = []
    seen, level = {str(root)}, [root]
    for _ in range(depth):
        expanded = await asyncio.gather(*(lookup.expand(each) for each in level))
        parts += [graph for graph, _ in expanded]
        causes = {str(each): each for _, found in expanded for each in found}
        level = [each for name, each in causes.items() if name not in seen]
        seen |= causes.keys()
        if not level:
            break
    graph = join(parts).reach(str(root), Direction.UP).checked()
    if not level:
        return Grown(graph, not lookup.notes, tuple(lookup.notes))
    names = ", ".join(map(str, level))
    note = f"there is more above {names}: ask with a greater --depth"
    return Grown(graph, complete=False, notes=(note, *lookup.notes))
