"""The same data, code, parameters and seed give the same bits, on any number of cores.

On the same kind of CPU: another one adds in another order.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainer import repeated

_DEADLINE = 300
_TESTS = Path(__file__).parents[1]

_DIFFERENT = {
    "Fast's weights",
    "Best's weights",
    "Classic's weights",
    "my_model.h5",
    "my_model.keras",
    "report/training_curve.png",
}
"""What another seed changes."""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """By the number of TensorFlow's threads, what came of it in another process."""
    folder = tmp_path_factory.mktemp("elsewhere")
    paths = f"{_TESTS.parent / 'trainer'}:{_TESTS}"
    running = {
        threads: subprocess.Popen(
            [sys.executable, repeated.__file__, str(threads), folder / str(threads)],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            text=True,
        )
        for threads in (1, 4)
    }
    told = {}
    for threads, process in running.items():
        told[threads] = json.loads(process.communicate(timeout=_DEADLINE)[0])
        assert 0 == process.returncode
    return told


@pytest.fixture(scope="module")
def here(_tensorflow, tmp_path_factory):
    return repeated.repeat(tmp_path_factory.mktemp("here"))


def test_weights_model_files_and_report_are_all_compared(here):
    assert _DIFFERENT | {"served/saved_model.pb", "report/index.html"} <= here.keys()


@pytest.mark.parametrize("threads", [1, 4])
def test_another_process_with_other_threads_leaves_the_same_bits(
    here, elsewhere, threads
):
    assert here == elsewhere[threads]


def test_a_second_training_in_the_same_process_leaves_the_same_bits(here, tmp_path):
    assert here == repeated.repeat(tmp_path)


def test_another_seed_leaves_other_weights_and_files(here, tmp_path):
    other = repeated.repeat(tmp_path, seed=8)

    assert _DIFFERENT <= {name for name in here if here[name] != other[name]}
