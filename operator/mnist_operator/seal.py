"""A status that vouches for itself: its seal says that nothing has changed. Pure.

After a restart thousands are looked at for the first time, and with nearly all of them
nothing has happened. So the last look at one that was up to date leaves a digest in
the status: over all heads and TFJobs that it rested on, and over the status itself.
Whoever finds the same heads and TFJobs with the same status, finds the same digest.

It is worth no more than a wake-up that did not come: nothing is done because of it,
and a whole look follows in 6 to 22 minutes. An edit by hand breaks it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from mnist_operator import __version__
from mnist_operator.plan import Observed, Plan
from mnist_operator.resource import MnistTraining
from mnist_operator.resting import is_settled
from mnist_operator.status import SEAL

__all__ = ["Heads", "heads_of", "is_sealable", "make_seal"]

_BYTES = 16


@dataclass(frozen=True, slots=True)
class Heads:
    """Where the branches of one training were; None where there was nothing."""

    input: str | None
    output: str | None
    ledger: str | None
    slots: tuple[str, ...] = ()
    """Of the slots that have a head, in their order."""


def heads_of(observed: Observed, ledger: str | None) -> Heads:
    """Those that a look has seen."""
    head = observed.source.head
    slots = tuple(each.staging for each in observed.attempts)
    return Heads(head.id if head else None, observed.output, ledger, slots)


def is_sealable(observed: Observed, plan: Plan) -> bool:
    """Whether all is decided, and nothing but news can change that.

    With spec.promotion, more than these heads counts: it is always looked at.
    """
    waits = observed.source.waiting or observed.ledger.held or observed.ledger.released
    is_done = plan.story.ready == "True" and not waits and not observed.request
    return is_done and not observed.training.spec.gate and is_settled(observed, plan)


def make_seal(
    training: MnistTraining,
    status: Mapping[str, Any],
    heads: Heads,
    jobs: Mapping[str, str],
    *,
    image: str,
) -> str:
    """The digest, 32 hex digits.

    `status`: as it is shown, or as it was read; `jobs`: the resourceVersion of each
    TFJob, by name; `image`: what is trained with where the spec names none. Another
    version of the operator may see things in another way: its seals are others.
    """
    shown = {k: v for k, v in status.items() if v is not None and k != SEAL}
    facts = (
        (__version__, image, training.key, training.uid, training.generation),
        (heads.input, heads.output, heads.ledger, heads.slots),
        dict(training.annotations),
        dict(jobs),
        shown,
    )
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=_BYTES).hexdigest()
