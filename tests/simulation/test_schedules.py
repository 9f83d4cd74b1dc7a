"""Nothing is lost, nothing happens twice: in thousands of made-up lives."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.__main__ import main
from simulation.play import play
from simulation.schedule import make_schedule

_REGRESSIONS = sorted(Path(__file__).with_name("regressions").glob("*.json"))


def test_two_thousand_schedules_break_nothing(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["simulation", "--seeds", "2000", "--jobs", "2"])
    status = main()
    told = capsys.readouterr().out

    assert 0 == status, told
    assert told.startswith("2000 schedules, ")
    assert ", 0 violations" in told


@pytest.mark.parametrize("path", _REGRESSIONS, ids=lambda path: path.stem)
def test_what_broke_something_once_does_so_no_more(path):
    kept = json.loads(path.read_text())

    assert "" == play(tuple(map(tuple, kept["schedule"])), kept["seed"]).violation


def test_a_seed_is_the_same_story_everywhere():
    program = (
        "import logging; from simulation.play import play;"
        "from simulation.schedule import make_schedule;"
        "logging.disable(logging.WARNING);"
        "print([play(make_schedule(s), s, trace=True).story for s in range(5)])"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": salt},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for salt in ("1", "2")
    }

    assert 1 == len(told)


def test_schedules_have_all_kinds_of_happenings():
    seen = {each[1] for seed in range(500) for each in make_schedule(seed)}
    placed = {
        each[4]
        for seed in range(500)
        for each in make_schedule(seed)
        if each[1] == "at_call"
    }

    assert {"push", "history", "apply", "join", "at_call"} < seen
    assert {"kill", "stop", "outage", "trouble", "recreate", "rewrite"} < placed
