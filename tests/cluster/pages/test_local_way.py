"""Getting started on this machine: the page's own blocks, one after the other.

`make demo` is the real one, with the real trainer. Where the page takes MNIST, there
are a few hundred drawn digits here, so that the test needs no download and little time.
"""

import json
import re
import subprocess

import pytest

from documents.blocks import ROOT, masked, transcript
from documents.registry import blocks_of
from documents.terminal import Terminal

TEST = "cluster/pages/test_local_way.py::test_the_first_model_comes_as_the_page_says"
TRAINER = ROOT / ".venv" / "trainer" / "bin" / "python"
DRAW = """
import sys, numpy
from trainer.samples import draw_digits
train, test = draw_digits(600, seed=1), draw_digits(100, seed=2)
names = "x_train", "y_train", "x_test", "y_test"
numpy.savez_compressed(sys.argv[1], **dict(zip(names, (*train, *test))))
"""
DEMO_SECONDS = 900


@pytest.fixture(name="digits")
def _digits(tmp_path):
    path = tmp_path / "mnist.npz"
    places = f"{ROOT / 'trainer'}:{ROOT / 'tests'}"
    subprocess.run(
        [TRAINER, "-c", DRAW, str(path)], check=True, env={"PYTHONPATH": places}
    )
    return str(path)


async def test_the_first_model_comes_as_the_page_says(checkout, programs, digits):
    """Each block as it stands; an ellipsis is what an earlier one has printed."""
    start, verify, again, look, ask, retrain, stop = blocks_of(TEST)
    assert start.text == again.text
    async with Terminal(checkout, programs, MNIST_NPZ=digits) as terminal:
        told = await terminal.run(start.text, seconds=DEMO_SECONDS)
        given = dict(re.findall(r"export (\w+)=(\S+)", told))
        result = json.loads(told.splitlines()[-1])
        seen = await terminal.run(
            re.sub(r"(\w+)=…", lambda name: f"{name[1]}={given[name[1]]}", look.text)
        )
        alias, *asked = ask.text.splitlines()
        answers = await terminal.run("\n".join([alias, *asked[:-1]]))
        # On any port that is free: other suites, and other people, have theirs.
        page = await terminal.watch(f"{asked[-1]} --port 0", "The page is at")
        [(line, printed)] = transcript(verify)
        verified = await terminal.run(line)
        once_more = await terminal.run(retrain.text)
        ended = await terminal.run(stop.text)

    first, second = result["runs"]
    assert result["verified"]
    assert 2 == len(re.findall(r"epoch 1/\d+: loss", told))
    assert [] == [job for job in (first["tfjob"], second["tfjob"]) if job not in seen]
    assert second["output_commit"] in seen
    assert f"default/inputrepo@master={second['input_commit']}" in answers
    assert "Valid; not known: signature" in answers
    assert 2 == answers.count("  Published  ")
    assert "The page is at http://127.0.0.1:" in page
    assert masked(printed) == masked(verified)
    assert f"Published       {second['input_commit']} attempt 1" in once_more
    assert "stopped the operator of the last demo" in ended
