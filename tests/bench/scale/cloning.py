"""Thousands of trainings from one: the pattern's records, with names and IDs changed.

Written straight into the files of the stand-ins, which takes seconds for what the
operator would need many minutes to do. IDs, uids, names, digests of changed files
and the place in pachd's order are each clone's own; times are the pattern's.
"""

import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bench.scale.standins import TRAININGS
from bench.scale.template import NAMES, names_of
from mnist_operator import __version__, places, runs
from mnist_operator.resource import parse_training
from mnist_operator.seal import Heads, make_seal

__all__ = ["Plan", "clone"]

_JOBS = "tfjobs.kubeflow.org"
_CLONED = (TRAININGS, _JOBS)
_BRANCHES = "2branch/default/"
IMAGE = f"mnist-operator/trainer:{__version__}"
_ID = re.compile(r"\b[0-9a-f]{32}\b")
_UID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_RUN_DIGITS = 12
_PIN_DIGITS = 8
_BLOB_DIGITS = 64
_UPSERT = "INSERT OR REPLACE INTO records (key, value) VALUES (?, ?)"
_ORDERS = 10_000
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many of them, and how they lie."""

    trainings: int
    repos: int

    @property
    def per_repo(self) -> int:
        """Trainings for each input repo; the last one may have fewer."""
        return max(-(-self.trainings // self.repos), 1)

    def names(self) -> Iterator[dict[str, str]]:
        """Of each training, in order."""
        return (names_of(number, self.per_repo) for number in range(self.trainings))

    def keys(self) -> list[tuple[str, str]]:
        """Namespace and name of each."""
        return [(each["namespace"], each["name"]) for each in self.names()]

    def marked(self) -> list[tuple[str, str]]:
        """One in ten, the first and the last too: seeded without their status.

        When all of these are written again, a restarted operator has been everywhere.
        """
        keys = self.keys()
        return sorted({*keys[::10], *keys[-1:]})


class _Pattern:
    """The template's records, and how to change them."""

    def __init__(self, root: Path) -> None:
        self._blobs = root / "pachd" / "blobs"
        with sqlite3.connect(root / "pachd" / "state.sqlite") as db:
            rows = db.execute("SELECT key, value FROM records ORDER BY key")
            self.records = [(key, value) for key, value in rows]
        lines = (root / "kube" / "kube.journal").read_text().splitlines()
        newest = {}
        for line in map(json.loads, lines):
            if "put" in line:
                about = line["put"]["metadata"]
                key = line["resource"], about.get("namespace", ""), about["name"]
                newest[key] = line["put"]
            elif "removed" in line:
                newest.pop((line["resource"], *line["removed"]), None)
        self.objects = [(key[0], put) for key, put in newest.items()]
        self.files = {
            path.name: path.read_text()
            for path in self._blobs.iterdir()
            if path.is_file()
        }
        text = json.dumps([self.records, self.objects]) + "".join(self.files.values())
        self._ids = sorted(set(_ID.findall(text)))
        self._uids = sorted(set(_UID.findall(text)))
        pins = re.findall(rf"{NAMES['name']}_pin_([0-9a-f]{{{_PIN_DIGITS}}})", text)
        self._pins = sorted(set(pins))
        self.body = next(put for name, put in self.objects if name == TRAININGS)
        self._digest = _spec_digest(self.body)

    def words(self, names: dict[str, str]) -> dict[str, str]:
        """Every word that a clone has in another way."""
        seed = names["name"]
        words = {NAMES[kind]: name for kind, name in names.items()}
        for old in self._ids:
            new = hashlib.blake2b(f"{seed}{old}".encode(), digest_size=16).hexdigest()
            words[old] = new = f"{new[:12]}4{new[13:16]}a{new[17:]}"
            words[f"-{old[:_RUN_DIGITS]}"] = f"-{new[:_RUN_DIGITS]}"
        for old in self._uids:
            new = hashlib.blake2b(f"{seed}{old}".encode(), digest_size=16).hexdigest()
            parts = (new[:8], new[8:12], new[12:16], new[16:20], new[20:])
            words[old] = "-".join(parts)
        for old in self._pins:
            place = f"default/{names['output']}"
            digest = hashlib.sha256(place.encode()).hexdigest()
            words[f"_pin_{old}"] = f"_pin_{digest[:_PIN_DIGITS]}"
        body = json.loads(_replace(json.dumps(self.body), words))
        words[self._digest] = _spec_digest(body)
        return words


def _spec_digest(body: Json) -> str:
    spec = runs.run_spec(parse_training(body), default_image=IMAGE)
    return runs.digest(spec)


def clone(template: Path, root: Path, plan: Plan) -> None:
    """Write the state of a world with so many trainings."""
    pattern = _Pattern(template)
    (root / "kube").mkdir(parents=True)
    (root / "pachd" / "blobs").mkdir(parents=True)
    for name, text in pattern.files.items():
        (root / "pachd" / "blobs" / name).write_text(text)
    db = sqlite3.connect(root / "pachd" / "state.sqlite", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("CREATE TABLE records (key TEXT PRIMARY KEY, value TEXT)")
    db.execute("BEGIN")
    with (root / "kube" / "kube.journal").open("w") as journal:
        lines = _Lines(journal)
        for resource, document in pattern.objects:
            if resource not in _CLONED and resource != "events":
                lines.put(resource, document)
        for namespace in sorted({each["namespace"] for each in plan.names()}):
            lines.put("namespaces", _namespace(pattern, namespace))
        marked = set(plan.marked())
        for number, names in enumerate(plan.names()):
            _clone_one(pattern, names, number, root, db, lines, marked)
    db.execute("COMMIT")
    db.close()
    shutil.copy(template / "kube" / "kubeconfig", root / "kube" / "kubeconfig")


class _Lines:
    """Puts, in the API server's journal, each under a version of its own."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._version = 1000

    def put(self, resource: str, document: Json) -> str:
        self._version += 1
        about = {**document["metadata"], "resourceVersion": str(self._version)}
        put = {**document, "metadata": about}
        line = {"version": self._version, "resource": resource, "put": put}
        self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
        return str(self._version)


def _namespace(pattern: _Pattern, name: str) -> Json:
    found = next(
        document
        for resource, document in pattern.objects
        if resource == "namespaces"
        and document["metadata"]["name"] == NAMES["namespace"]
    )
    uid = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
    text = json.dumps(found).replace(NAMES["namespace"], name)
    document = json.loads(text)
    document["metadata"]["uid"] = uid
    return document


def _clone_one(
    pattern: _Pattern,
    names: dict[str, str],
    number: int,
    root: Path,
    db: sqlite3.Connection,
    lines: _Lines,
    marked: set[tuple[str, str]],
) -> None:
    words = pattern.words(names)
    for old, text in pattern.files.items():
        changed = _replace(text, words)
        if changed != text:
            content = changed.encode()
            new = hashlib.blake2b(content, digest_size=32).hexdigest()
            (root / "pachd" / "blobs" / new).write_bytes(content)
            words[old] = new
    heads = _clone_records(pattern, words, number, db)
    versions: dict[str, str] = {}
    for resource, document in pattern.objects:
        if resource == _JOBS:
            changed = json.loads(_replace(json.dumps(document), words))
            versions[changed["metadata"]["name"]] = lines.put(resource, changed)
    body = json.loads(_replace(json.dumps(pattern.body), words))
    if (names["namespace"], names["name"]) in marked:
        body.pop("status", None)
    else:
        body["status"]["seal"] = _seal(body, heads, versions)
    lines.put(TRAININGS, body)


def _clone_records(
    pattern: _Pattern, words: dict[str, str], number: int, db: sqlite3.Connection
) -> dict[str, str | None]:
    """Write pachd's records; returns where branches are, by repo@branch."""
    heads: dict[str, str | None] = {}
    for key, value in pattern.records:
        fields = json.loads(_replace(value, words))
        if "order" in fields:
            fields["order"] += number * _ORDERS
        place = _replace(key, words)
        if place.startswith(_BRANCHES):
            heads[place.removeprefix(_BRANCHES)] = fields["head"]
        db.execute(_UPSERT, (place, json.dumps(fields)))
    return heads


def _seal(
    body: Json, heads: dict[str, str | None], versions: dict[str, str]
) -> str | None:
    """As the operator's last look would have left it."""
    training = parse_training(body)
    branches = (
        places.input_branch(training),
        places.output_branch(training),
        places.ledger_branch(training),
        places.slot_branch(training),
    )
    found = (heads.get(f"{each.repo.name}@{each.name}") for each in branches)
    *known, slot = found
    seen = Heads(*known, slots=(slot,) if slot else ())
    return make_seal(training, training.status, seen, versions, image=IMAGE)


def _replace(text: str, words: dict[str, str]) -> str:
    return _finder(tuple(words)).sub(lambda found: words[found[0]], text)


@lru_cache
def _finder(words: tuple[str, ...]) -> re.Pattern[str]:
    """Long words first, so that none is taken for the beginning of another."""
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))
