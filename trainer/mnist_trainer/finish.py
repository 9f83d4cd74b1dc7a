"""For the end of a run: measure the model, and upload all that it leaves behind.

The model is written and on its way while its answers to the test images are worked out.
"""

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from mnist_trainer import (
    held_out,
    metrics,
    model,
    predict,
    publish,
    runtime,
    summary,
    tensorboard,
)
from mnist_trainer.fetch import Fetched
from mnist_trainer.findings import Findings, compose_metrics
from mnist_trainer.held_out import Gathered
from mnist_trainer.history import History
from mnist_trainer.parameters import Output
from mnist_trainer.plan import Plan
from mnist_trainer.preparation import Prepared
from mnist_trainer.publish import Layout
from mnist_trainer.recipes import Name
from mnist_trainer.session import Session, start_thread
from mnist_trainer.storage import StoredFile
from mnist_trainer.terminal import Folders
from mnist_trainer.train import Learned
from mnist_trainer.uploads import Uploader
from mnist_trainer.warm_start import Beginning

__all__ = ["Trained", "conclude", "describe_environment", "finish"]

_LOG = "training.log"


@dataclass(frozen=True, slots=True)
class Trained:
    """A training that is over."""

    fetched: Fetched
    plan: Plan
    learned: Learned
    history: History
    prepared: Future[Prepared]
    begin: Beginning | None = None
    gathering: Future[Gathered] | None = None
    """What the model is compared on, and with, if it is."""


def finish(session: Session, trained: Trained) -> str:
    """Leave all results behind, and return the sentence to remember the run by."""
    layout = Layout(session.scratch / "results", session.config.model_file)
    phases, dataset = session.phases, trained.fetched.dataset
    session.narrator.begin("evaluating and saving")
    with Uploader(session.storage, layout.folder) as uploader:
        predicting = start_thread("evaluate", lambda: _predict(session, trained))
        phases.begin("save")
        uploader.add(*_save(trained, layout))
        phases.begin("evaluate")
        answers = predicting.result()
        phases.begin("measure")
        findings = _find_out(session, trained, answers)
        session.narrator.begin("publishing")
        phases.begin("report")
        uploader.add(*_leave(session, trained, layout, findings))
        if trained.gathering is not None:
            phases.begin("compare")
            report = _compare(session, trained, trained.gathering)
            uploader.add(publish.write_comparison(layout, report))
        phases.begin("upload")
        files = _publish(session, trained, layout, findings, uploader)
    conclude(session, findings, files)
    return (
        f"accuracy {findings.metrics['accuracy']:.2%} on {dataset.test.count} test "
        f"images after training on {dataset.train.count}"
    )


def conclude(session: Session, findings: Findings, files: list[StoredFile]) -> None:
    """Tell a person all that matters, and a pod's log what went where."""
    place = session.config.place
    if isinstance(place, Folders):
        spent = session.phases.describe()
        lines = summary.compose_summary(findings.metrics, spent, files, place.output)
    else:
        lines = [f"uploaded {file.path}, {file.bytes} bytes" for file in files]
    for line in lines:
        session.narrator.say(line)


def describe_environment(session: Session) -> dict[str, Any]:
    """Name what the result depends on besides data, code and parameters."""
    build = session.config.build
    facts = dict(session.devices.facts or {})
    locked = build.requirements_sha256
    return (
        runtime.describe(threads=session.threads)
        | facts
        | {
            "workers": session.config.workers.count,
            "sourceRevision": build.source_revision or None,
            "sourceUrl": build.source_url or None,
            # One or the other: an image knows the list that it was made from.
            "requirementsSha256": locked or None,
            "installedSha256": None if locked else runtime.digest_installed(),
        }
    )


def _predict(session: Session, trained: Trained) -> Any:
    with session.phases.beside("evaluate"):
        images = trained.fetched.dataset.test.images
        return trained.prepared.result().predict(trained.learned, images)


def _save(trained: Trained, layout: Layout) -> list[str]:
    plan, dataset = trained.plan, trained.fetched.dataset
    network, learned = trained.prepared.result().model, trained.learned
    model.fill_model(network, plan.network, learned.weights, learned.statistics)
    # Two thirds of the classic recipe's file are the moments of its optimizer.
    moments = plan.parameters.recipe is Name.CLASSIC
    saved = publish.write_model(layout, network, moments=moments)
    outputs = plan.parameters.outputs
    return [saved, *publish.write_formats(layout, network, dataset.names, outputs)]


def _find_out(session: Session, trained: Trained, answers: Any) -> Findings:
    dataset, plan = trained.fetched.dataset, trained.plan
    measured = metrics.measure(answers, dataset.test.labels, dataset.names)
    session.narrator.say(
        f"test: loss {measured['loss']:.4f}, accuracy {measured['accuracy']:.2%}"
    )
    figures = compose_metrics(
        measured,
        history=trained.history,
        images={"train": dataset.train.count, "test": dataset.test.count},
        image_shape=dataset.shape,
        model_parameters=plan.network.weights + 2 * sum(plan.network.normalised),
        seconds=session.phases.describe(),
        data=trained.fetched.statistics,
        environment=describe_environment(session),
    )
    lineage: dict[str, Any] = {
        "input": [source.describe() for source in trained.fetched.sources]
    }
    if trained.begin:
        lineage["begun from"] = trained.begin.source
    return Findings(
        metrics=figures,
        history=trained.history,
        images=dataset.test.images,
        labels=dataset.test.labels,
        probabilities=answers,
        names=dataset.names,
        parameters=plan.describe(),
        lineage=lineage,
    )


def _compare(
    session: Session, trained: Trained, gathering: Future[Gathered]
) -> dict[str, Any]:
    train = trained.fetched.dataset.train
    return held_out.compare(
        session,
        gathering,
        lambda images: predict.predict(trained.plan, trained.learned, images),
        (train.images, train.labels),
    )


def _leave(
    session: Session, trained: Trained, layout: Layout, findings: Findings
) -> list[str]:
    """Write all that tells of the run, and name the files."""
    outputs = session.config.parameters.outputs
    paths = [publish.write_metrics(layout, findings.metrics)]
    if Output.REPORT in outputs:
        paths += publish.write_report(layout, findings)
    if Output.TENSOR_BOARD in outputs:
        paths.append(layout.beside(tensorboard.PATH))
        events = tensorboard.list_events(trained.plan, findings)
        tensorboard.write_events(layout.place(paths[-1]), events)
    if Output.LOG in outputs:
        paths.append(layout.beside(_LOG))
        story = session.narrator.story()
        layout.place(paths[-1]).write_text(story, errors="backslashreplace")
    return paths


def _publish(
    session: Session,
    trained: Trained,
    layout: Layout,
    findings: Findings,
    uploader: Uploader,
) -> list[StoredFile]:
    files = uploader.finish()
    manifest = publish.compose_manifest(
        sources=trained.fetched.sources,
        metrics=findings.metrics,
        parameters=findings.parameters,
        environment=findings.metrics["environment"],
        started_at=session.started_at,
        finished_at=session.phases.clock.now(),
        warm_start=trained.begin.source if trained.begin else None,
    )
    manifest["seconds"] = session.phases.describe()
    written = publish.upload_manifest(session.storage, layout, manifest, files)
    return [*files, written]
