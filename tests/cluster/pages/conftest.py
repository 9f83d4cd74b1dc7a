"""What a reader of the pages has: a checkout, a terminal, and programs by name."""

import subprocess

import pytest

from cluster.rig.binaries import KUBECTL, find
from documents.blocks import ROOT
from documents.terminal import Terminal, write_program

TRAINER = ROOT / ".venv" / "trainer" / "bin" / "python"
DRAW = """
import sys, numpy
from trainer.samples import draw_digits
train, test = draw_digits(600, seed=1), draw_digits(100, seed=2)
names = "x_train", "y_train", "x_test", "y_test"
numpy.savez_compressed(sys.argv[1], **dict(zip(names, (*train, *test))))
"""
_NOT_OF_THE_CHECKOUT = {".git", ".local"}


@pytest.fixture(name="programs")
def _programs(plane, tmp_path):
    """A folder for the PATH; `plane` says so where no kubectl can be had."""
    folder = tmp_path / "bin"
    write_program(folder, "kubectl", str(find(KUBECTL)))
    return folder


@pytest.fixture(name="checkout")
def _checkout(tmp_path):
    """This one, with a place of its own for what is left behind."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.name not in _NOT_OF_THE_CHECKOUT:
            (folder / path.name).symlink_to(path)
    yield folder
    if (folder / ".local" / "demo").exists():
        subprocess.run(["make", "demo-stop"], cwd=folder, check=True)


@pytest.fixture(name="terminal")
async def _terminal(checkout, programs):
    async with Terminal(checkout, programs) as terminal:
        yield terminal


@pytest.fixture(name="digits")
def _digits(tmp_path):
    """A few hundred drawn digits in the form of MNIST: its path."""
    path = tmp_path / "mnist.npz"
    places = f"{ROOT / 'trainer'}:{ROOT / 'tests'}"
    subprocess.run(
        [TRAINER, "-c", DRAW, str(path)], check=True, env={"PYTHONPATH": places}
    )
    return str(path)
