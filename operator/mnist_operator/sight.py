"""What one look at a training rested on, and so what would be news to it. Pure.

A wake-up costs a whole look, and most of what is told is known: our own status that
comes back, a TFJob as it was listed, the head that the look has seen itself. What is
compared are versions, so anything that somebody else wrote is news.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mnist_operator.plan import Observed
from mnist_operator.progress import bare
from mnist_operator.resource import MnistTraining
from mnist_operator.status import SEAL

__all__ = ["Sight", "differs"]


_OWN = 16
"""So many of our own writes may still be told of late: far more than are under way."""


@dataclass(slots=True)
class Sight:
    """What was seen of one training; nothing yet, to begin with."""

    uid: str = ""
    version: str = ""
    """The resourceVersion of the MnistTraining, read or written by us."""
    own: deque[str] = field(default_factory=lambda: deque(maxlen=_OWN))
    """The resourceVersions that we have written, and in which nothing was news."""
    generation: int = -1
    annotations: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)
    """The status that was written last, or found as it should be."""
    status: Mapping[str, Any] = field(default_factory=dict)
    """The status that the API server has, as it was read or written last."""
    secret: tuple[str, str] | None = None
    """Namespace and name of the Secret that it names."""
    jobs: Mapping[str, str] | None = None
    """The resourceVersion of each of its TFJobs, by name."""
    is_ours: bool = True
    """Whether it is followed at all: else only its labels could be news."""
    head: tuple[str | None, bool] | None = None
    """The input branch's head, and whether that was finished; None: not looked."""

    def read(self, body: Mapping[str, Any]) -> None:
        """This is the MnistTraining that the look begins with."""
        meta = body["metadata"]
        spec = body.get("spec") or {}
        named = ((spec.get("pachyderm") or {}).get("secretRef") or {}).get("name")
        self.uid = meta.get("uid", "")
        self.version = meta.get("resourceVersion", "")
        self.status = body.get("status") or {}
        self.secret = (meta["namespace"], named) if named else None
        self.is_ours, self.jobs, self.head = True, None, None

    def let_go(self, body: Mapping[str, Any] | None) -> None:
        """This one is not to be followed, or it is gone."""
        meta = body["metadata"] if body is not None else {}
        self.uid, self.version = meta.get("uid", ""), meta.get("resourceVersion", "")
        self.is_ours, self.secret, self.generation = False, None, -1

    def saw(self, observed: Observed, jobs: Mapping[str, str]) -> None:
        """That is what the look has seen; and the TFJobs, by name and version."""
        training, head = observed.training, observed.source.head
        self.generation, self.annotations = training.generation, training.annotations
        self.jobs = dict(jobs)
        self.head = (head.id, head.finished is not None) if head else (None, False)

    def recognised(
        self, training: MnistTraining, jobs: Mapping[str, str], head: str | None
    ) -> None:
        """It is as it was when it was looked at last, its head a finished commit."""
        self.generation, self.annotations = training.generation, training.annotations
        self.jobs, self.head = jobs, (head, head is not None)
        self.shown = {k: v for k, v in training.status.items() if k != SEAL}

    def written(self, body: Mapping[str, Any]) -> bool:
        """That is what became of it when we wrote its status; tell whether it is news.

        Somebody may have changed it between our reading and our writing.
        """
        self.status = body.get("status") or {}
        if self.hears(body) or self.is_overwritten(body):
            return True
        self.version = body["metadata"].get("resourceVersion", "")
        self.own.append(self.version)
        return False

    def hears(self, body: Mapping[str, Any]) -> bool:
        """Whether the MnistTraining has changed, but for its status."""
        meta = body["metadata"]
        if meta.get("resourceVersion", "") in self.own:
            return False
        changed = meta.get("generation", 0) != self.generation
        asked = (meta.get("annotations") or {}) != self.annotations
        return changed or asked or "deletionTimestamp" in meta

    def is_overwritten(self, body: Mapping[str, Any]) -> bool:
        """Whether somebody else has written another status than ours.

        An event comes late: by then we may have written another status than it has.
        """
        if body["metadata"].get("resourceVersion", "") in self.own:
            return False
        return differs(bare(body.get("status") or {}), bare(self.shown))

    def hears_job(self, name: str, version: str, *, gone: bool) -> bool:
        """Whether one of its TFJobs is not as it was listed."""
        if self.jobs is None:
            return True
        return name in self.jobs if gone else self.jobs.get(name) != version

    def hears_head(self, commit: str | None, *, finished: bool) -> bool:
        """Whether the head is another than the one that was looked at, or finished now.

        A feed finds out one after the other: what it does not know yet is no news.
        """
        if self.head is None or commit != self.head[0]:
            return True
        return finished and not self.head[1]

    def is_outdated(self, uid: str, version: str, jobs: Mapping[str, str]) -> bool:
        """Whether anything of it is not as it is listed now."""
        if (uid, version) != (self.uid, self.version):
            return True
        return self.is_ours and jobs != self.jobs


def differs(status: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Whether a status says anything else than what is to be shown."""
    return any(status.get(key) != value for key, value in shown.items())
