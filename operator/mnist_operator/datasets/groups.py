"""Which samples of a comparison are worth a look. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mnist_operator.datasets.changes import Comparison
from mnist_operator.datasets.pairs import PARTS, Part

__all__ = ["Group", "Key", "Side", "Tile", "choose"]

Side = Literal["before", "after"]
Key = tuple[Side, Part, int]

_LABELS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Tile:
    """One sample to be shown, and what stands below it."""

    key: Key
    """On which side it is, in which split, and its index there."""
    caption: str


@dataclass(frozen=True, slots=True)
class Group:
    """Samples of one split that the same has become of."""

    kind: Literal["relabelled", "added", "removed", "contradictory"]
    part: Part
    total: int
    """How many there are, of which the tiles are the first."""
    tiles: tuple[Tile, ...]

    @property
    def title(self) -> str:
        """What stands above them."""
        shown = len(self.tiles)
        rest = f", the first {shown}" if shown < self.total else ""
        return f"{self.kind}: {self.total}{rest}"


def choose(comparison: Comparison, limit: int) -> tuple[Group, ...]:
    """At most ``limit`` samples of each kind and split; none of what there is none."""
    found = (g for part in PARTS for g in _of_split(comparison, part, limit))
    return tuple(group for group in found if group.tiles)


def _of_split(comparison: Comparison, part: Part, limit: int) -> Iterator[Group]:
    change = comparison.split(part)
    old, new = comparison.before.split(part), comparison.after.split(part)
    relabelled = (
        Tile(("after", part, j), f"{old.label(i)}→{new.label(j)}")
        for i, j in change.relabelled[:limit]
    )
    yield Group("relabelled", part, len(change.relabelled), tuple(relabelled))
    added = (
        Tile(("after", part, each), str(new.label(each)))
        for each in change.added[:limit]
    )
    yield Group("added", part, len(change.added), tuple(added))
    removed = (
        Tile(("before", part, each), str(old.label(each)))
        for each in change.removed[:limit]
    )
    yield Group("removed", part, len(change.removed), tuple(removed))
    contradictory = (
        Tile(("after", part, places[0]), _list([new.label(each) for each in places]))
        for places in change.contradictions[:limit]
    )
    total = len(change.contradictions)
    yield Group("contradictory", part, total, tuple(contradictory))


def _list(labels: list[int]) -> str:
    more = ["…"] if len(labels) > _LABELS_SHOWN else []
    return "/".join([*map(str, labels[:_LABELS_SHOWN]), *more])
