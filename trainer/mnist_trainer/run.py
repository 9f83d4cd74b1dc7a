"""For the whole run on one page: fetch, learn, and leave the results behind.

The data are downloaded and checked in a thread while TensorFlow is imported, and the
model is written and uploaded while its answers to the test images are worked out.
"""

import threading
from collections.abc import Callable, MutableMapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from mnist_trainer import cpus, fetch, held_out, runtime, warm_start
from mnist_trainer.config import Config
from mnist_trainer.devices import choose_devices
from mnist_trainer.fetch import Fetched
from mnist_trainer.held_out import Gathered
from mnist_trainer.narrator import Narrator
from mnist_trainer.phases import Clock, Phases
from mnist_trainer.progress import Course, Reporter
from mnist_trainer.schedule import Share
from mnist_trainer.session import Session
from mnist_trainer.storage import Storage
from mnist_trainer.terminal import Task
from mnist_trainer.warm_start import Found

__all__ = ["run"]


def run(
    config: Config,
    environment: MutableMapping[str, str],
    *,
    storage: Storage,
    earlier: Storage | None,
    open_bucket: Callable[[str], Storage],
    scratch: Path,
    narrator: Narrator,
    clock: Clock,
) -> str:
    """Do the run, and return the sentence to remember it by."""
    session = Session(
        config=config,
        storage=storage,
        scratch=scratch,
        narrator=narrator,
        phases=Phases(clock),
        threads=cpus.count_cpus(),
        started_at=clock.now(),
    )
    session.phases.begin("import")
    fetching = fetch.start_fetching(session)
    beginning = warm_start.start_fetching(session, earlier)
    writes = config.workers.number == 0 and config.task is Task.TRAIN
    gathering = held_out.start_gathering(session, open_bucket) if writes else None
    runtime.start(environment, scratch=scratch)
    runtime.settle(
        threads=session.threads, deterministic=config.parameters.deterministic
    )
    devices = choose_devices(config.parameters.device, environment)
    session = replace(session, devices=devices)
    if devices.note:
        narrator.say(devices.note)
    did = _do(session, fetching, beginning, gathering)
    return f"{did}, {clock.seconds():.1f} s in all"


def _do(
    session: Session,
    fetching: Future[Fetched],
    beginning: Future[Found | None],
    gathering: Future[Gathered] | None,
) -> str:
    from mnist_trainer import assess, rehearsal  # noqa: PLC0415 (TensorFlow)

    if session.config.task is Task.EVALUATE:
        return assess.assess(session, fetching)
    if session.config.task is Task.REHEARSE:
        return rehearsal.rehearse(session, fetching, beginning)
    return _train(session, fetching, beginning, gathering)


def _train(
    session: Session,
    fetching: Future[Fetched],
    beginning: Future[Found | None],
    gathering: Future[Gathered] | None,
) -> str:
    from mnist_trainer import (  # noqa: PLC0415 (TensorFlow)
        checkpoints,
        finish,
        meeting,
        plan,
        preparation,
        train,
    )

    config, phases = session.config, session.phases
    writes = config.workers.number == 0
    phases.begin("wait")
    fetched = fetching.result()
    planned = plan.make_plan(
        fetched.dataset,
        config.parameters,
        share=Share(config.workers.number, config.workers.count),
        towers=session.devices.towers,
    )
    begin = warm_start.read_beginning(session, planned, beginning.result())
    keeper = checkpoints.Keeper(session, planned, fetched, begin)
    resume = keeper.find()
    team = meeting.meet(session, keeper, resume)
    phases.begin("train")
    begun = threading.Event()
    prepared = preparation.prepare_beside(fetched.dataset, planned, begun)
    with team.work():
        learned, history = train.train(
            fetched.dataset,
            planned,
            narrator=session.narrator,
            seconds=phases.clock.seconds,
            team=team,
            begin=train.Learned(begin.weights, begin.statistics) if begin else None,
            resume=resume,
            keep=keeper.keep if writes else None,
            reporter=_report(session, planned) if writes else None,
            begun=begun.set,
        )
    begun.set()
    if writes:
        trained = finish.Trained(
            fetched, planned, learned, history, prepared, begin, gathering
        )
        message = finish.finish(session, trained)
        keeper.clear()
    else:
        session.narrator.begin("waiting for worker 0 to leave the results behind")
        message = f"worker {planned.share.number} of {planned.share.of} did its part"
    team.part()
    return message


def _report(session: Session, planned: Course) -> Reporter:
    return Reporter(session.narrator.hint, session.phases.clock, planned)
