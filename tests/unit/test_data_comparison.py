"""Two data sets are compared sample by sample; a naive comparison is the judge.

Few images and few labels, so that copies, contradictions and leaks come up by chance.
"""

import io
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.datasets.changes import ClassCount, Pair, Relabelling
from mnist_operator.datasets.comparison import compare
from mnist_operator.datasets.surveys import Split, Survey, survey
from unit.builders import examples
from unit.data_archives import dataset

SAMPLES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=12)


def _split(samples):
    keys = [bytes([image]) * 16 + label.to_bytes(2, "big") for image, label in samples]
    return Split(tuple(keys), (("/a.npz", len(samples)),))


def _survey(train=(), test=()):
    return Survey((2, 2, 1), None, _split(train), _split(test))


def _train(before, after):
    return compare(_survey(before), _survey(after)).train


# --- against a naive comparison -------------------------------------------------------


@examples
@given(SAMPLES, SAMPLES)
def test_counts_are_those_of_a_naive_comparison(before, after):
    old, new = Counter(before), Counter(after)
    kept = relabelled = 0
    for image in range(5):
        rest = [0, 0]
        for label in range(3):
            both = min(old[image, label], new[image, label])
            kept += both
            rest[0] += old[image, label] - both
            rest[1] += new[image, label] - both
        relabelled += min(rest)

    change = _train(before, after)

    assert (kept, relabelled) == (change.kept, len(change.relabelled))
    assert len(before) == kept + relabelled + len(change.removed)
    assert len(after) == kept + relabelled + len(change.added)
    assert change.same == (old == new)


@examples
@given(SAMPLES, SAMPLES)
def test_what_is_listed_turns_one_side_into_the_other(before, after):
    change = _train(before, after)
    gone = {*change.removed, *(i for i, _ in change.relabelled)}
    come = {*change.added, *(j for _, j in change.relabelled)}

    stayed = [each for i, each in enumerate(before) if i not in gone]

    assert Counter(after) == Counter([*stayed, *(after[j] for j in come)])
    for i, j in change.relabelled:
        assert before[i][0] == after[j][0]
        assert before[i][1] != after[j][1]


@examples
@given(SAMPLES, SAMPLES)
def test_relabellings_are_counted_by_both_labels(before, after):
    change = _train(before, after)

    pairs = Counter((before[i][1], after[j][1]) for i, j in change.relabelled)
    counts = [each.count for each in change.relabellings]

    assert pairs == {(r.old, r.new): r.count for r in change.relabellings}
    assert sorted(counts, reverse=True) == counts


@examples
@given(SAMPLES, SAMPLES)
def test_copies_and_contradictions_are_those_of_a_naive_search(before, after):
    change = _train(before, after)

    def copies(samples):
        return sum(each in samples[:at] for at, each in enumerate(samples))

    def contradicted(samples):
        labels = {image: {b for a, b in samples if a == image} for image, _ in samples}
        return sum(len(each) > 1 for each in labels.values())

    assert Pair(copies(before), copies(after)) == change.duplicated
    assert Pair(contradicted(before), contradicted(after)) == change.contradictory
    assert change.contradictory.after == len(change.contradictions)
    for places in change.contradictions:
        found = [after[each] for each in places]
        assert 1 == len({image for image, _ in found})
        assert 1 < len(found) == len({label for _, label in found})
        assert all(
            after.index(each) == at for each, at in zip(found, places, strict=True)
        )


@examples
@given(SAMPLES, SAMPLES, SAMPLES, SAMPLES)
def test_leaks_and_moves_are_those_of_a_naive_search(old, old_test, new, new_test):
    found = compare(_survey(old, old_test), _survey(new, new_test))

    def leaked(train, test):
        return sum(image in {each for each, _ in train} for image, _ in test)

    assert Pair(leaked(old, old_test), leaked(new, new_test)) == found.leaked
    gone = Counter(old[i][0] for i in found.train.removed)
    come = Counter(new_test[i][0] for i in found.test.added)
    assert sum(min(gone[each], come[each]) for each in range(5)) == found.moved_to_test
    gone = Counter(old_test[i][0] for i in found.test.removed)
    come = Counter(new[i][0] for i in found.train.added)
    assert sum(min(gone[each], come[each]) for each in range(5)) == found.moved_to_train


@examples
@given(SAMPLES, SAMPLES)
def test_classes_and_their_shift_are_those_of_a_naive_sum(before, after):
    change = _train(before, after)
    old, new = (Counter(label for _, label in side) for side in (before, after))

    expected = [ClassCount(old[n], new[n], n) for n in sorted(old.keys() | new.keys())]
    assert expected == list(change.classes)
    if before and after:
        shares = [abs(old[n] / len(before) - new[n] / len(after)) for n in range(3)]
        assert sum(shares) / 2 == pytest.approx(change.class_shift)
    else:
        assert (before != after) == change.class_shift


@examples
@given(SAMPLES, st.randoms(use_true_random=False))
def test_order_does_not_matter(samples, random):
    other = random.sample(samples, len(samples))

    change = _train(samples, other)

    assert change.same
    assert (len(samples), 0.0) == (change.kept, change.class_shift)


@examples
@given(SAMPLES, SAMPLES)
def test_the_way_back_is_the_opposite(before, after):
    there, back = _train(before, after), _train(after, before)

    assert len(there.added) == len(back.removed)
    assert len(there.relabelled) == len(back.relabelled)
    assert there.class_shift == back.class_shift


# --- by example -----------------------------------------------------------------------


def test_a_commit_with_everything_in_it():
    before = [(1, 7), (2, 3), (3, 5), (4, 4)]
    after = [(4, 4), (1, 7), (1, 7), (2, 8), (3, 5), (3, 6)]

    change = _train(before, after)

    assert Pair(4, 6) == change.samples
    assert 3 == change.kept
    assert [2, 5] == change.added
    assert [] == change.removed
    assert [(1, 3)] == change.relabelled
    assert (Relabelling(3, 8, 1),) == change.relabellings
    assert (0.25, 0.0) == (change.relabelled_share, change.removed_share)
    assert Pair(0, 1) == change.duplicated
    assert Pair(0, 1) == change.contradictory
    assert [(4, 5)] == change.contradictions


def test_shares_of_nothing_are_none():
    change = _train([], [(1, 1)])

    assert (0.0, 0.0, 1.0) == (
        change.relabelled_share,
        change.removed_share,
        change.class_shift,
    )


def test_only_what_both_sides_have_as_often_is_kept():
    change = _train([(1, 1)] * 3, [(1, 1)] * 5)

    assert (3, [3, 4], Pair(2, 4)) == (change.kept, change.added, change.duplicated)


def test_a_split_is_asked_for_by_its_name():
    found = compare(_survey([(1, 1)], [(2, 2)]), _survey([(1, 1)]))

    assert (found.train, found.test) == (found.split("train"), found.split("test"))
    assert (True, False, False) == (found.train.same, found.test.same, found.same)
    assert Survey().test == found.after.split("test") or [] == list(
        found.after.test.keys
    )


def test_files_are_compared_as_the_samples_in_them():
    def read(**parts):
        return survey("/a.npz", dataset(**parts), io.BytesIO)

    before = read(train=[(1, 0), (2, 1), (3, 1)], test=[(4, 0)])
    after = read(train=[(2, 0), (1, 0), (4, 1)], test=[(4, 0), (3, 1)])

    found = compare(before, after)

    assert (Relabelling(1, 0, 1),) == found.train.relabellings
    assert ([2], [2]) == (found.train.added, found.train.removed)
    assert (Pair(0, 1), 1, 0) == (
        found.leaked,
        found.moved_to_test,
        found.moved_to_train,
    )
