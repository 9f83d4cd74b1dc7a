"""What a page is about, read off an object, a ledger and what a run left. Pure."""

import shlex
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_operator import places
from mnist_operator.cli.dashboard import charts, curves, matrices, records
from mnist_operator.cli.dashboard.cards import Card
from mnist_operator.cli.dashboard.decisions import before
from mnist_operator.cli.dashboard.questions import Remains
from mnist_operator.cli.pointers import log_options, place_options
from mnist_operator.cli.statements import dig_text, read_object
from mnist_operator.commits import Repo
from mnist_operator.decisions import RUN_ENDS, Decision, Entry
from mnist_operator.errors import InvalidSpecError
from mnist_operator.resource import Input, MnistTraining, bare_training, parse_training
from mnist_operator.runs import Attempt

__all__ = [
    "DataPlace",
    "data_of",
    "diff_of",
    "ends_of",
    "measures",
    "model_before",
    "options_of",
    "places_of",
    "read_training",
    "state_of",
]

Body = Mapping[str, Any]
Values = dict[str, Any]


def state_of(card: Card, entries: Sequence[Entry]) -> Hashable:
    """What changes whenever an attempt begins, goes on to its next step, or ends."""
    under_way = tuple((each.run, each.state) for each in card.active)
    return under_way, len(entries)


def read_training(body: Body, notices: list[str]) -> MnistTraining:
    """It is looked for where its spec says; in the usual places without one."""
    try:
        return parse_training(body)
    except InvalidSpecError as error:
        notices.append(f"The spec cannot be read here: {error.message}")
        return bare_training(body)


def places_of(training: MnistTraining, address: str) -> dict[str, str]:
    """Where its things are in the Pachyderm at an address, by what they are."""
    data = training.spec.input
    return {
        "Pachyderm": address,
        "Data": f"{places.input_branch(training)}:/{data.path}",
        "Models": str(places.output_branch(training)),
        "Runs": str(places.run_repo(training)),
    }


def options_of(training: MnistTraining) -> dict[str, str]:
    """What a command needs that names no training, to find the same things."""
    return {
        "log_options": log_options(str(places.run_repo(training))),
        "place_options": place_options(training.spec.output),
    }


def model_before(
    entries: Sequence[Entry], place: int | None, attempt: Attempt
) -> Entry | None:
    """The model that was the newest when a run began, or when it was decided."""
    if place is None:
        older = [each for each in entries if each.time <= attempt.opened]
        return before(older, len(older))
    return before(entries, place)


@dataclass(frozen=True, slots=True)
class DataPlace:
    """Where data are, but for the commit."""

    repo: Repo
    path: str


def diff_of(place: DataPlace, before: str, after: str) -> str:
    """What is told `mnistctl diff` for the same answer."""
    path = shlex.quote(place.path)
    option = "" if place.path == Input().path else f" --path {path}"
    return f"{place.repo}@{before} {place.repo}@{after}{option}"


def ends_of(entries: Sequence[Entry]) -> Values:
    """The newest run that made a model, and the newest that failed since."""
    newest: dict[Decision, Entry] = {}
    for each in reversed(entries):
        if each.run and each.decision in RUN_ENDS:
            newest.setdefault(each.decision, each)
        if Decision.PUBLISHED in newest:
            break
    return {
        "newest_model": newest.get(Decision.PUBLISHED),
        "newest_failure": newest.get(Decision.FAILED),
    }


def data_of(training: MnistTraining, remains: Remains) -> DataPlace:
    """Where a run's data were: as it was asked, else as is asked today."""
    asked = (read_object(remains.asked) or {}).get("input")
    project, repo = dig_text(asked, "project"), dig_text(asked, "repo")
    today = places.input_branch(training).repo
    found = Repo(project, repo) if project and repo else today
    return DataPlace(found, training.spec.input.path)


def measures(remains: Remains) -> Values:
    """What a run measured, and the pictures of it."""
    epochs = curves.read_epochs(remains.metrics)
    return {
        "figures": records.read_figures(remains.metrics),
        "epochs": epochs,
        "curves": charts.draw_curves(epochs),
        "matrix": matrices.read_matrix(remains.metrics),
        "mistakes": matrices.read_mistakes(remains.metrics),
    }
