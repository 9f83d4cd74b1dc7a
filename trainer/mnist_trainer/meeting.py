"""For the beginning of a training by several processes: all there, all of one mind."""

import hashlib
import json

from mnist_trainer import roll_call, team
from mnist_trainer.checkpoints import Keeper
from mnist_trainer.runtime import describe
from mnist_trainer.session import Session
from mnist_trainer.team import Team
from mnist_trainer.train import Checkpoint

__all__ = ["meet"]


def meet(session: Session, keeper: Keeper, resume: Checkpoint | None) -> Team:
    """Wait for the others, if there are any, and connect to them.

    Raises:
        ConfigError: they were given other data, parameters or programs.
        PeerLostError: somebody did not come.

    """
    workers, narrator = session.config.workers, session.narrator
    if workers.count == 1:
        return team.ALONE
    session.phases.begin("meet")
    narrator.begin("waiting for the other workers")
    narrator.say(
        f"worker {workers.number} of {workers.count}: waiting for the others, "
        f"{workers.patience:.0f} s at most"
    )
    roll_call.call_roll(workers, _describe(session, keeper, resume))
    connected = team.connect(workers)
    narrator.say(f"{workers.count} workers train together")
    return connected


def _describe(
    session: Session, keeper: Keeper, resume: Checkpoint | None
) -> dict[str, str]:
    """Name by digests all that must be the same in all of them."""
    sources, begun = keeper.fetched.sources, keeper.begin
    packages = describe(threads=0) | {"machine": "of any kind"}
    facts = {
        "parameters": keeper.plan.fingerprint(),
        "data": [source.sha256 for source in sources],
        "model to begin from": begun.source["sha256"] if begun else None,
        "epoch to go on after": len(resume.history.done) if resume else 0,
        "program": [session.config.build.source_revision, packages],
    }
    return {
        name: hashlib.sha256(json.dumps(value).encode()).hexdigest()
        for name, value in facts.items()
    }
