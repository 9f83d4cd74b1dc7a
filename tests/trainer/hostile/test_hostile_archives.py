"""Whatever is in the file: the data that numpy reads in it, or a refusal to act on."""

import io
import os
import warnings
import zipfile

import numpy as np
import pytest

from mnist_trainer.errors import DataError
from mnist_trainer.farewell import last_words
from trainer.broken_archives import claiming
from trainer.hostile.forgeries import forge, sound_arrays
from trainer.samples import pack, read

EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "1000"))
SEED = int(os.environ.get("HOSTILE_SEED", "0"))
NAME = "/data/mnist.npz: "


def _read_as_numpy_does(content):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy's, of headers that Python 2 wrote.
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return archive["x_train.npy"], archive["y_train.npy"].reshape(-1)


def _judge(path, content):
    """Return what speaks against the trainer; nothing, where all is well."""
    try:
        found = read(path)
    except DataError as refused:
        return _judge_words(str(refused))
    images, labels = _read_as_numpy_does(content)
    if found.held_back:
        kept, aside = found.train.count, found.test.count
        return kept + aside != len(labels) and "images are lost"
    train = found.train
    same = np.array_equal(train.images.ravel(), images.astype(np.float32).ravel())
    same = same and np.array_equal(train.labels, labels)
    return not same and "it reads other data than numpy"


def _judge_words(words):
    told = last_words("InvalidData", words)
    if not words.startswith(NAME) or ": " not in words.removeprefix(NAME):
        return f"it does not name file and remedy: {words}"
    if not words.isprintable():
        return f"it would break a log: {words!r}"
    remedy = words.rpartition(": ")[2]
    return "" if remedy in told else f"the remedy is cut off: {words}"


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_no_part_of_an_archive_is_taken_for_all_of_it(archive, save):
    """Cut off after every byte."""
    file = io.BytesIO()
    save(file, x_train=sound_arrays()["x_train"], y_train=[0, 0, 1, 1, 1, 0])
    for length in range(len(file.getvalue())):
        with pytest.raises(DataError, match=NAME):
            read(archive(file.getvalue()[:length]))


@pytest.mark.parametrize("header", ["(7L, 8L, 8L)", "(7, 8, 8)", "( 7,8 ,8, )"])
def test_a_header_may_be_written_as_python_writes_it(archive, header):
    """Python 2 marked long numbers, and others have spaces elsewhere."""
    images = np.random.default_rng(1).integers(0, 256, (7, 8, 8), np.uint8)
    content = io.BytesIO()
    labels = io.BytesIO()
    np.save(labels, np.array([0, 1, 0, 1, 0, 1, 1]))
    with zipfile.ZipFile(content, "w") as written:
        written.writestr("x_train.npy", claiming(header, images.tobytes()))
        written.writestr("y_train.npy", labels.getvalue())
    found = read(archive(content.getvalue()))

    assert images.sum() == found.train.images.sum() + found.test.images.sum()


@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("kind", [">i2", ">u8", ">f4", ">f8", "<f2", "<f16"])
def test_the_order_of_bytes_and_axes_does_not_matter(archive, kind, order):
    sound = sound_arrays()
    images = np.asarray(sound["x_train"].astype(kind), order=order)
    labels = sound["y_train"].astype(">i8")
    found = read(archive(pack(sound | {"x_train": images, "y_train": labels})))

    assert (sound["x_train"] == found.train.images).all()
    assert (sound["y_train"] == found.train.labels).all()


def test_no_forgery_is_read_as_anything_but_what_numpy_reads_in_it(archive, tmp_path):
    """HOSTILE_EXAMPLES=N for N of them, HOSTILE_SEED=S to begin with another one."""
    mark = tmp_path / "executed"
    verdicts = {
        number: verdict
        for number, content in forge(SEED, mark, EXAMPLES)
        if (verdict := _judge(archive(content), content))
    }

    assert {} == verdicts
    assert not mark.exists()
