"""A history of published models, written as the operator would have written it."""

from datetime import UTC, datetime, timedelta

from mnist_operator import places, runs
from mnist_operator.commits import Branch
from mnist_operator.decisions import Decision, Entry, Start, to_lines
from mnist_operator.evidence import Evidence
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.lineage import describe_model
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, Outcome, Verdict

__all__ = ["write_history"]

_IMAGE = "mnist-operator/trainer:0.1.0"
_ACCURACY = 0.99


async def write_history(
    client: Pachyderm, training: MnistTraining, commits: int
) -> None:
    """Write input commits, their attempts, their models and the ledger."""
    branches = [
        places.input_branch(training),
        places.slot_branch(training),
        places.output_branch(training),
    ]
    for branch in branches:
        await client.create_repo(branch.repo)
    entries = [await _publish(client, training) for _ in range(commits)]
    for branch in branches:
        head = await client.branch_head_id(branch)
        await client.commit(branch.repo, head or "", wait_finished=True)
    beginning = Entry(
        time=entries[0].time - timedelta(hours=1),
        decision=Decision.STARTED,
        start=Start(training.spec.trigger.start_from),
    )
    ledger = to_lines([beginning, *entries])
    await client.append(places.ledger_branch(training), LEDGER_FILE, ledger)


async def _publish(client: Pachyderm, training: MnistTraining) -> Entry:
    source = await _commit(client, places.input_branch(training), "", "")
    spec = runs.run_spec(training, default_image=_IMAGE)
    digest = runs.digest(spec)
    slot = places.slot_branch(training)
    opening = runs.describe_attempt(
        runs.new_attempt(training, source, 1, digest, opened=datetime.now(UTC))
    )
    staging = await client.start_commit(slot, description=opening)
    opened = await client.commit(slot.repo, staging)
    assert opened is not None
    attempt = Attempt(
        staging=staging,
        training=training.key,
        uid=training.uid,
        commit=source,
        number=1,
        digest=digest,
        opened=opened.started,
    )
    closing = runs.describe_outcome(attempt, Outcome(Verdict.SUCCEEDED))
    await client.finish_commit(slot.repo, staging, description=closing)
    job = runs.job_name(training.name, staging)
    description = _describe(training, attempt, spec, job)
    output = await _commit(
        client, places.output_branch(training), description, description
    )
    return Entry(
        time=opened.started,
        decision=Decision.PUBLISHED,
        commit=source,
        attempt=1,
        run=staging,
        tfjob=job,
        output=output,
        accuracy=f"{_ACCURACY:.4f}",
        spec=digest,
    )


def _describe(
    training: MnistTraining, attempt: Attempt, spec: dict[str, object], job: str
) -> str:
    asked = {
        "training": {"namespace": training.namespace, "name": training.name},
        "input": {"commit": attempt.commit},
        "staging": attempt.staging,
        "attempt": attempt.number,
        "spec": spec,
        "specSha256": attempt.digest,
    }
    manifest = {"metrics": {"accuracy": _ACCURACY}}
    evidence = Evidence(asked, {"tfjob": job}, manifest, files=(), previous="")
    return describe_model(evidence, statement_sha256=attempt.digest)


async def _commit(client: Pachyderm, branch: Branch, opening: str, closing: str) -> str:
    commit = await client.start_commit(branch, description=opening)
    await client.finish_commit(branch.repo, commit, description=closing)
    return commit
