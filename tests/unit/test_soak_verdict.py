"""What a soak calls growth, and where it finds what is held."""

import ctypes
from collections import UserDict
from collections.abc import Callable

import pytest

from mnist_operator.commits import Branch, Repo
from mnist_operator.readings import Memory
from soak.__main__ import flatten
from soak.heap import bytes_in_use
from soak.holdings import BYTES, count_holdings
from soak.verdict import Tolerance, compare


def series(value: Callable[[int], float]) -> list[dict[str, float]]:
    """Fifty samples, with ten decisions from one to the next."""
    return [{"it": value(n), "decisions": 10.0 * n} for n in range(50)]


@pytest.mark.parametrize(
    ("value", "tolerance", "grows"),
    [
        pytest.param(lambda n: 7.0, Tolerance(), False, id="what-stays-is-flat"),
        pytest.param(lambda n: 7.0 + n, Tolerance(), True, id="what-grows-does"),
        pytest.param(lambda n: 70.0 - n, Tolerance(), False, id="less-is-no-growth"),
        pytest.param(
            lambda n: 99.0 if n % 7 == 0 else 7.0,
            Tolerance(),
            False,
            id="now-and-then-is-no-growth",
        ),
        pytest.param(
            lambda n: 0.0 if n < 9 else 7.0, Tolerance(), False, id="a-start-is-none"
        ),
        pytest.param(
            lambda n: 10.0 * n,
            Tolerance(each=1.0),
            False,
            id="one-thing-for-each-decision-is-allowed",
        ),
        pytest.param(
            lambda n: 11.0 * n, Tolerance(each=1.0), True, id="more-than-one-is-not"
        ),
        pytest.param(
            lambda n: 100.0 + n, Tolerance(share=0.5), False, id="a-share-is-allowed"
        ),
    ],
)
def test_growth_is_more_at_the_end_than_at_the_start(value, tolerance, grows):
    (found,) = compare(series(value), {"it": tolerance})

    assert grows == found.is_more


def test_the_longest_pattern_decides():
    samples = [{"in A.b": float(n), "decisions": 0.0} for n in range(50)]
    tolerances = {"in *": Tolerance(), "in A.*": Tolerance(more=100)}
    (found,) = compare(samples, tolerances)

    assert 100.0 == found.allowed


def test_a_few_samples_say_nothing():
    with pytest.raises(ValueError, match="9 samples are too few"):
        compare(series(float)[:9], {})


def test_what_is_held_is_found_by_its_name():
    memory = Memory(created={"a", "b"}, prepared={"c"})
    found = count_holdings({"by": [memory, memory]}, memory)

    assert 1 == found["Memory"]
    assert 2 == found["Memory.created"]
    assert 1 == found["Memory.prepared"]


def test_more_text_is_more_bytes():
    short, long = (Branch(Repo("default", "r"), "b" * n) for n in (1, 1001))

    assert 1000 == count_holdings(long)[BYTES] - count_holdings(short)[BYTES]


class _Busy(UserDict[str, Branch]):
    """A mapping that another thread changes while it is looked at, once."""

    looks = 0

    def __iter__(self):
        self.looks += 1
        if 1 == self.looks:
            raise RuntimeError("mutated during iteration")
        return super().__iter__()


def test_what_changes_under_a_look_is_looked_at_again():
    found = count_holdings(_Busy(by=Branch(Repo("default", "r"), "b")))

    assert 1 == found["Branch"]


def test_two_generations_that_change_places_are_one_thing():
    """And the pool's threads, of which there may be more, are told from all others."""
    within = {"tasks": 1, "objects": 1, "traced": 1, "peak": 1, "own": 1, "pooled": 3}
    within |= {"heap": 2**20}
    within["holdings"] = {"Recent._young": 5, "Recent._old": 7, "Ledger.decided": 2}
    found = flatten(within, {"RSS MB": 9.0, "threads": 13.0})

    assert 12.0 == found["in Recent, both generations"]
    assert 3.0 == found["threads of asyncio's pool"]
    assert 10.0 == found["threads, all others"]
    assert 1.0 == found["MB in use of the C heap"]
    assert {"RSS MB", "decisions"} < found.keys()
    assert not {"in Recent._young", "in Recent._old", "threads"} & found.keys()


def test_what_c_allocates_is_in_use_until_it_is_freed():
    many = 2**24
    before = bytes_in_use()
    buffer = ctypes.create_string_buffer(many)
    held = bytes_in_use() - before
    del buffer
    left = bytes_in_use() - before

    assert many <= held < 2 * many
    assert left < many // 2
