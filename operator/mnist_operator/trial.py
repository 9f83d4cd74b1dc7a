"""What an attempt is told to compare, and what its trainer says came of that. Pure.

Held-out images, the model in production and the bars are pinned when the attempt is
opened: they are in the description of the staging commit, which no job can write, so
the verdict follows from the attempt alone, whoever publishes it and however often.
Buckets and paths in the trainer's report must be these; its accuracies are not asked,
for they follow from the counts.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mnist_operator.buckets import name_bucket
from mnist_operator.foreign import count, identity, number, plain, table
from mnist_operator.gate import Bars, Figures, Mark

__all__ = [
    "PART",
    "REPORT",
    "Pinned",
    "Trial",
    "TrialReport",
    "read_report",
    "read_trial",
]

PART = "heldOut"
"""The key for it in a staging commit's description and in attempt.json."""
REPORT = "report/held_out.json"
"""Beside the model: what the trainer counted."""
_BRANCH = "master"
"""For a bucket's name, where a commit was named without one: pachd looks at its ID."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DECIMAL = re.compile(r"[0-9]?\.?[0-9]+")
_COUNTS = ("bothRight", "onlyChampion", "onlyChallenger", "bothWrong")
_MOST = 2**31
_TOLD = 200


@dataclass(frozen=True, slots=True)
class Pinned:
    """A file, or a folder, in one commit for ever."""

    project: str
    repo: str
    branch: str
    """Of which the commit was the head; empty where the commit itself was named."""
    commit: str
    path: str

    @property
    def bucket(self) -> str:
        """By which the trainer reads it."""
        return name_bucket(self.commit, self.branch or _BRANCH, self.repo, self.project)

    @property
    def uri(self) -> str:
        """As records name a commit."""
        return f"pachyderm://{self.project}/{self.repo}@{self.commit}"


@dataclass(frozen=True, slots=True)
class Trial:
    """What one attempt compares."""

    held_out: Pinned
    champion: Pinned | None = None
    """The model in production; None before there is one."""
    champion_data: Pinned | None = None
    """What that was trained on, as its record says; None where that is unknown."""
    bars: Bars = field(default_factory=Bars)
    mark: Mark | None = None
    """What else it must not be worse than; None: the champion alone."""

    def to_json(self) -> dict[str, Any]:
        """As it is written down, without what is empty."""
        places = {"images": self.held_out, "champion": self.champion}
        places["championData"] = self.champion_data
        told = {key: asdict(place) for key, place in places.items() if place}
        bars = {"minAccuracy": self.bars.min_accuracy}
        bars["maxRegression"] = self.bars.max_regression
        mark = {"mark": asdict(self.mark)} if self.mark else {}
        return {**told, **{key: value for key, value in bars.items() if value}, **mark}

    def name_variables(self) -> dict[str, str]:
        """The environment by which the trainer knows."""
        variables = {
            "HELD_OUT_BUCKET": self.held_out.bucket,
            "HELD_OUT_DATA": self.held_out.path,
        }
        if self.champion is not None:
            variables["CHAMPION_BUCKET"] = self.champion.bucket
            variables["CHAMPION_MODEL"] = self.champion.path
        if self.champion_data is not None:
            variables["CHAMPION_DATA_BUCKET"] = self.champion_data.bucket
            variables["CHAMPION_DATA"] = self.champion_data.path
        return variables


@dataclass(frozen=True, slots=True)
class TrialReport:
    """What the trainer counted, as far as it can be believed."""

    figures: Figures | None = None
    fault: str = ""
    """Why there are none, as a sentence."""
    held_out_sha256: str = ""
    champion_sha256: str = ""


def read_trial(value: Any) -> Trial | None:
    """Read what `Trial.to_json` wrote; None where nothing is to be compared.

    Raises a ValueError for what no operator wrote.
    """
    told = table(value)
    held_out = _read_place(told.get("images"))
    if held_out is None:
        return None
    bars = Bars(
        _read_decimal(told.get("minAccuracy", "")),
        _read_decimal(told.get("maxRegression", "0")),
    )
    champion, seen = (
        _read_place(told.get(key)) for key in ("champion", "championData")
    )
    return Trial(held_out, champion, seen, bars, _read_mark(told.get("mark")))


def _read_mark(value: Any) -> Mark | None:
    told = table(value)
    if not told:
        return None
    right, images = count(told.get("right")), count(told.get("count"))
    if not right <= images or not images:
        raise ValueError("no mark")
    return Mark(identity(told.get("commit", "")), right, images)


def _read_place(value: Any) -> Pinned | None:
    told = table(value)
    if not told:
        return None
    names = ("project", "repo", "branch", "commit", "path")
    return Pinned(**{name: identity(told.get(name, "")) for name in names})


def _read_decimal(value: Any) -> str:
    text = identity(value)
    if text and not _DECIMAL.fullmatch(text):
        raise ValueError("no decimal")
    return text


def read_report(trial: Trial, value: Any) -> TrialReport:
    """Read held_out.json, and compare it with what was to be compared."""
    told = table(value)
    if not told:
        return TrialReport(fault=f"The trainer left no {REPORT} behind.")
    if "error" in told:
        said = plain(str(told["error"]), _TOLD)
        return TrialReport(fault=f"The trainer could not compare: {said}")
    wanted = {"heldOut": trial.held_out, "champion": trial.champion}
    wanted["championData"] = trial.champion_data
    for part, place in wanted.items():
        found = _name_file(told.get(part))
        asked = (place.bucket, place.path.strip("/")) if place else None
        if found != asked:
            names = ("/".join(each) if each else "none" for each in (found, asked))
            fault = "{} names {} as its {}, and was given {}."
            return TrialReport(
                fault=fault.format(REPORT, next(names), part, next(names))
            )
    if trial.champion is not None and trial.champion_data is None:
        fault = "What the model in production was trained on is not known."
        return TrialReport(fault=fault)
    figures = _read_figures(told, has_champion=trial.champion is not None)
    if figures is None:
        fault = f"{REPORT} must hold a table of counts, and how many images are known."
        return TrialReport(fault=fault)
    return TrialReport(
        figures, "", *(_read_sha256(told.get(p)) for p in ("heldOut", "champion"))
    )


def _name_file(value: Any) -> tuple[str, str] | None:
    told = table(value)
    if not told:
        return None
    bucket, path = (plain(str(told.get(key, "")), _TOLD) for key in ("bucket", "path"))
    return bucket, path.strip("/")


def _read_sha256(value: Any) -> str:
    found = table(value).get("sha256")
    return found if isinstance(found, str) and _SHA256.fullmatch(found) else ""


def _read_figures(told: Mapping[str, Any], *, has_champion: bool) -> Figures | None:
    counted, leaked = table(told.get("table")), table(told.get("leaked"))
    wanted = [leaked.get("challenger"), *(counted.get(each) for each in _COUNTS)]
    wanted += [leaked.get("champion")] if has_champion else []
    known = [each for each in map(number, wanted) if each is not None]
    if len(known) < len(wanted) or not all(0 <= each < _MOST for each in known):
        return None
    seen, both, champion, challenger, neither, *others = known
    if both + champion + challenger + neither == 0:
        return None
    if not has_champion and (both or champion):
        return None
    before = others[0] if others else 0
    return Figures(
        both, champion, challenger, neither, seen, before, has_champion=has_champion
    )
