"""The data of two commits, compared: figures, or why there are none.

Input: archives as NumPy writes them, and others, in a Pachyderm in memory. Nothing is
downloaded twice that is the same in both commits.
"""

import asyncio
import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.gate_findings import Figures
from unit.builders import examples
from unit.data_archives import fortran, npy, npz, pixels
from unit.gate_shelves import (
    TEN,
    Shelves,
    compared,
    data,
    relabelled,
    shelves,
)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(TEN, TEN[::-1], Figures(10, 10), id="another-order"),
        pytest.param(
            TEN,
            relabelled(TEN, 0, 2, 3),
            Figures(10, 10, 3, 0, Fraction(1, 10)),
            id="other-labels",
        ),
        pytest.param(
            TEN,
            relabelled(TEN, 0, 1),
            Figures(10, 10, 2),
            id="labels-that-are-swapped-shift-no-class",
        ),
        pytest.param(
            TEN, TEN[:8], Figures(10, 8, 0, 2, Fraction(0)), id="images-are-gone"
        ),
        pytest.param(
            TEN,
            [*TEN, (99, 0), (98, 0)],
            Figures(10, 12, 0, 0, Fraction(1, 12)),
            id="images-that-come-are-in-no-figure-but-the-shift",
        ),
        pytest.param(
            [*TEN, TEN[0]],
            TEN,
            Figures(11, 10, 0, 1, Fraction(1, 22)),
            id="a-copy-less-is-one-gone",
        ),
        pytest.param(
            [(1, 0)], [(1, 1)], Figures(1, 1, 1, 0, Fraction(1)), id="all-of-one"
        ),
    ],
)
async def test_this_is_counted(before, after, expected):
    assert expected == await compared(shelves(data(before), data(after)))


async def test_an_image_that_moves_to_the_other_split_is_as_it_was():
    client = shelves(data(TEN[:8], TEN[8:]), data(TEN[2:], TEN[:2]))

    assert Figures(10, 10) == await compared(client)


async def test_what_is_saved_in_another_way_is_the_same():
    images = [pixels(image) for image, _ in TEN]
    labels = npy(bytes(label for _, label in TEN), shape=(10,))
    wide = struct.pack(">40I", *(value for image in images for value in image))
    anew = npz(x_train=npy(wide, ">u4", (10, 2, 2)), y_train=labels)
    turned = npy(fortran(images, (2, 2)), shape=(10, 2, 2), fortran=True)

    assert Figures(10, 10) == await compared(shelves(data(TEN), anew.getvalue()))
    turned = npz(x_train=turned, y_train=labels).getvalue()
    assert Figures(10, 10) == await compared(shelves(data(TEN), turned))


async def test_a_folder_is_one_data_set_whatever_file_an_image_is_in():
    old = {"/data/a.npz": data(TEN[:5]), "/data/b.npz": data(TEN[5:])}
    new = {"/data/b.npz": data(TEN[:9]), "/README.md": b"words"}
    client = Shelves({"old": old, "new": new})

    found = await compared(client, path="data/")

    assert (10, 9, 0, 1) == (found.before, found.after, found.relabelled, found.dropped)


async def test_the_same_files_are_read_once():
    client = shelves(data(TEN), data(TEN))
    client.commits["new"]["/README.md"] = b"words"

    assert Figures(10, 10) == await compared(client)
    assert [("old", "/data/mnist.npz")] == client.read


_SAMPLES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=1)


@examples
@given(before=_SAMPLES, after=_SAMPLES)
def test_all_images_are_accounted_for(before, after):
    found = asyncio.run(compared(shelves(data(before), data(after))))

    assert (len(before), len(after)) == (found.before, found.after)
    assert 0 <= found.relabelled + found.dropped <= len(before)
    assert 0 <= found.class_shift <= 1
    kept = found.before - found.relabelled - found.dropped
    assert kept + found.relabelled <= len(after)
