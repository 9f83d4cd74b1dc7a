"""Models with ancestors: input commits that are there, runs, and models begun from.

As in `mnistctl_world`, the operator's own publisher publishes them.
"""

from datetime import UTC, datetime

from mnist_operator import places, runs, warm_start
from mnist_operator.buckets import name_bucket
from mnist_operator.decisions import to_lines
from mnist_operator.ledger import LEDGER_FILE, Ledger
from mnist_operator.pachyderm import PutFile
from mnist_operator.publisher import Publisher
from mnist_operator.resource import MnistTraining, Spec
from mnist_operator.runs import Outcome, Verdict
from unit import mnistctl_records as records


class Lineage:
    """One training, and all that it leaves in Pachyderm."""

    def __init__(self, client, *, native=False, warm=False, **output):
        output["provenance"] = "Native" if native else "Metadata"
        spec = Spec(output=output, trainer={"warmStart": warm})
        self.training = MnistTraining(
            namespace="default", name="mnist", uid="uid-1", spec=spec
        )
        self.client = client
        self.ledger = Ledger()
        self.input = places.input_branch(self.training)
        self.output = places.output_branch(self.training)
        self.runs = places.run_repo(self.training)

    async def start(self):
        for repo in (self.input.repo, self.output.repo, self.runs):
            await self.client.create_repo(repo)
        return self

    async def push(self):
        """An input commit."""
        return await self.write(self.input, "")

    async def write(self, branch, description, *changes):
        """A commit that nobody but its author answers for."""
        commit = await self.client.start_commit(branch, description=description)
        if changes:
            await self.client.modify(branch.repo, commit, changes)
        await self.client.finish_commit(branch.repo, commit)
        await self.client.commit(branch.repo, commit, wait_finished=True)
        return commit

    async def publish(self, commit, *, begins_from="", remember=True, **changes):
        """A run on an input commit that went well, and its model's ledger line."""
        attempt = await self._train(commit, begins_from, changes)
        publisher = Publisher(self.client, self.training)
        entry = await publisher.publish(attempt, self.ledger, now=datetime.now(UTC))
        assert entry.output, entry
        if remember:
            await self.remember(entry)
        return entry

    async def fail(self, commit, reason):
        """A run that did not go well."""
        opened = await self._open(commit, "")
        return await self._close(opened, Outcome(Verdict.FAILED, reason, "It broke."))

    async def remember(self, *entries):
        ledger = places.ledger_branch(self.training)
        await self.client.append(ledger, LEDGER_FILE, to_lines(entries))
        self.ledger = self.ledger.extended(entries)

    async def _train(self, commit, begins_from, changes):
        opened = await self._open(commit, begins_from)
        asked = runs.build_request(opened, self._spec())
        model = f"model of {opened.staging}".encode()
        begun = {}
        if begins_from:
            place = (begins_from, "master", "outputrepo", "default")
            sha256 = records.sha256(b"model")
            begun = {
                "bucket": name_bucket(*place),
                "path": "my_model.h5",
                "sha256": sha256,
            }
        manifest = records.manifest({"/my_model.h5": model})
        manifest |= {warm_start.PART: begun, **changes}
        files = {
            runs.ATTEMPT_FILE: runs.canonical(asked),
            "/run.json": runs.canonical(manifest),
            "/my_model.h5": model,
        }
        written = [PutFile(path, content) for path, content in files.items()]
        await self.client.modify(self.runs, opened.staging, written)
        return await self._close(opened, Outcome(Verdict.SUCCEEDED))

    def _spec(self):
        return runs.run_spec(self.training, default_image=records.IMAGE)

    async def _open(self, commit, begins_from):
        planned = runs.new_attempt(
            self.training,
            commit,
            1,
            runs.digest(self._spec()),
            opened=datetime.now(UTC),
            begins_from=begins_from,
        )
        staging = await self.client.start_commit(
            places.slot_branch(self.training),
            description=runs.describe_attempt(planned),
        )
        return runs.read_attempt(await self.client.commit(self.runs, staging))

    async def _close(self, opened, outcome):
        facts = records.ended(staging=opened.staging, training=self.training)
        description = runs.describe_outcome(opened, outcome, facts)
        await self.client.finish_commit(
            self.runs, opened.staging, description=description
        )
        closed = await self.client.commit(self.runs, opened.staging, wait_finished=True)
        return runs.read_attempt(closed)
