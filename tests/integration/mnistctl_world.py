"""mnistctl as a program of its own, and what the operator leaves in Pachyderm for it.

Models are published by the operator's own publisher; what it never writes (a record
that was changed, a stranger's commit) is written by hand.
"""

import asyncio
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from mnist_operator import runs
from mnist_operator.commits import Branch, Repo
from mnist_operator.ledger import LEDGER_FILE, Ledger, to_lines
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.pachyderm import PutFile
from mnist_operator.publisher import Publisher
from mnist_operator.resource import MnistTraining, Spec
from mnist_operator.runs import Outcome, Verdict
from unit import mnistctl_records as records

OUTPUT = Branch(Repo("default", "outputrepo"), "master")
TRAINING = MnistTraining(namespace="default", name="mnist", uid="uid-1", spec=Spec())
INPUT = "5b77a6c1a16d496b83f8a78a05179168"
DEADLINE_SECONDS = 60


@dataclass
class Answer:
    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


async def run_mnistctl(*arguments, address, env=None):
    """Run it as a user without a cluster does; nothing of ours leaks in."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH") or os.pathsep.join(sys.path),
        "HOME": "/nonexistent",
        "PACHD_ADDRESS": address,
        **(env or {}),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "mnist_operator.cli",
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            out, err = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    return Answer(process.returncode, out.decode(), err.decode())


class World:
    """What the operator would have left in Pachyderm."""

    def __init__(self, client):
        self.client = client
        self.ledger = Ledger()

    async def start(self):
        for repo in (OUTPUT.repo, runs.run_repo(TRAINING)):
            await self.client.create_repo(repo)

    async def publish(self, *, input_commit=INPUT, accuracy=0.9933, remember=True):
        """One attempt that went well, published; gives back the ledger's entry."""
        attempt = await self._attempt(input_commit, accuracy)
        publisher = Publisher(self.client, TRAINING)
        entry = await publisher.publish(attempt, self.ledger, now=datetime.now(UTC))
        if remember:
            await self.remember(entry)
        return entry

    async def _attempt(self, input_commit, accuracy):
        spec = runs.run_spec(TRAINING, default_image=records.IMAGE)
        branch = runs.slot_branch(TRAINING)
        staging = await self.client.start_commit(
            branch,
            description=runs.describe_attempt(
                TRAINING, input_commit, 1, runs.digest(spec)
            ),
        )
        opened = runs.read_attempt(await self.client.commit(branch.repo, staging))
        model = f"model {accuracy}".encode()
        manifest = records.manifest({"/my_model.h5": model}, accuracy=accuracy)
        asked = runs.build_request(opened, spec)
        await self.client.modify(
            branch.repo,
            staging,
            [
                PutFile(runs.ATTEMPT_FILE, runs.canonical(asked)),
                PutFile("/run.json", runs.canonical(manifest)),
                PutFile("/my_model.h5", model),
            ],
        )
        facts = records.ended(staging=staging, training=TRAINING)
        description = runs.describe_outcome(opened, Outcome(Verdict.SUCCEEDED), facts)
        await self.client.finish_commit(branch.repo, staging, description=description)
        closed = await self.client.commit(branch.repo, staging, wait_finished=True)
        return runs.read_attempt(closed)

    async def remember(self, *entries):
        branch = runs.ledger_branch(TRAINING)
        await self.client.append(branch, LEDGER_FILE, to_lines(entries))
        self.ledger = self.ledger.extended(entries)

    async def write(self, description, content=b"{}", *, branch=OUTPUT, **finish):
        """A commit that the publisher would not write."""
        commit = await self.client.start_commit(branch, description=description)
        await self.client.modify(branch.repo, commit, [PutFile(LINEAGE_FILE, content)])
        await self.client.finish_commit(branch.repo, commit, **finish)
        await self.client.commit(branch.repo, commit, wait_finished=True)
        return commit
