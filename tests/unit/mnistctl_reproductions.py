"""What reproductions are tested with: a record with a seed, and what a run left."""

from mnist_operator.cli import models
from mnist_operator.cli.opened import Opened
from mnist_operator.cli.reproduce.comparison import Made, compare
from mnist_operator.cli.reproduce.recipes import read_recipe
from unit import mnistctl_records as records

PARAMETERS = {"epochs": 1, "seed": 42}
RUN_ID = "ab" * 16
NODE_ID = "12" * 32
MODEL = records.sha256(b"model")
METRICS = {"confusionMatrix": [[5, 0], [1, 4]], "loss": 0.02, "accuracy": 0.9}


def opened(one=None, **changes):
    """A record as it was found, of a run with a seed."""
    one = one or records.evidence(**{"parameters": PARAMETERS, **changes})
    commit, content, files = records.record(one)
    found = models.Found(commit, models.published(commit))
    return Opened(str(commit), content, None, files, found)


def recipe(**changes):
    return read_recipe(opened(**changes))


def made(model=b"model", **values):
    """What a run left: the recorded model, unless another one is given."""
    values = {
        "manifest": records.manifest({}) | {"parameters": PARAMETERS},
        "image_id": f"trainer@sha256:{records.IMAGE_SHA256}",
        "node": "node-1",
        **values,
    }
    return Made({"/my_model.h5": records.sha256(model)}, **values)


def verdict(found, metrics=METRICS, *, tolerance=0.005, **changes):
    record = opened(**changes)
    return compare(
        read_recipe(record), record.statement, metrics, found, tolerance=tolerance
    )
