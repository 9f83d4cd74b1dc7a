"""For the whole run on one page: fetch, learn, measure, leave the results behind.

The file is downloaded and checked in a thread while TensorFlow is imported, which
hides the shorter of the two.
"""

import threading
from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from mnist_trainer import cpus, data, publish, runtime
from mnist_trainer.config import Config
from mnist_trainer.data import Dataset
from mnist_trainer.errors import DataError
from mnist_trainer.history import History, Score
from mnist_trainer.narrator import Narrator
from mnist_trainer.storage import Storage, StoredFile

__all__ = ["Clock", "run"]

_Fetched = tuple[StoredFile, Dataset]

_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day, and a stop watch."""

    now: Callable[[], datetime]
    seconds: Callable[[], float]


@dataclass(frozen=True, slots=True)
class _Phases:
    """How long each part took."""

    clock: Clock
    spent: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        began = self.clock.seconds()
        yield
        self.spent[name] = round(self.clock.seconds() - began, 3)


def run(
    config: Config,
    environment: MutableMapping[str, str],
    *,
    storage: Storage,
    scratch: Path,
    narrator: Narrator,
    clock: Clock,
) -> str:
    """Do the run, and return the sentence to remember it by."""
    started_at = clock.now()
    phases = _Phases(clock)
    fetching = _start_fetching(config, storage, scratch, narrator, phases)
    threads = cpus.count_cpus()
    with phases.measure("import"):
        runtime.start(environment, threads=threads, scratch=scratch)
        from mnist_trainer import train  # noqa: PLC0415 (it imports TensorFlow)
    source, dataset = fetching.result()
    with phases.measure("train"):
        network, history = train.train(
            dataset, config.parameters, narrator=narrator, seconds=clock.seconds
        )
    narrator.begin("evaluating")
    with phases.measure("evaluate"):
        score = train.evaluate(network, dataset.test)
    narrator.say(f"test: loss {score.loss:.4f}, accuracy {score.accuracy:.2%}")
    summary = _summarise(dataset, network, history, score, phases)
    narrator.begin("publishing")
    results = scratch / "results"
    paths = publish.write_results(
        results,
        model_file=config.model_file,
        network=network,
        metrics=summary,
        history=history,
    )
    manifest = publish.describe_run(
        source=source,
        metrics=summary,
        parameters=config.parameters.describe(),
        environment=runtime.describe(threads=threads) | _describe_build(config),
        started_at=started_at,
        finished_at=clock.now(),
    )
    for file in publish.upload_results(storage, results, paths, manifest):
        narrator.say(f"uploaded {file.path}, {file.bytes} bytes")
    return (
        f"accuracy {score.accuracy:.2%} on {dataset.test.count} test images "
        f"after training on {dataset.train.count}"
    )


def _summarise(
    dataset: Dataset, network: Any, history: History, score: Score, phases: _Phases
) -> dict[str, Any]:
    """Compose ``metrics.json``."""
    return {
        "accuracy": round(score.accuracy, _DECIMALS),
        "loss": round(score.loss, _DECIMALS),
        "history": [epoch.describe() for epoch in history.done],
        "images": {"train": dataset.train.count, "test": dataset.test.count},
        "imageSize": dataset.size,
        "classes": dataset.classes,
        "modelParameters": network.count_params(),
        "seconds": phases.spent,
    }


def _start_fetching(
    config: Config, storage: Storage, scratch: Path, narrator: Narrator, phases: _Phases
) -> Future[_Fetched]:
    """Fetch in a thread that nobody waits for when the run ends early."""
    future: Future[_Fetched] = Future()

    def fetch() -> None:
        try:
            future.set_result(_fetch(config, storage, scratch, narrator, phases))
        except BaseException as error:  # noqa: BLE001 (raised where it is waited for)
            future.set_exception(error)

    narrator.begin("downloading")
    threading.Thread(target=fetch, name="download", daemon=True).start()
    return future


def _fetch(
    config: Config, storage: Storage, scratch: Path, narrator: Narrator, phases: _Phases
) -> _Fetched:
    path = config.training_data
    target = scratch / "training_data.npz"
    with phases.measure("download"):
        source = storage.download(path, target, limit=data.LARGEST_FILE)
    narrator.say(f"downloaded {source.path}, {source.bytes} bytes")
    with phases.measure("validate"):
        try:
            dataset = data.read_dataset(target)
        except DataError as error:
            raise DataError(f"{source.path}: {error}") from error
    target.unlink()
    narrator.say(
        f"{dataset.train.count} images to train on, {dataset.test.count} to test with, "
        f"{dataset.size} x {dataset.size} pixels, {dataset.classes} classes"
    )
    return source, dataset


def _describe_build(config: Config) -> dict[str, Any]:
    return {
        "sourceRevision": config.build.source_revision or None,
        "sourceUrl": config.build.source_url or None,
        "requirementsSha256": config.build.requirements_sha256 or None,
    }
