"""Which commit is meant when somebody releases one that is held."""

import pytest

from mnist_operator.cli.act.holds import find_held
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.get.remedies import next_step
from unit.mnistctl_records import status_of

_ONE, _TWO, _GONE = "a1" * 16, "a2" * 16, "b0" * 16


def body(*commits):
    return {"status": {"held": [{"commit": each} for each in commits]}}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(_ONE, _ONE, id="whole"),
        pytest.param("a2", _TWO, id="its-beginning"),
        pytest.param("A2A2", _TWO, id="in-capitals"),
    ],
)
def test_it_is_one_of_those_that_are_held(wanted, expected):
    assert expected == find_held(body(_ONE, _TWO), wanted)


@pytest.mark.parametrize(
    ("there", "wanted", "told"),
    [
        pytest.param((_ONE, _TWO), "a", "is the beginning of 2 commits", id="several"),
        pytest.param((_ONE,), _GONE, f"held are {_ONE}", id="another"),
        pytest.param((), _ONE, "none is held", id="none"),
    ],
)
def test_any_other_is_refused(there, wanted, told):
    with pytest.raises(NotThereError, match=told):
        find_held(body(*there), wanted)


def test_a_whole_id_is_taken_where_more_are_held_than_are_shown():
    many = [f"{n:032x}" for n in range(10)]

    assert _GONE == find_held(body(*many), _GONE)


def test_mnistctl_get_says_what_to_do_about_the_newest():
    status = status_of("DataGateHeld", stalled=True, held=[{"commit": _ONE}])
    meta = {"namespace": "team", "name": "mnist", "generation": 1}

    assert (
        f"push better data; or have it trained all the same: mnistctl release"
        f" team/mnist {_ONE}; or never: mnistctl release team/mnist {_ONE} --discard"
    ) == next_step({"metadata": meta, "status": status})
