"""For measuring a model that there is already: ``--evaluate``, which trains nothing."""

from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

import numpy as np

from mnist_trainer import finish, foreign, metrics, publish
from mnist_trainer.dataset import Dataset
from mnist_trainer.errors import ConfigError
from mnist_trainer.fetch import Fetched
from mnist_trainer.findings import Findings, compose_metrics
from mnist_trainer.foreign import Foreign
from mnist_trainer.history import History
from mnist_trainer.parameters import Output
from mnist_trainer.publish import Layout
from mnist_trainer.session import Session
from mnist_trainer.storage import StoredFile
from mnist_trainer.terminal import Folders

__all__ = ["assess"]

_PIXELS: Final = {1.0: "raw pixels 0..255", 1 / 255: "pixels scaled to 0..1"}


def assess(session: Session, fetching: Future[Fetched]) -> str:
    """Measure it on the test split, and return the sentence to remember it by.

    Raises:
        ConfigError: the model cannot be loaded, or is of other images or classes.

    """
    path = session.config.evaluated or Path()
    _refuse_results(session)
    session.phases.begin("load")
    model = foreign.load(path)
    session.phases.begin("wait")
    fetched = fetching.result()
    dataset = fetched.dataset
    session.phases.begin("evaluate")
    session.narrator.begin("evaluating")
    scale = foreign.find_scale(model, dataset.train.images, dataset.train.labels)
    session.narrator.say(f"{path} takes {_PIXELS[scale]}")
    answers = foreign.answer(model, dataset.test.images, scale=scale)
    findings = _find_out(session, fetched, model, answers)
    finish.conclude(session, findings, _write(session, findings))
    accuracy = findings.metrics["accuracy"]
    return f"accuracy {accuracy:.2%} on {dataset.test.count} test images"


def _refuse_results(session: Session) -> None:
    """Leave a training's own metrics alone: its manifest has their digest."""
    place = session.config.place
    if isinstance(place, Folders) and place.output:
        manifest = place.output / "run.json"
        if manifest.exists():
            raise ConfigError(
                f"--output is {str(place.output)!r}, which has the results of a "
                "training: name another folder to evaluate into"
            )


def _find_out(
    session: Session, fetched: Fetched, model: Foreign, answers: Any
) -> Findings:
    dataset = fetched.dataset
    names = _name_all(dataset, answers.shape[1])
    session.phases.begin("measure")
    measured = metrics.measure(answers, dataset.test.labels, names)
    history = History(epochs=1)
    figures = compose_metrics(
        measured,
        history=history,
        images={"train": dataset.train.count, "test": dataset.test.count},
        image_shape=dataset.shape,
        model_parameters=model.weights,
        seconds=session.phases.describe(),
        data=fetched.statistics,
        environment=finish.describe_environment(session),
    )
    return Findings(
        metrics=figures,
        history=history,
        images=dataset.test.images,
        labels=dataset.test.labels,
        probabilities=answers,
        names=names,
        parameters={"evaluated": str(session.config.evaluated)},
        lineage={"input": [source.describe() for source in fetched.sources]},
    )


def _name_all(dataset: Dataset, answers: int) -> list[str]:
    """Name the classes of the model, which may know more than the data has."""
    if answers < dataset.classes:
        raise ConfigError(
            f"--evaluate names a model that tells {answers} classes apart, and the "
            f"data has {dataset.classes}: give data with labels below {answers}"
        )
    more = np.arange(dataset.classes, answers)
    return [*dataset.names, *map(str, more)]


def _write(session: Session, findings: Findings) -> list[StoredFile]:
    """Write metrics and report, where there is a folder for them."""
    place = session.config.place
    if not isinstance(place, Folders) or place.output is None:
        return []
    session.phases.begin("report")
    layout = Layout(session.scratch / "results", session.config.model_file)
    paths = [publish.write_metrics(layout, findings.metrics)]
    if Output.REPORT in session.config.parameters.outputs:
        paths += publish.write_report(layout, findings)
    return [session.storage.upload(layout.folder / path, path) for path in paths]
