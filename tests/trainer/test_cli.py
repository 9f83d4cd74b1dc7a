"""The program for a person: quick help, a rehearsal, and a summary."""

import importlib
import re
import subprocess
import sys

import pytest

from mnist_trainer import fetch
from mnist_trainer.phases import Clock, Phases
from mnist_trainer.session import start_thread
from mnist_trainer.storage import StoredFile
from mnist_trainer.summary import compose_summary
from trainer.programs import DEADLINE, ROOT, a_session, run
from trainer.samples import arrays, pack


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data.npz").write_bytes(pack(arrays()))
    return tmp_path


def test_help_needs_neither_numpy_nor_a_server():
    program = (
        "import sys\n"
        "from mnist_trainer.__main__ import main\n"
        "try: main(['--help'], {})\n"
        "finally: print(sorted({'numpy', 'boto3', 'tensorflow'} & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "trainer"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
        timeout=DEADLINE,
    ).stdout

    assert "--epochs N" in told
    assert re.search(r"Fast \d+, Best \d+, Classic \d+; more for little data", told)
    assert told.endswith("[]\n")


def test_a_failed_run_leaves_its_log_with_the_reason(folder):
    (folder / "data.npz").write_bytes(pack(arrays(y_train=[11] * 60)))
    code, out, _ = run(folder, "--data", "data.npz", "--output", "out")

    assert 10 == code
    assert out == (folder / "out" / "failed.log").read_text()
    assert out.splitlines()[-1].startswith("InvalidData: /data.npz")
    assert ["failed.log"] == [each.name for each in (folder / "out").iterdir()]


def _rehearse(folder, *arguments):
    rehearsal = importlib.import_module("mnist_trainer.rehearsal")
    session = a_session(folder, "--dry-run", *arguments)
    fetching = fetch.start_fetching(session)
    nothing = start_thread("nothing", lambda: None)
    message = rehearsal.rehearse(session, fetching, nothing)
    return message, session.narrator.story()


def test_a_rehearsal_tells_what_would_be_done_and_writes_nothing(folder, engine):
    output = ("--output", str(folder / "out"))
    message, told = _rehearse(folder, *output, "--epochs", "3", "--outputs", "Keras")

    assert re.search(r"(?m)^network     \d x \d convolution .*, dense 10$", told)
    assert re.search(r"(?m)^weights     [\d,]+$", told)
    assert "training    3 x 1 steps of 60 images" in told
    assert "epochs 3" in told
    assert "files       my_model.h5, metrics.json, my_model.keras, run.json" in told
    assert message.startswith("a training of about ")
    assert not (folder / "out").exists()


def test_a_rehearsal_refuses_what_the_run_would_refuse(folder, engine):
    (folder / "data.npz").write_bytes(b"no archive")

    with pytest.raises(Exception, match=r"no \.npz archive"):
        _rehearse(folder)


METRICS = {
    "accuracy": 0.9913,
    "accuracyInterval": {"low": 0.9893, "high": 0.9929, "confidence": 0.95},
    "loss": 0.1253,
    "images": {"test": 10000},
    "perClass": [
        {"name": "zero", "recall": 0.99, "support": 100},
        {"name": "one", "recall": None, "support": 0},
        {"name": "two", "recall": 0.5, "support": 4},
    ],
}
SECONDS = {"start": 0.3, "train": 6.0, "total": 6.3, "beside": {"download": 0.2}}


def test_the_summary_is_a_table(tmp_path):
    files = [StoredFile("/my_model.h5", "", 383840), StoredFile("/run.json", "", 9)]

    assert [
        "accuracy        99.13% of 10000 test images",
        "                98.93% to 99.29% with 95% confidence",
        "loss            0.1253",
        "worst classes   two: 50.00% of 4 recognised",
        "                zero: 99.00% of 100 recognised",
        "time            6.3 s: start 0.3, train 6.0",
        "files           out/my_model.h5      383,840 bytes",
        "                out/run.json               9 bytes",
    ] == compose_summary(METRICS, SECONDS, files, "out")


def test_a_summary_says_that_nothing_was_written():
    told = compose_summary(METRICS, SECONDS, [], None)

    assert "files           none" == told[-1]


class _Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_the_parts_of_a_run_add_up_to_all_of_it():
    clock = _Clock()
    phases = Phases(Clock(now=lambda: None, seconds=clock))
    for moment, name in ((0.25, "import"), (2.5, "train"), (9.75, "save")):
        clock.now = moment
        phases.begin(name)
    clock.now = 10.0
    spent = phases.describe()

    assert {
        "start": 0.25,
        "import": 2.25,
        "train": 7.25,
        "save": 0.25,
        "total": 10.0,
        "beside": {},
    } == spent


def test_what_is_done_beside_is_told_apart():
    clock = _Clock()
    phases = Phases(Clock(now=lambda: None, seconds=clock))
    with phases.beside("download"):
        clock.now = 1.5

    assert {"start": 1.5, "total": 1.5, "beside": {"download": 1.5}} == (
        phases.describe()
    )


def test_a_part_that_is_entered_twice_counts_once():
    clock = _Clock()
    phases = Phases(Clock(now=lambda: None, seconds=clock))
    for moment, name in ((1.0, "train"), (2.0, "save"), (3.0, "train")):
        clock.now = moment
        phases.begin(name)
    clock.now = 5.0

    assert 3.0 == phases.describe()["train"]
