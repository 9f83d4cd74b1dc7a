"""What may be trained on: sound archives in many forms; all others are refused."""

import io
import struct
import zipfile

import numpy as np
import pytest

from mnist_trainer.data import LARGEST_FILE, read_dataset
from mnist_trainer.errors import DataError, ExitCode
from trainer.samples import arrays, pack


def test_the_classic_archive_is_read_as_it_is(archive):
    content = arrays()
    dataset = read_dataset(archive(pack(content)))

    assert (60, 20) == (dataset.train.count, dataset.test.count)
    assert (28, 10) == (dataset.size, dataset.classes)
    np.testing.assert_array_equal(content["x_train"], dataset.train.images)
    np.testing.assert_array_equal(content["y_test"], dataset.test.labels)


@pytest.mark.parametrize(
    "kind", ["uint8", "int64", ">i2", "float16", "float32", "float64"]
)
def test_numbers_of_any_type_are_taken(archive, kind):
    content = arrays()
    changed = content | {"x_train": content["x_train"].astype(kind)}
    dataset = read_dataset(archive(pack(changed)))

    np.testing.assert_array_equal(content["x_train"], dataset.train.images)


def test_an_array_in_the_order_of_fortran_is_read_the_right_way_round(archive):
    content = arrays()
    changed = content | {"x_train": np.asfortranarray(content["x_train"])}
    dataset = read_dataset(archive(pack(changed)))

    np.testing.assert_array_equal(content["x_train"], dataset.train.images)


def test_further_arrays_are_left_alone(archive):
    content = arrays(notes=np.array([{"any": "object"}], dtype=object))

    assert 60 == read_dataset(archive(pack(content))).train.count


def test_classes_are_counted_from_the_labels(archive):
    content = arrays(y_train=np.arange(60) % 3, y_test=np.arange(20) % 3)

    assert 3 == read_dataset(archive(pack(content))).classes


@pytest.mark.parametrize("size", [8, 13, 32])
def test_other_sizes_are_taken(archive, size):
    generator = np.random.default_rng(0)
    content = arrays(
        x_train=generator.integers(0, 256, (60, size, size), np.uint8),
        x_test=generator.integers(0, 256, (20, size, size), np.uint8),
    )

    assert size == read_dataset(archive(pack(content))).size


def _without(name):
    return pack({key: value for key, value in arrays().items() if key != name})


def _changed(**changed):
    return pack(arrays(**changed))


def _pixels(value, kind="float32"):
    images = arrays()["x_train"].astype(kind)
    images[3, 14, 14] = value
    return _changed(x_train=images)


def _images(*shape):
    return _changed(x_train=np.full(shape, 7, np.uint8))


def _labels(values):
    return _changed(y_train=np.asarray(values))


def _entries(**entries):
    """An archive with some entries written by hand."""
    file = io.BytesIO(pack(arrays(**dict.fromkeys(entries, np.zeros(1)))))
    kept = zipfile.ZipFile(file)
    new = io.BytesIO()
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in kept.namelist():
            name = entry.removesuffix(".npy")
            archive.writestr(entry, entries.get(name, kept.read(entry)))
    return new.getvalue()


def _npy(header, body=b""):
    text = f"{header}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + body


def _claiming(shape, body=b"", kind="|u1"):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}}}"
    return _npy(header, body)


def _damaged():
    """One bit of an array's packed bytes turned over."""
    file = io.BytesIO()
    np.savez(file, **arrays())
    content = bytearray(file.getvalue())
    content[len(content) // 2] ^= 1
    return bytes(content)


_SOUND = pack(arrays())
_LARGE = LARGEST_FILE // 784 + 1


@pytest.mark.parametrize(
    ("content", "found", "remedy"),
    [
        pytest.param(b"", "the file is empty", "push", id="an-empty-file"),
        pytest.param(b"<html>", "no .npz archive", "numpy.savez", id="a-web-page"),
        pytest.param(_SOUND[:-100], "no .npz", "numpy.savez", id="a-truncated-archive"),
        pytest.param(_SOUND[100:], "cannot be read", "anew", id="a-beheaded-archive"),
        pytest.param(_damaged(), "is damaged", "push the archive again", id="bit-rot"),
        pytest.param(_without("x_train"), "x_train.npy is missing", "savez", id="no-x"),
        pytest.param(_without("y_test"), "y_test.npy is missing", "savez", id="no-y"),
        pytest.param(
            pack({"images": np.zeros(3)}),
            "holds images.npy",
            "x_train",
            id="other-keys",
        ),
        pytest.param(
            _changed(x_train=np.array([[[{}]]], dtype=object)),
            "x_train holds Python objects",
            "astype",
            id="pickled-images",
        ),
        pytest.param(
            _changed(y_test=np.array([{}] * 20, dtype=object)),
            "y_test holds Python objects",
            "astype",
            id="pickled-labels",
        ),
        pytest.param(
            _entries(x_train=_claiming(f"({_LARGE}, 28, 28)", b"few")),
            "promises",
            "write it anew",
            id="a-header-that-promises-more-than-there-is",
        ),
        pytest.param(
            _entries(x_train=_claiming("(9999999999, 9999999999, 28)")),
            "promises",
            "write it anew",
            id="a-header-that-would-overflow",
        ),
        pytest.param(
            _entries(x_train=_claiming("(-1, 28, 28)")),
            "negative",
            "anew",
            id="negative",
        ),
        pytest.param(
            _entries(x_train=_claiming("(1, 28, 28)", b"x" * 9999)),
            "holds 9999",
            "write it anew",
            id="bytes-after-the-array",
        ),
        pytest.param(
            _entries(x_train=b"not an array"), "cannot be read", "anew", id="no-array"
        ),
        pytest.param(
            _entries(x_train=_npy("__import__('os').abort()")),
            "cannot be read",
            "anew",
            id="code-in-a-header",
        ),
        pytest.param(
            _entries(x_train=_npy("{'descr': (((")),
            "cannot be read",
            "anew",
            id="header",
        ),
        pytest.param(_images(60, 784), "shape (60, 784)", "reshape", id="flat-images"),
        pytest.param(
            _images(60, 28, 28, 1), "(60, 28, 28, 1)", "reshape", id="channel"
        ),
        pytest.param(_images(60, 28, 20), "28 x 20", "square", id="oblong-images"),
        pytest.param(_images(60, 7, 7), "7 x 7", "from 8", id="tiny-images"),
        pytest.param(_images(1, 257, 257), "257 x 257", "to 256", id="large-images"),
        pytest.param(_images(0, 28, 28), "x_train is empty", "push", id="no-images"),
        pytest.param(_images(59, 28, 28), "59 images", "one label", id="a-label-over"),
        pytest.param(_images(60, 28, 28), "7 in every pixel", "differ", id="blank"),
        pytest.param(
            _changed(x_test=np.zeros((20, 14, 14), np.uint8)),
            "(28, 28) and x_test of (14, 14)",
            "one size",
            id="two-sizes",
        ),
        pytest.param(
            _changed(x_test=np.zeros((0, 28, 28), np.uint8), y_test=np.zeros(0, int)),
            "x_test is empty",
            "push",
            id="nothing-to-test-with",
        ),
        pytest.param(
            _changed(x_train=np.full((60, 28, 28), "7")), "<U1", "uint8", id="strings"
        ),
        pytest.param(
            _changed(x_train=np.zeros((60, 28, 28), complex)),
            "complex128",
            "uint8",
            id="complex-numbers",
        ),
        pytest.param(_pixels(np.nan), "NaN or infinity", "replace", id="nan"),
        pytest.param(_pixels(np.inf), "NaN or infinity", "replace", id="infinity"),
        pytest.param(_pixels(256, "int16"), "to 256", "0..255", id="too-bright"),
        pytest.param(_pixels(-1, "int16"), "from -1", "0..255", id="too-dark"),
        pytest.param(
            _changed(x_train=arrays()["x_train"] / 255),
            "to 1.0",
            "multiply by 255",
            id="images-that-are-rescaled-already",
        ),
        pytest.param(_labels(np.eye(60)), "(60, 60)", "one-hot", id="one-hot-labels"),
        pytest.param(_labels([[1]] * 60), "(60, 1)", "(count,)", id="labels-in-rows"),
        pytest.param(_labels([1.5] * 60), "float64", "uint8", id="fractional-labels"),
        pytest.param(
            _labels([-1, *range(59)]), "from -1", "from 0", id="negative-label"
        ),
        pytest.param(
            _labels(range(1000, 1060)), "to 1059", "999", id="a-label-too-high"
        ),
        pytest.param(_labels([4] * 60), "one label 4", "two classes", id="one-class"),
        pytest.param(
            _changed(y_test=np.full(20, 11)), "label 11", "every class", id="unknown"
        ),
    ],
)
def test_a_refusal_names_what_was_found_and_the_remedy(archive, content, found, remedy):
    with pytest.raises(DataError) as refused:
        read_dataset(archive(content))

    assert ExitCode.DATA == refused.value.code
    assert found in str(refused.value)
    assert remedy in str(refused.value)


def test_a_bomb_is_refused_before_it_is_unpacked(archive):
    """A megabyte that unpacks to more than a gibibyte, all of it as announced."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        with bomb.open("x_train.npy", "w", force_zip64=True) as file:
            file.write(_claiming(f"({_LARGE}, 28, 28)"))
            block = bytes(784 * 4096)
            for start in range(0, _LARGE, 4096):
                file.write(block[: 784 * min(4096, _LARGE - start)])
        for name in ("y_train", "x_test", "y_test"):
            bomb.writestr(f"{name}.npy", _claiming("(0,)"))

    with pytest.raises(DataError, match="the limit is"):
        read_dataset(archive(packed.getvalue()))
