"""For knowing beforehand: read and check the data, plan, and time a few steps."""

import dataclasses
import io
from concurrent.futures import Future
from pathlib import PurePath
from typing import Final

from mnist_trainer import plan, train, warm_start
from mnist_trainer.architecture import Dense, Layer
from mnist_trainer.dataset import Dataset
from mnist_trainer.fetch import Fetched
from mnist_trainer.narrator import Narrator
from mnist_trainer.parameters import Output
from mnist_trainer.plan import Plan
from mnist_trainer.publish import Layout
from mnist_trainer.session import Session
from mnist_trainer.warm_start import Found

__all__ = ["rehearse"]

_STEPS: Final = 24
"""How many are timed, after as many others; less than a second."""

_FILES: Final = {
    Output.SAVED_MODEL: "saved_model/",
    Output.REPORT: "report/",
    Output.LOG: "training.log",
    Output.TENSOR_BOARD: "tensorboard/",
}


def rehearse(
    session: Session, fetching: Future[Fetched], beginning: Future[Found | None]
) -> str:
    """Do all but train and write, and return the sentence to remember it by."""
    parameters = session.config.parameters
    session.phases.begin("wait")
    dataset = fetching.result().dataset
    planned = plan.make_plan(dataset, parameters, towers=session.devices.towers)
    warm_start.read_beginning(session, planned, beginning.result())
    session.phases.begin("rehearse")
    session.narrator.begin("rehearsing")
    seconds = _estimate(dataset, planned, session)
    for title, text in _describe(session, planned).items():
        session.narrator.say(f"{title:12}{text}")
    return f"a training of about {seconds:.0f} s is ready to run"


def _estimate(dataset: Dataset, planned: Plan, session: Session) -> float:
    """Take a few steps in two epochs: the first of them has the graph to build, too."""
    steps = min(_STEPS, planned.steps)
    short = dataclasses.replace(planned, epochs=2, steps=steps)
    nobody = Narrator(io.StringIO())
    clock = session.phases.clock
    _, history = train.train(dataset, short, narrator=nobody, seconds=clock.seconds)
    first, second = (epoch.seconds for epoch in history.done)
    building = max(0.0, first - second)
    return building + second / steps * planned.steps * planned.epochs


def _describe(session: Session, planned: Plan) -> dict[str, str]:
    network, parameters = planned.network, planned.parameters
    layout = Layout(session.scratch, session.config.model_file)
    written = [layout.model_file, layout.beside("metrics.json")]
    if Output.KERAS in parameters.outputs:
        written.append(str(PurePath(layout.model_file).with_suffix(".keras")))
    written += [
        layout.beside(text)
        for output, text in _FILES.items()
        if output in parameters.outputs
    ]
    written.append(layout.beside("run.json"))
    device = (session.devices.facts or {}).get("processor") or "CPU"
    given = (f"{name} {_plain(value)}" for name, value in planned.describe().items())
    return {
        "network": ", ".join(
            [*map(_describe_layer, network.layers), f"dense {network.classes}"]
        ),
        "weights": f"{network.weights:,}",
        "training": (
            f"{planned.epochs} x {planned.steps} steps of {planned.batch} images"
        ),
        "parameters": ", ".join(given),
        "device": f"{device}, {session.threads} cores",
        "files": ", ".join(written),
    }


def _describe_layer(layer: Layer) -> str:
    if isinstance(layer, Dense):
        return f"dense {layer.width}"
    pooled = " pooled" if layer.pool else ""
    return f"{layer.kernel} x {layer.kernel} convolution {layer.width}{pooled}"


def _plain(value: object) -> str:
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)
