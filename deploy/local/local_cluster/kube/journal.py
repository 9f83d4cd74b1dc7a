"""Keeps the store across stops and kills: one JSON line per write, in order.

Each line goes to the kernel before the write is acknowledged, so a killed process
loses nothing; only a machine that loses power does, for there is no fsync.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from local_cluster.kube.values import Json, Key, meta

__all__ = ["Journal", "Saved"]


@dataclass(slots=True)
class Saved:
    """What a journal says about the past."""

    version: int = 0
    objects: dict[str, dict[Key, Json]] = field(default_factory=dict)

    def replay(self, line: Json) -> None:
        """Take one line into account."""
        self.version = max(self.version, line["version"])
        if "put" in line:
            document = line["put"]
            about = meta(document)
            key = (about.get("namespace", ""), about["name"])
            self.objects.setdefault(line["resource"], {})[key] = document
        elif "removed" in line:
            namespace, name = line["removed"]
            self.objects.get(line["resource"], {}).pop((namespace, name), None)


class Journal:
    """An append-only file of writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def open(self) -> Saved:
        """Read what there is, then rewrite it without its history."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        saved = self._read()
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(_line({"version": saved.version}))
            for resource, objects in saved.objects.items():
                file.writelines(_puts(resource, objects.values()))
        fresh.replace(self._path)
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        return saved

    def close(self) -> None:
        """Stop writing."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def put(self, version: int, resource: str, text: str) -> None:
        """Record an object (as JSON text) made or changed."""
        self._append(f'{{"version":{version},"resource":"{resource}","put":{text}}}\n')

    def remove(self, version: int, resource: str, key: Key) -> None:
        """Record an object gone."""
        self._append(
            _line({"version": version, "resource": resource, "removed": list(key)})
        )

    def mark(self, version: int) -> None:
        """Record that a version was passed without a write."""
        self._append(_line({"version": version}))

    def _append(self, line: str) -> None:
        if self._file is None:
            raise ConnectionAbortedError("the server is down")
        os.write(self._file, line.encode())

    def _read(self) -> Saved:
        saved = Saved()
        if not self._path.exists():
            return saved
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:  # torn off while it was written: never acknowledged
                break
            saved.replay(entry)
        return saved


def _line(entry: Json) -> str:
    return json.dumps(entry, separators=(",", ":")) + "\n"


def _puts(resource: str, documents: Iterable[Json]) -> Iterable[str]:
    for document in documents:
        version = int(meta(document)["resourceVersion"])
        yield _line({"version": version, "resource": resource, "put": document})
