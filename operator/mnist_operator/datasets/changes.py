"""What changed between two data sets: the values of a comparison. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from mnist_operator.datasets.pairs import Part
from mnist_operator.datasets.surveys import Survey

__all__ = ["ClassCount", "Comparison", "Pair", "Relabelling", "SplitChange"]


@dataclass(frozen=True, slots=True)
class Pair:
    """The same count on both sides."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ClassCount(Pair):
    """How many samples of a class there are."""

    label: int


@dataclass(frozen=True, slots=True)
class Relabelling:
    """So many images got a label for another."""

    old: int
    new: int
    count: int


@dataclass(frozen=True, slots=True)
class SplitChange:
    """What became of the samples to train on, or of those to test with."""

    samples: Pair
    kept: int
    added: Sequence[int]
    """Indices in the split after."""
    removed: Sequence[int]
    """Indices in the split before."""
    relabelled: Sequence[tuple[int, int]]
    """Indices before and after."""
    relabellings: tuple[Relabelling, ...]
    """The most frequent first."""
    duplicated: Pair
    """Samples that are there already, image and label: the copies beyond the first."""
    contradictory: Pair
    """Images that have several labels."""
    contradictions: Sequence[tuple[int, ...]]
    """For each such image after: indices, the first of each label."""
    classes: tuple[ClassCount, ...]
    """Every class that either side has, by its label."""

    @property
    def same(self) -> bool:
        """Whether both sides have the same samples."""
        return not (self.added or self.removed or self.relabelled)

    @property
    def relabelled_share(self) -> float:
        """Of the samples before, 0..1; 0 where there were none."""
        return _share(len(self.relabelled), self.samples.before)

    @property
    def removed_share(self) -> float:
        """Of the samples before, 0..1; 0 where there were none."""
        return _share(len(self.removed), self.samples.before)

    @property
    def class_shift(self) -> float:
        """Total variation distance of the classes' shares, 0..1.

        Half the sum of what each class's share has changed by; 1 where one side has
        no samples and the other has some.
        """
        before, after = self.samples.before, self.samples.after
        if not before or not after:
            return float(before != after)
        # In whole numbers, so that equal shares come to 0 and not almost.
        total = sum(abs(c.before * after - c.after * before) for c in self.classes)
        return total / (2 * before * after)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two data sets."""

    before: Survey
    after: Survey
    train: SplitChange
    test: SplitChange
    leaked: Pair
    """Samples to test with whose image is among those to train on."""
    moved_to_test: int
    """Images that left the split to train on, and came to the other."""
    moved_to_train: int

    @property
    def same(self) -> bool:
        """Whether both have the same samples in the same splits."""
        return self.train.same and self.test.same

    def split(self, part: Part) -> SplitChange:
        """What became of one split."""
        return self.train if part == "train" else self.test


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
