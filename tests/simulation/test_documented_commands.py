"""The command of docs/simulation.md that takes a second; the other takes minutes."""

import json
import os
import subprocess

from documents.blocks import ROOT
from documents.registry import blocks_of

TEST = "simulation/test_documented_commands.py::test_one_seed_is_told_as_a_story"


def test_one_seed_is_told_as_a_story():
    [block] = blocks_of(TEST)
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFL"))}

    done = subprocess.run(
        ["sh", "-ec", block.text],
        cwd=ROOT,
        env=outside,
        check=True,
        capture_output=True,
        text=True,
    )

    *story, keep, last = done.stdout.splitlines()
    assert "operator 0: branch_head_id" in "\n".join(story)
    assert "To keep it, put this into tests/simulation/regressions:" == keep
    assert 7 == json.loads(last)["seed"]
