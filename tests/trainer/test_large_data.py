"""Images that are too many for memory lie on the disk, and damage is always told."""

import io
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mnist_trainer import data
from mnist_trainer.errors import DataError, DiskError, ExitCode
from trainer.samples import arrays, pack, read, some_of

IMAGES = 80_000
"""63 MB of them, and three times what the child below may take."""

_CHILD = """
import re, resource, sys
from pathlib import Path
from mnist_trainer.data import read_dataset

def read(memory):
    file = Path(sys.argv[1])
    return read_dataset([("a", file)], scratch=file.parent, seed=1,
                        validation_percent=10, memory=memory)

taken = re.search(r"VmData:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
resource.setrlimit(resource.RLIMIT_DATA, ((int(taken[1]) << 10) + (20 << 20),) * 2)
dataset = read(memory=1 << 20)
print(dataset.train.count, dataset.test.count, dataset.train.images.max())
try:
    read(memory=1 << 30)
except MemoryError:
    print("no memory for all of them")
"""


def _many(order):
    generator = np.random.default_rng(1)
    few = generator.integers(0, 256, (1000, 28, 28), np.uint8)
    return {
        "x_train": np.asarray(np.tile(few, (IMAGES // 1000, 1, 1)), order=order),
        "y_train": np.tile(np.arange(10, dtype=np.uint8), IMAGES // 10),
    }


@pytest.mark.parametrize("order", "CF")
def test_images_too_many_for_memory_are_read_all_the_same(tmp_path, order):
    """In a process that may take 20 MB more than it had before it read them."""
    file = tmp_path / "large.npz"
    np.savez(file, **_many(order))
    ended = subprocess.run(
        [sys.executable, "-c", _CHILD, file],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(data.__file__).parents[1])},
        timeout=120,
    )

    assert "" == ended.stderr
    assert ["72000 8000 255", "no memory for all of them"] == ended.stdout.splitlines()


@pytest.mark.parametrize("names", [("x_train", "y_train"), tuple(arrays())])
def test_on_disk_or_in_memory_the_data_are_the_same(archive, names):
    path = archive(pack(some_of(arrays(), *names)))
    in_memory, on_disk = read(path), read(path, memory=0)

    for one, other in (
        (in_memory.train, on_disk.train),
        (in_memory.test, on_disk.test),
    ):
        assert isinstance(other.images, np.memmap)
        np.testing.assert_array_equal(one.images, other.images)
        np.testing.assert_array_equal(one.labels, other.labels)


def test_the_scratch_folder_is_as_empty_afterwards_as_before(archive):
    path = archive(pack(arrays()))
    dataset = read(path, memory=0)

    assert [path] == list(path.parent.iterdir())
    assert 60 == len(dataset.train.images)


def test_a_full_disk_may_have_room_at_the_next_attempt(archive):
    path = archive(pack(arrays()))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(DiskError, match="make room there") as full:
            read(path, memory=0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert ExitCode.DISK == full.value.code
    assert str(path.parent) in str(full.value)


def test_a_scratch_folder_that_is_not_there_is_the_disks_fault(archive, tmp_path):
    path = archive(pack(arrays()))

    with pytest.raises(DiskError, match="missing cannot be written"):
        data.read_dataset(
            [("/a.npz", path)],
            scratch=tmp_path / "missing",
            seed=1,
            validation_percent=10,
            memory=0,
        )


def _is_refused_or_the_same(path, sound):
    try:
        found = read(path)
    except DataError:
        return True
    return np.array_equal(found.train.images, sound.train.images) and np.array_equal(
        found.train.labels, sound.train.labels
    )


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_no_byte_can_be_damaged_unnoticed(archive, save):
    """Nor end a run in anything else than a refusal."""
    generator = np.random.default_rng(1)
    file = io.BytesIO()
    images = generator.integers(0, 256, (6, 8, 8), np.uint8)
    save(file, x_train=images, y_train=[0, 0, 1, 1, 1, 1])
    content = file.getvalue()
    sound = read(archive(content))

    for place in range(0, len(content), 5):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        assert _is_refused_or_the_same(archive(changed), sound), place


def test_a_block_of_large_images_of_which_none_is_held_back_is_read_too(archive):
    """A block has 16 of them, and one of ten is held back to test with."""
    images = np.random.default_rng(1).integers(0, 256, (64, 256, 256), np.uint8)
    path = archive(pack({"x_train": images, "y_train": np.arange(64) // 60}))
    dataset = read(path, memory=0)

    assert (57, 7) == (dataset.train.count, dataset.test.count)
    assert images.sum() == dataset.train.images.sum() + dataset.test.images.sum()
