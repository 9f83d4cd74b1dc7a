"""What changed between two data sets, sample by sample. Pure, and linear in both.

A sample is an image with its label; a split is compared as a multiset of these, so
neither order nor file matters. What both have is kept. Of the rest, an image that is
on both sides has been relabelled, as often as both have it; what is left then was
removed or added. So `before = kept + relabelled + removed`, and the same for after.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence

from mnist_operator.datasets.changes import (
    ClassCount,
    Comparison,
    Pair,
    Relabelling,
    SplitChange,
)
from mnist_operator.datasets.pixels import DIGEST_BYTES
from mnist_operator.datasets.surveys import Split, Survey

__all__ = ["compare"]


def compare(before: Survey, after: Survey) -> Comparison:
    """Compare two data sets; images of another shape are other images."""
    train = _compare_splits(before.train, after.train)
    test = _compare_splits(before.test, after.test)
    return Comparison(
        before=before,
        after=after,
        train=train,
        test=test,
        leaked=Pair(_count_leaked(before), _count_leaked(after)),
        moved_to_test=_count_moved(
            _images(before.train, train.removed), _images(after.test, test.added)
        ),
        moved_to_train=_count_moved(
            _images(before.test, test.removed), _images(after.train, train.added)
        ),
    )


def _compare_splits(before: Split, after: Split) -> SplitChange:
    old, new = Counter(before.keys), Counter(after.keys)
    gone, come = _rest(before.keys, new), _rest(after.keys, old)
    relabelled = _match(before.keys, gone, after.keys, come)
    left, got = set[int](), set[int]()
    if relabelled:
        left, got = (set(side) for side in zip(*relabelled, strict=True))
    changes = Counter((before.label(i), after.label(j)) for i, j in relabelled)
    contradictions = _contradictions(after.keys, new)
    return SplitChange(
        samples=Pair(len(before), len(after)),
        kept=len(before) - len(gone),
        added=[each for each in come if each not in got],
        removed=[each for each in gone if each not in left],
        relabelled=relabelled,
        relabellings=tuple(
            Relabelling(old, new, count)
            for (old, new), count in sorted(
                changes.items(), key=lambda each: (-each[1], each[0])
            )
        ),
        duplicated=Pair(len(before) - len(old), len(after) - len(new)),
        contradictory=Pair(len(_ambiguous(old)), len(contradictions)),
        contradictions=contradictions,
        classes=_count_classes(old, new),
    )


def _image(key: bytes) -> bytes:
    return key[:DIGEST_BYTES]


def _rest(keys: Sequence[bytes], others: Mapping[bytes, int]) -> list[int]:
    """Which samples the other side has not, or not as often."""
    left = dict(others)
    rest = []
    for index, key in enumerate(keys):
        if left.get(key, 0):
            left[key] -= 1
        else:
            rest.append(index)
    return rest


def _match(
    old: Sequence[bytes], gone: Sequence[int], new: Sequence[bytes], come: Sequence[int]
) -> list[tuple[int, int]]:
    """Pair what is gone and what has come by its image, in their order.

    Of no sample is there a rest on both sides, so each pair has two labels.
    """
    waiting: dict[bytes, deque[int]] = defaultdict(deque)
    for index in gone:
        waiting[_image(old[index])].append(index)
    return [
        (waiting[image].popleft(), index)
        for index in come
        if waiting.get(image := _image(new[index]))
    ]


def _ambiguous(samples: Iterable[bytes]) -> set[bytes]:
    """The images that have several labels."""
    labels = Counter(map(_image, samples))
    return {image for image, count in labels.items() if count > 1}


def _contradictions(
    keys: Sequence[bytes], counted: Mapping[bytes, int]
) -> list[tuple[int, ...]]:
    found = dict[bytes, dict[bytes, int]]()
    ambiguous = _ambiguous(counted)
    if ambiguous:
        for index, key in enumerate(keys):
            if (image := _image(key)) in ambiguous:
                found.setdefault(image, {}).setdefault(key, index)
    return [tuple(places.values()) for places in found.values()]


def _count_classes(
    old: Mapping[bytes, int], new: Mapping[bytes, int]
) -> tuple[ClassCount, ...]:
    before, after = _by_label(old), _by_label(new)
    labels = sorted(before.keys() | after.keys())
    return tuple(
        ClassCount(before[each], after[each], label=int.from_bytes(each, "big"))
        for each in labels
    )


def _by_label(counted: Mapping[bytes, int]) -> Counter[bytes]:
    found = Counter[bytes]()
    for key, count in counted.items():
        found[key[DIGEST_BYTES:]] += count
    return found


def _count_leaked(data: Survey) -> int:
    known = set(map(_image, data.train.keys)) if data.test.keys else set()
    return sum(_image(key) in known for key in data.test.keys)


def _images(split: Split, indices: Iterable[int]) -> Counter[bytes]:
    return Counter(_image(split.keys[index]) for index in indices)


def _count_moved(gone: Counter[bytes], come: Counter[bytes]) -> int:
    return (gone & come).total()
