"""The facts of one run: what was asked, what its model's record says. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnist_operator.cli.dashboard.words import shown
from mnist_operator.cli.statements import Statement, dig, dig_text, read_object
from mnist_operator.foreign import table

__all__ = [
    "Fact",
    "Figures",
    "read_asked",
    "read_figures",
    "read_parameters",
    "read_record",
]

_PARAMETERS = 40
_DIGEST = 80
_FILES = 5


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a record."""

    label: str
    value: str
    code: bool = False
    """Whether it is an ID or the like, to be copied."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How good a model is, by metrics.json."""

    accuracy: str
    low: str
    high: str
    loss: str
    images: str


def read_record(statement: Statement) -> list[Fact]:
    """What went in, by lineage.json; nothing of what it does not say."""
    data, image = statement.material("input"), statement.material("image")
    source, internal = statement.material("source"), statement.internal
    packages = statement.material("packages")
    files = [shown(each.get("path"), 80) for each in statement.data_files()]
    operator = _text(statement.details, "builder", "version", "mnist-operator")
    found = [
        _id("Data commit", _text(data, "annotations", "commit")),
        _id("Data digest", _text(data, "digest", "sha256")),
        Fact("Data files", ", ".join(files[:_FILES])),
        _id("Image", shown(statement.image, _DIGEST * 2)),
        _id("Image digest", _text(image, "digest", "sha256")),
        Fact("Code", shown(dig_text(source, "uri"), _DIGEST * 2)),
        _id("Code revision", _revision(source)),
        _id("Packages digest", _text(packages, "digest", "sha256")),
        Fact("Seed", _seed(statement)),
        _id("Began from", _text(internal, "warmStart", "from")),
        _id("Previous model", _text(internal, "previousModelCommit")),
        Fact("Operator", operator),
    ]
    return [each for each in found if each.value]


def _id(label: str, value: str) -> Fact:
    return Fact(label, value, code=True)


def _revision(source: Mapping[str, Any]) -> str:
    """Where it is no hash, it is the image's word for it all the same."""
    hashed = _text(source, "digest", "gitCommit")
    return hashed or _text(source, "annotations", "revision")


def _text(value: Any, *path: str) -> str:
    return shown(dig_text(value, *path), _DIGEST)


def _seed(statement: Statement) -> str:
    seed = dig(statement.internal, "effective", "seed")
    return "" if isinstance(seed, Mapping | list) else shown(seed, _DIGEST)


def read_parameters(statement: Statement) -> list[Fact]:
    """What the trainer used, else what it was asked for."""
    effective = table(dig(statement.internal, "effective"))
    asked = table(dig(statement.asked, "spec", "trainer", "parameters"))
    told = [*(effective or asked).items()][:_PARAMETERS]
    return [Fact(shown(name, 60), shown(value, 120)) for name, value in told]


def read_asked(content: bytes | None) -> list[Fact]:
    """What attempt.json says of a run without a model."""
    asked = read_object(content or b"") or {}
    trainer = table(dig(asked, "spec", "trainer"))
    found = [
        _id("Image", shown(trainer.get("image"), _DIGEST * 2)),
        Fact("Data path", shown(dig_text(asked, "spec", "input", "path"))),
        *(
            Fact(shown(name, 60), shown(value, 120))
            for name, value in [*table(trainer.get("parameters")).items()][:_PARAMETERS]
        ),
    ]
    return [each for each in found if each.value]


def read_figures(metrics: Any) -> Figures | None:
    """The figures that say it; None where nothing is known."""
    told = table(metrics)
    if not told:
        return None
    interval = table(told.get("accuracyInterval"))
    return Figures(
        accuracy=shown(told.get("accuracy"), 24),
        low=shown(interval.get("low"), 24),
        high=shown(interval.get("high"), 24),
        loss=shown(told.get("loss"), 24),
        images=shown(table(told.get("images")).get("test"), 24),
    )
