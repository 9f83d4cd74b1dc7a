"""Data that cannot be compared, and why: damaged, hostile, gone or too large."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.errors import (
    NotFoundError,
    UpstreamError,
)
from mnist_operator.gate_findings import Figures
from mnist_operator.gate_readings import Comparer, Limits
from unit.builders import examples
from unit.data_archives import dataset, npy, npz
from unit.gate_shelves import (
    PATH,
    REPO,
    TEN,
    Shelves,
    compared,
    data,
    shelves,
)

_TINY = Limits(file_bytes=2000, array_bytes=200, files=2, images=20)
_MANY = [(n, 0) for n in range(30)]


@pytest.mark.parametrize(
    ("before", "after", "limits", "expected"),
    [
        pytest.param(
            data(TEN),
            b"words",
            None,
            "default/inputrepo@new: /data/mnist.npz: it is no .npz archive",
            id="no-archive",
        ),
        pytest.param(
            b"words",
            data(TEN),
            None,
            "default/inputrepo@old: /data/mnist.npz: it is no .npz archive",
            id="no-archive-before",
        ),
        pytest.param(
            data(TEN), None, None, "there is no .npz file at data/mnist.npz", id="gone"
        ),
        pytest.param(
            data(TEN),
            npz(x_train=npy(b"", shape=(10**6, 2, 2))).getvalue(),
            None,
            "claims 4000000 bytes",
            id="a-claim",
        ),
        pytest.param(
            data(TEN),
            npz(x_train=npy(b"x", "|O", (1,))).getvalue(),
            None,
            "never unpickled",
            id="objects",
        ),
        pytest.param(
            data(TEN),
            data(_MANY),
            _TINY,
            "with it there are 30 images, 20 are compared",
            id="too-many-images",
        ),
        pytest.param(
            data(TEN),
            dataset([(n, 0) for n in range(4)], shape=(8, 8)).getvalue(),
            _TINY,
            "with it there are 260 bytes of arrays, 200 are compared",
            id="too-large-unpacked",
        ),
        pytest.param(
            data(TEN),
            data(TEN) + bytes(2000),
            _TINY,
            "bytes, files of up to 2000 are compared",
            id="too-large-a-file",
        ),
    ],
)
async def test_this_cannot_be_compared(before, after, limits, expected):
    found = await compared(shelves(before, after), limits=limits)

    assert expected in found.fault
    assert 200 >= len(found.fault)
    assert found.fault.isprintable()


async def test_too_many_files_cannot_be_compared():
    three = {f"/data/{n}.npz": data(TEN) for n in range(3)}
    client = Shelves({"old": {"/data/1.npz": data(TEN)}, "new": three})

    found = await compared(client, path="data/", limits=_TINY)

    assert "data/ has 3 files, 2 are compared" in found.fault


async def test_a_commit_with_more_files_than_are_listed_cannot_be_compared():
    client = Shelves({"old": {"/data/mnist.npz": data(TEN)}, "new": None})

    assert "more than 100000 files" in (await compared(client)).fault


async def test_an_array_in_fortrans_order_takes_no_more_memory_than_a_file():
    zeros = npy(bytes(64 * 50), shape=(50, 8, 8), fortran=True)
    archive = npz(x_train=zeros, y_train=npy(bytes(50), shape=(50,))).getvalue()
    small = Limits(file_bytes=2000, array_bytes=10**6, files=1, images=50)

    found = await compared(shelves(archive, archive), limits=small)

    assert "more than 2000 bytes would have to be kept" in found.fault
    assert Figures(50, 50) == await compared(shelves(archive, archive))


async def test_a_base_that_is_gone_is_a_fault():
    client = Shelves({"new": {"/data/mnist.npz": data(TEN)}})

    found = await compared(client)

    assert "commit old is gone from default/inputrepo" == found.fault


async def test_a_commit_that_is_gone_is_no_fault_but_an_error():
    with pytest.raises(NotFoundError):
        await compared(Shelves({"old": {"/data/mnist.npz": data(TEN)}}))


async def test_after_a_failure_of_pachyderm_the_next_comparison_has_its_turn():
    comparer, client = Comparer(), shelves(data(TEN), data(TEN[:9]))
    client.fails = "connection reset"

    with pytest.raises(UpstreamError):
        await comparer.compare(client, REPO, "old", "new", PATH)
    client.fails = ""
    found = await comparer.compare(client, REPO, "old", "new", PATH)

    assert 1 == found.dropped


@examples
@given(st.binary(max_size=300), st.integers(0, 10**6))
def test_whatever_somebody_pushes_is_compared_or_a_fault(junk, at):
    whole = bytearray(data(TEN))
    at %= len(whole)
    whole[at : at + len(junk)] = junk

    found = asyncio.run(compared(shelves(data(TEN), bytes(whole))))

    assert found.fault or 10 == found.before


def test_the_limits_leave_room_for_the_operator_in_its_pod():
    """Two copies of a file, then what is kept of each image, beside 200 MiB."""
    limits, room = Limits(), (512 - 200) << 20

    assert 2.25 * limits.file_bytes <= room
    assert 900 * limits.images <= room
    assert limits.file_bytes > 70_000 * 28 * 28


async def test_who_waits_too_long_for_another_comparison_looks_again():
    comparer, client = Comparer(patience=0), shelves(data(TEN), data(TEN))

    async with comparer._turn:
        assert None is await comparer.compare(client, REPO, "old", "new", PATH)
    assert [] == client.read
