"""Data sets are read as the trainer reads them, whatever they were saved as.

Archives are made by hand, so that they can be what NumPy would never write.
"""

import io
import struct
import zipfile

import pytest

from mnist_operator.datasets import samples
from mnist_operator.datasets.refusals import NoDatasetError
from mnist_operator.datasets.surveys import Place, join, survey
from unit.data_archives import dataset, fortran, npy, npz

SHAPE = (2, 3)
IMAGES = [bytes(range(6)), bytes([255, 0, 7, 1, 2, 3]), bytes(6)]
LABELS = bytes([3, 1, 2])
PLAIN = npz(
    x_train=npy(b"".join(IMAGES), shape=(3, *SHAPE)), y_train=npy(LABELS, shape=(3,))
)


def _survey(file):
    return survey("/a.npz", file, io.BytesIO)


def _saved(x, descr, **kwargs):
    x = npy(x, descr, kwargs.pop("shape", (3, *SHAPE)), **kwargs)
    return npz(x_train=x, y_train=npy(LABELS, shape=(3,)))


def _packed(code, images=IMAGES):
    values = [value for image in images for value in image]
    return struct.pack(f"{code[0]}{len(values)}{code[1]}", *values)


# --- the same images ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("descr", "code"),
    [
        ("|u1", "<B"),
        ("<u2", "<H"),
        (">u4", ">I"),
        ("<i8", "<q"),
        (">i2", ">h"),
        ("<f2", "<e"),
        ("<f4", "<f"),
        (">f4", ">f"),
        ("<f8", "<d"),
        ("=f8", "<d"),
    ],
)
def test_an_image_is_the_same_in_every_type_of_number(descr, code):
    assert _survey(PLAIN) == _survey(_saved(_packed(code), descr))


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_every_version_and_packing_is_read(version, packing):
    x = npy(b"".join(IMAGES), shape=(3, *SHAPE), version=version)
    y = npy(LABELS, shape=(3, 1), version=version)

    assert _survey(PLAIN) == _survey(npz(packing, x_train=x, y_train=y, other=b"?"))


@pytest.mark.parametrize(
    "text",
    [
        '{"shape":(3,2,3),"descr":"|u1","fortran_order":False}',
        "{'descr': '|u1', 'fortran_order': False, 'shape': (3L, 2L, 3L), }",
        "{ 'fortran_order' : False , 'descr' : 'u1' , 'shape' : ( 3 , 2 , 3 , ) }   ",
    ],
)
def test_headers_of_other_writers_are_read(text):
    assert _survey(PLAIN) == _survey(_saved(b"".join(IMAGES), "", text=text))


@pytest.mark.parametrize(
    ("descr", "code", "size"),
    [("|u1", "<B", 1), ("<u2", "<H", 2), (">f4", ">f", 4), ("<f8", "<d", 8)],
)
def test_fortrans_order_makes_no_difference(descr, code, size):
    images = [_packed(code, [image]) for image in IMAGES]

    saved = _saved(fortran(images, SHAPE, size), descr, fortran=True)

    assert _survey(PLAIN) == _survey(saved)


def test_many_images_in_fortrans_order_are_gathered_in_groups(monkeypatch):
    monkeypatch.setattr(samples, "_BLOCK", 64)
    images = [bytes([n] * 6) for n in range(100)]
    labels = npy(bytes(100), shape=(100,))
    plain = npy(b"".join(images), shape=(100, *SHAPE))
    other = npy(fortran(images, SHAPE), shape=(100, *SHAPE), fortran=True)

    assert _survey(npz(x_train=plain, y_train=labels)) == _survey(
        npz(x_train=other, y_train=labels)
    )


def test_coloured_images_in_fortrans_order():
    shape = (2, 2, 3)
    images = [bytes(range(n, n + 12)) for n in (0, 100, 200)]
    plain = _saved(b"".join(images), "|u1", shape=(3, *shape))
    other = _saved(fortran(images, shape), "|u1", shape=(3, *shape), fortran=True)

    assert (2, 2, 3) == _survey(plain).shape
    assert _survey(plain) == _survey(other)


def test_a_single_channel_is_the_same_as_none():
    assert _survey(PLAIN) == _survey(
        _saved(b"".join(IMAGES), "|u1", shape=(3, *SHAPE, 1))
    )


def test_another_shape_makes_another_image():
    turned = _survey(_saved(b"".join(IMAGES), "|u1", shape=(3, 3, 2)))

    assert not set(_survey(PLAIN).train.keys) & set(turned.train.keys)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("<f4", "<f"), ("<f8", "<d"), id="fractions"),
        pytest.param((">f4", ">f"), ("<f2", "<e"), id="fractions-in-half"),
    ],
)
def test_fractions_are_compared_as_float32(one, other):
    def saved(descr, code):
        values = [value / 256 for image in IMAGES for value in image]
        return _saved(struct.pack(f"{code[0]}18{code[1]}", *values), descr)

    assert _survey(saved(*one)) == _survey(saved(*other))
    assert _survey(saved(*one)) != _survey(PLAIN)


@pytest.mark.parametrize(("descr", "code"), [("|i1", "<18b"), ("<i4", "<18i")])
def test_values_that_are_no_brightness_are_compared_all_the_same(descr, code):
    """The trainer refuses them; what changed there is asked for all the more."""
    whole = _saved(struct.pack(code, *range(18)), descr)
    negative = _saved(struct.pack(code, *range(-1, 17)), descr)
    as_floats = _saved(struct.pack("<18f", *range(-1, 17)), "<f4")

    assert not set(_survey(whole).train.keys) & set(_survey(negative).train.keys[:1])
    assert _survey(as_floats) == _survey(negative)


def test_both_zeros_are_one():
    plus, minus = (struct.pack("<18f", zero, *[0.5] * 17) for zero in (0.0, -0.0))

    assert _survey(_saved(plus, "<f4")) == _survey(_saved(minus, "<f4"))


# --- labels, names, places ------------------------------------------------------------


@pytest.mark.parametrize(("descr", "code"), [("|i1", "<3b"), (">i8", ">3q")])
def test_labels_are_integers_of_any_kind(descr, code):
    y = npy(struct.pack(code, *LABELS), descr, (3,))

    assert _survey(PLAIN) == _survey(
        npz(x_train=npy(b"".join(IMAGES), shape=(3, *SHAPE)), y_train=y)
    )


def test_names_of_classes_are_read():
    named = _survey(dataset([(1, 0), (2, 1)], names=["coat", "shirt"]))

    assert ("coat", "shirt") == named.names


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(npy(b"ab", "|S1", (2,)), id="bytes"),
        pytest.param(npy("ab".encode("utf-32-le"), "<U1", (2, 1)), id="a-table"),
        pytest.param(npy(b"", "<U0", (2,)), id="without-letters"),
        pytest.param(npy("\a".encode("utf-32-le"), "<U1", (1,)), id="a-bell"),
    ],
)
def test_what_cannot_be_names_is_left_alone(names):
    x = npy(b"".join(IMAGES), shape=(3, *SHAPE))
    y = npy(LABELS, shape=(3,))

    assert _survey(PLAIN) == _survey(npz(x_train=x, y_train=y, class_names=names))


def test_names_in_the_other_byte_order():
    names = npy("ab".encode("utf-32-be"), ">U1", (2,))

    assert ("a", "b") == _survey(npz(class_names=names)).names


def test_files_are_joined_in_their_order():
    first = survey("/a.npz", dataset([(1, 0), (2, 1)]), io.BytesIO)
    second = survey("/b.npz", dataset([(3, 2)], [(4, 3)], names=["x"]), io.BytesIO)

    whole = join([first, second])

    assert (3, 1) == (len(whole.train), len(whole.test))
    assert Place("/a.npz", 1) == whole.train.place(1)
    assert Place("/b.npz", 0) == whole.train.place(2)
    assert [0, 1, 2] == [whole.train.label(each) for each in range(3)]
    assert ("x",) == whole.names
    with pytest.raises(IndexError):
        whole.train.place(3)


def test_one_file_is_a_data_set():
    alone = _survey(PLAIN)

    assert alone is join([alone])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "no file holds images"),
        ([dataset(names=["x"])], "no file holds images"),
        (
            [dataset([(1, 0)]), dataset([(1, 0)], shape=(3, 3))],
            "it has images of (2, 2, 1) and of (3, 3, 1)",
        ),
    ],
)
def test_files_that_are_no_data_set_together(files, said):
    with pytest.raises(NoDatasetError) as caught:
        join([_survey(file) for file in files])

    assert said in str(caught.value)


def test_an_empty_split_is_no_fault():
    empty = _survey(npz(x_train=npy(b"", shape=(0, 2, 2)), y_train=npy(b"")))

    assert 0 == len(empty.train)
