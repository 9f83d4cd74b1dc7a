"""Look at the world: everything that one decision may rest on, read anew.

What can be read side by side is; what each reading is, is in `readings`.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from mnist_operator import lanes, places, readings, runs
from mnist_operator.access import Access, Door
from mnist_operator.commits import Commit, CommitState
from mnist_operator.familiar import run_of
from mnist_operator.kube import Kube
from mnist_operator.ledger_readings import read_ledger
from mnist_operator.lineage import model_of
from mnist_operator.neighbours import Neighbours
from mnist_operator.newest_model import find_newest_model
from mnist_operator.output_readings import find_orphan, read_unrecorded
from mnist_operator.pachyderm import Pachyderm, PresumedError
from mnist_operator.pins import make_pin
from mnist_operator.plan import Observed
from mnist_operator.pod_state import read_trouble
from mnist_operator.production_readings import read_production
from mnist_operator.readings import Memory
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt
from mnist_operator.slots import find_hidden, read_attempts
from mnist_operator.summary import created_jobs
from mnist_operator.tfjob import RUN_LABEL, TRAINING_LABEL, Job

__all__ = ["Observer"]


class Observer:
    """Reads Kubernetes and Pachyderm; changes nothing but missing repos."""

    def __init__(
        self,
        kube: Kube,
        access: Access,
        neighbours: Neighbours,
        *,
        default_image: str,
    ) -> None:
        self._kube = kube
        self._access = access
        self._neighbours = neighbours
        self._default_image = default_image

    async def observe(
        self, training: MnistTraining, memory: Memory
    ) -> tuple[Observed, Door]:
        """Everything about one training, and the way to act on it."""
        memory.waiting = None
        door = await self._access.open(training)
        if memory.presumed and door.glance is not None:
            with suppress(PresumedError):  # Something is to be made: look first.
                return await self._look(training, memory, door, door.glance), door
        observed = await self._look(training, memory, door, door.client)
        self.expect(observed, door, memory)
        return observed, door

    def expect(self, observed: Observed, door: Door, memory: Memory) -> bool:
        """Keep what was seen if nothing but the end of its input commit is missing."""
        waits = _waits_for_data(observed)
        if waits:
            memory.waiting = observed, door
        return waits

    async def _look(
        self, training: MnistTraining, memory: Memory, door: Door, client: Pachyderm
    ) -> Observed:
        head, ledger, attempts, output, jobs, rival = await asyncio.gather(
            client.head(places.input_branch(training)),
            read_ledger(client, training, memory),
            read_attempts(client, training, memory),
            client.head(places.output_branch(training)),
            self._jobs(training, memory),
            self._neighbours.rival_of(training),
        )
        memory.forget_others(training.name, attempts)
        attempts += await find_hidden(client, training, memory, attempts, ledger)
        if not memory.repos_made:
            # After a restart most are seen to be there by what is in them.
            filled = (output is not None, bool(attempts or memory.ledger_head))
            await readings.make_repos(client, training, filled)
            memory.repos_made = True
        spec, digest = memory.familiar.run(training, self._default_image)
        if head is not None and _needs_pin(training, memory, attempts):
            await make_pin(client, training, head.id)
            memory.pinned = True
        source, models, bodies, latest, newest, orphan = await asyncio.gather(
            readings.read_source(client, training, memory, head, ledger),
            read_unrecorded(client, training, memory, output, ledger),
            self._with_pods(training, memory, attempts, jobs),
            readings.find_latest(client, training, ledger, digest),
            find_newest_model(client, training, memory, output),
            find_orphan(client, training, output, attempts, ledger),
        )
        asked = bool(training.requested_at)
        inputs, request, production = await asyncio.gather(
            readings.read_inputs(client, training, attempts, source),
            readings.find_request(client, training, ledger, source),
            read_production(
                client,
                training,
                memory,
                ledger,
                may_open=bool(source.waiting or latest or asked),
            ),
        )
        observed = Observed(
            training=training,
            spec=spec,
            spec_digest=digest,
            ledger=ledger,
            source=source,
            attempts=attempts,
            inputs=inputs,
            jobs=bodies,
            created=created_jobs(training.status.get("active") or ())
            | frozenset(memory.created),
            unrecorded=models,
            output=output.id if output else None,
            output_holder=_holder(output, training),
            orphan=orphan,
            request=request,
            newest_model=newest,
            latest=latest,
            production=production,
            rival=rival,
            compared=memory.compared,
        )
        return await _with_contents(observed, door, memory)

    async def recall(
        self, training: MnistTraining, memory: Memory, final: Commit | None
    ) -> tuple[Observed, Door] | None:
        """The last look again, with the one thing changed that it waited for.

        From a finished commit to its TFJob every call counts, and nothing but the
        commit was missing. What changed besides, somebody else changed: the job that
        is created then cannot reach anything, since its attempt is closed, and the
        next look deletes it. Valid once.
        """
        waiting, memory.waiting = memory.waiting, None
        if waiting is None or final is None:
            return None
        last, door = waiting
        observed = _with_final(last, training, final)
        if observed is None:
            return None
        return await _with_contents(observed, door, memory), door

    async def _jobs(
        self, training: MnistTraining, memory: Memory
    ) -> list[dict[str, Any]]:
        jobless, memory.jobless = memory.jobless, False
        found: list[dict[str, Any]] = []
        if not jobless:
            selector = f"{TRAINING_LABEL}={training.name}"
            found = await self._kube.list_jobs(training.namespace, selector)
        metas = [body["metadata"] for body in found]
        memory.fresh = {
            meta["name"]
            for meta, body in zip(metas, found, strict=True)
            if meta["name"] in memory.created - memory.jobs.keys()
            and not body.get("status")
        }
        memory.jobs = {m["name"]: m.get("resourceVersion", "") for m in metas}
        return found

    async def _with_pods(
        self,
        training: MnistTraining,
        memory: Memory,
        attempts: Sequence[Attempt],
        bodies: list[dict[str, Any]],
    ) -> dict[str, Job]:
        """Every TFJob; pods only of those that are under way."""
        # One that was created a moment ago, and that nobody has touched, has no pods.
        own = {each.staging for each in attempts if each.is_open} - {
            run_of(body) for body in bodies if body["metadata"]["name"] in memory.fresh
        }
        mine = sorted(own & {run_of(body) for body in bodies})
        found = await asyncio.gather(*(self._pods(training, run) for run in mine))
        read = memory.familiar.jobs(bodies, dict(zip(mine, found, strict=True)))
        jobs = {job.name: job for job in read}
        silent = [job for job in read if job.staging in own and job.is_silent]
        told = await asyncio.gather(*(self._explain(training, each) for each in silent))
        return jobs | {job.name: job for job in told}

    async def _explain(self, training: MnistTraining, job: Job) -> Job:
        """Without a pod, or with one that says nothing, the Events may know."""
        name = job.pod or job.name
        events = await self._kube.list_events(training.namespace, name)
        return replace(job, message=read_trouble(events))

    async def _pods(self, training: MnistTraining, run: str) -> list[dict[str, Any]]:
        selector = f"{TRAINING_LABEL}={training.name},{RUN_LABEL}={run}"
        return await self._kube.list_pods(training.namespace, selector)


async def _with_contents(observed: Observed, door: Door, memory: Memory) -> Observed:
    contents = await readings.read_contents(door.client, observed, memory)
    if contents == observed.source.contents:
        return observed
    return replace(observed, source=replace(observed.source, contents=contents))


def _with_final(
    last: Observed, training: MnistTraining, final: Commit
) -> Observed | None:
    """That look with its head finished; None when more than that has changed."""
    source = last.source
    before, after = last.training, training
    same = before.uid == after.uid and before.spec == after.spec
    same = same and before.annotations == after.annotations
    if not same or final.state is not CommitState.FINISHED:
        return None
    if final.id not in last.inputs or len(lanes.live(last)) > 1:
        return None
    if source.head is None or source.head.id != final.id or source.first is None:
        return None
    waiting = tuple(final if each.id == final.id else each for each in source.waiting)
    return replace(
        last,
        training=training,
        inputs={**last.inputs, final.id: final},
        source=replace(source, head=final, waiting=waiting),
    )


def _waits_for_data(observed: Observed) -> bool:
    """Whether an attempt is open without a job, since its data is not finished."""
    for attempt in observed.attempts:
        commit = observed.inputs.get(attempt.commit)
        name = runs.job_name(observed.training.name, attempt.staging)
        if attempt.is_open and commit is not None and name not in observed.jobs:
            return commit.finished is None
    return False


def _holder(head: Commit | None, training: MnistTraining) -> Commit | None:
    """The output branch's head, while it is unfinished and not this training's own."""
    if head is None or head.finished is not None:
        return None
    # What pachd opened itself is on its way to be given up: see `PinnedOutlet`.
    is_auto = head.state is CommitState.OPEN and bool(head.provenance)
    is_ours = model_of(head, training.key) is not None or is_auto
    return None if is_ours else head


def _needs_pin(
    training: MnistTraining, memory: Memory, attempts: Sequence[Attempt]
) -> bool:
    """Not while something runs: it is looked after, whatever the token may."""
    wanted = training.spec.output.is_native and not memory.pinned
    return wanted and not any(each.is_open for each in attempts)
