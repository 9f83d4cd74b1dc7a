"""Arguments that a trainer must not be given; rows as in `refused_overrides`.

argparse takes every beginning of a flag that belongs to one flag alone, so all of them
are refused, also those that would be refused as ambiguous.
"""

import pytest

__all__ = ["ARGUMENTS", "row"]


def row(name, trainer, field, told, server=""):
    """What is wrong, where, what the models say, and what the API server says."""
    return pytest.param(trainer, f"spec.trainer.{field}", told, server, id=name)


_FLAGS = {
    "the-short-flag": "-i",
    "a-short-flag-and-its-value": "-omaster.elsewhere",
    "the-long-flag": "--inputbucket",
    "a-long-flag-and-its-value": "--outputbucket=master.elsewhere",
    "a-flag-that-argparse-completes": "--inp",
    "a-short-beginning-and-its-value": "--o=master.elsewhere",
    "the-folder": "-d/data",
    "the-data": "--trainingdata=other.npz",
    "the-model": "-mother.h5",
    "the-parameters": "--param={}",
    "one-parameter": "--epochs=3",
    "a-parameter-of-two-words": "--batch-size",
    "the-last-parameter": "--outputs=Log",
    "a-local-file": "--data=/data/mnist.npz",
    "a-local-folder": "--output",
    "the-model-to-begin-from": "--warm-start=master.elsewhere",
    "a-beginning-of-that": "--warm",
}
_OTHER_FLAGS = {
    "nothing-but-a-look": "--dry-run",
    "a-beginning-of-a-look": "--dr",
    "another-program": "--evaluate=my_model.h5",
    "a-beginning-of-another-program": "--e",
    "half-a-run": "--resume",
    "a-beginning-of-half-a-run": "--res=out",
}

ARGUMENTS = [
    *(
        row(
            name,
            {"args": ["--verbose", flag]},
            "args.1",
            "must not be a flag that the operator sets itself",
            "spec.trainer.args must not set a flag",
        )
        for name, flag in _FLAGS.items()
    ),
    *(
        row(
            name,
            {"args": ["--verbose", flag]},
            "args.1",
            "must not be a flag of the trainer at a terminal: --dry-run, --evaluate",
            "spec.trainer.args must not set a flag of the trainer at a terminal",
        )
        for name, flag in _OTHER_FLAGS.items()
    ),
    *(
        row(
            f"a-flag-in-a-variable-{number}",
            {"args": [text]},
            "args.0",
            "must not take its flag from a variable: write --flag=$(NAME)",
            "spec.trainer.args must not take a flag from a variable",
        )
        for number, text in enumerate(("$(ANY)", "-$(ANY)", "--in$(ANY)"))
    ),
    row("too-many-arguments", {"args": ["x"] * 33}, "args", "at most 32"),
    row("a-long-argument", {"args": ["x" * 1025]}, "args.0", "at most 1024"),
]
