"""Trainings to repeat elsewhere, and the digests of all that came of them.

    python repeated.py THREADS FOLDER

starts TensorFlow with so many threads of its own and prints the digests as JSON.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

from mnist_trainer import metrics, runtime
from mnist_trainer.findings import Findings, compose_metrics
from mnist_trainer.report import compose_report
from trainer.networks import save_all
from trainer.plans import a_plan
from trainer.samples import a_dataset

__all__ = ["repeat"]

_TRAININGS = {
    "Fast": {"recipe": "Fast", "augmentation": "Shift"},
    "Best": {"recipe": "Best", "augmentation": "Affine"},
    "Classic": {"recipe": "Classic", "weightDecay": "0.01"},
}


def repeat(folder: Path, *, seed: int = 7) -> dict[str, str]:
    """Train all recipes a little; returns digests of weights, models and reports."""
    from trainer import engine  # noqa: PLC0415 (after TensorFlow's start)

    dataset = a_dataset(train=150, test=40)
    found = {}
    for name, given in _TRAININGS.items():
        learned, history = engine.learn(dataset, epochs=2, seed=seed, **given)
        found[f"{name}'s weights"] = _digest(
            learned.weights.tobytes() + learned.statistics.tobytes()
        )
        if name != "Fast":
            continue  # One recipe's files are enough.
        plan = a_plan(dataset, epochs=2, seed=seed, **given)
        found |= save_all(
            engine.build(plan.network, learned.weights, learned.statistics), folder
        )
        answers = engine.predict.predict(plan, learned, dataset.test.images)
        found |= {
            f"report/{name}": _digest(content)
            for name, content in compose_report(
                _findings(dataset, plan, history, answers)
            ).items()
        }
    return found


def _findings(dataset, plan, history, answers):
    figures = compose_metrics(
        metrics.measure(answers, dataset.test.labels, dataset.names),
        history=history,
        images={"train": dataset.train.count, "test": dataset.test.count},
        image_shape=dataset.shape,
        model_parameters=plan.network.weights,
        seconds={},
        data={},
        environment={},
    )
    return Findings(
        figures,
        history,
        dataset.test.images,
        dataset.test.labels,
        answers,
        dataset.names,
        plan.describe(),
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _main(threads: int, folder: Path) -> None:
    runtime.start(os.environ, scratch=folder)
    runtime.settle(threads=threads, deterministic=True)
    import tensorflow as tf  # noqa: PLC0415 (started by now)

    # The program never takes fewer than two.
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    print(json.dumps(repeat(folder / "results")))


if __name__ == "__main__":
    _main(int(sys.argv[1]), Path(sys.argv[2]))
