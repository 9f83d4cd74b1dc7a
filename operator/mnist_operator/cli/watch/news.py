"""What a change is the news of, compared with all that was told before. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mnist_operator.cli.get import happenings
from mnist_operator.cli.get.happenings import Event
from mnist_operator.cli.statements import dig
from mnist_operator.cli.watch.changes import Change, Key

__all__ = ["Memory"]

_SILENT: Event = ("Unknown", "no status yet: is the operator running?")

Status = Mapping[str, Any]


@dataclass(slots=True)
class Memory:
    """What was told of each MnistTraining; it compares, and remembers."""

    progress: Callable[[Status, Status], Iterator[Event]] = lambda *_: iter(())
    """What is told of how far runs are."""
    statuses: dict[Key, dict[str, Any]] = field(default_factory=dict)

    def hear(self, change: Change) -> list[Event]:
        """What has happened since the last change of this one."""
        key = change.namespace, change.name
        if change.body is None:
            self.statuses.pop(key, None)
            return [("Deleted", "the MnistTraining is gone")]
        status = dig(change.body, "status") or {}
        before = self.statuses.get(key)
        self.statuses[key] = happenings.remember(before or {}, status)
        if before is None:
            told: Iterable[Event] = happenings.beginning(status) or [_SILENT]
        else:
            told = happenings.happened(before, status)
        return [*told, *self.progress(before or {}, status)]
