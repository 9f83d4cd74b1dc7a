"""However much an archive is or says: its reader's memory stays within a bound.

20 MB beside what the process had before, and beside the images that it may keep in
memory (``IN_MEMORY``, here one mebibyte), whatever the limit of 4 GiB would allow.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from mnist_trainer import data
from trainer.hostile.bombs import write_bombs
from trainer.samples import arrays

_CHILD = """
import re, resource, sys
from pathlib import Path
from mnist_trainer.data import read_dataset
from mnist_trainer.errors import DataError

files = sorted(Path(sys.argv[1]).iterdir())
status = Path("/proc/self/status")
taken = re.search(r"VmData:\\s+(\\d+) kB", status.read_text())
resource.setrlimit(resource.RLIMIT_DATA, ((int(taken[1]) << 10) + (20 << 20),) * 2)
for file in files:
    try:
        found = read_dataset([(file.name, file)], scratch=file.parent.parent, seed=1,
                             validation_percent=10, memory=1 << 20)
        print(f"{file.name}: {found.train.count} images")
    except DataError as error:
        print(error)
"""

TOLD = {
    "header-without-end": "x_train cannot be read (its header of 50331648 bytes",
    "inflates": "x_train is 0 in every pixel: push images that differ",
    "inflates-beside": "60 images",
    "inflates-in-Fortrans-order": "x_train is 0 in every pixel: push images",
    "inflates-to-more-than-it-says": "x_train is damaged (",
    "many-entries": "60 images",
    "nested": "x_train.npy is missing, the archive holds x.npy: write it with",
    "overlapping": "50 images",
    "says-the-most": "x_train is damaged (",
    "says-too-much": "the arrays would take ",
    "too-many-entries": "the file is no .npz archive (it holds more entries than",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What a reader in a small process says of each of them."""
    folder = tmp_path_factory.mktemp("bombs") / "files"
    folder.mkdir()
    write_bombs(folder, arrays())
    ended = subprocess.run(
        [sys.executable, "-c", _CHILD, folder],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(data.__file__).parents[1])},
        timeout=300,
    )

    assert "" == ended.stderr
    return dict(line.split(": ", 1) for line in ended.stdout.splitlines())


@pytest.mark.parametrize("bomb", TOLD)
def test_a_bomb_does_not_go_off(told, bomb):
    assert told[bomb].startswith(TOLD[bomb])


def test_each_bomb_was_read(told):
    assert TOLD.keys() == told.keys()
