"""The model of a TFJob, whose name is all that is left of it.

The ledgers know what was decided after its run. The run itself is a commit in the
run repo, so it is found there where no ledger knows it, and says what became of it.
"""

import re
from collections.abc import Iterable
from contextlib import aclosing

from mnist_operator import runs
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.index import Row
from mnist_operator.cli.indexes import read_index
from mnist_operator.cli.models import Found, explain_refusal, published
from mnist_operator.cli.references import Job, Reference
from mnist_operator.cli.statements import dig, dig_text, read_object
from mnist_operator.commits import Branch, Commit, Repo
from mnist_operator.decisions import Entry
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.runs import Attempt, Verdict, read_attempt

__all__ = ["find_job_model", "output_of"]

_PAGE = 20


async def find_job_model(client: Pachyderm, reference: Reference, job: Job) -> Found:
    """The model that came of a TFJob's run.

    Raises:
        NotThereError: There is none; the message says what became of the run.
    """
    index = await read_index(client, reference.runs, job)
    rows = index.of_job(job)
    for row in rows:
        if row.entry.output:
            found = await _check(client, reference, row, job)
            if found is not None:
                return found
    for row in rows:
        if not row.entry.output:
            raise NotThereError(_tell_decision(job, row.entry))
    attempt = await _find_attempt(client, reference.runs, job)
    if attempt is None:
        raise NotThereError(_explain_unknown(job, reference.runs))
    if attempt.outcome is not None and attempt.outcome.verdict is Verdict.SUCCEEDED:
        return await _find_unrecorded(client, reference, job, attempt)
    raise NotThereError(_tell_attempt(job, attempt))


async def output_of(client: Pachyderm, run: Repo, staging: str) -> Branch | None:
    """Where a run's model was to go, by what it was asked."""
    if await client.commit(run, staging) is None:
        return None
    asked = read_object(await client.read(run, staging, runs.ATTEMPT_FILE) or b"")
    place = dig(asked, "spec", "output")
    project, repo, branch = (dig_text(place, k) for k in ("project", "repo", "branch"))
    if project is None or repo is None or branch is None:
        return None
    return Branch(Repo(project, repo), branch)


async def _check(
    client: Pachyderm, reference: Reference, row: Row, job: Job
) -> Found | None:
    """Look at the commit that a ledger names: it must say the same."""
    commit = await client.commit(reference.repo, row.entry.output)
    if commit is None:
        branch = await output_of(client, row.runs, row.entry.run)
        if branch is None or branch.repo == reference.repo:
            return None
        commit = await client.commit(branch.repo, row.entry.output)
    model = published(commit) if commit is not None else None
    if commit is None or model is None or model.tfjob != job.name:
        return None
    return Found(commit, model)


async def _find_attempt(
    client: Pachyderm, repos: Iterable[Repo], job: Job
) -> Attempt | None:
    """The run's own commit: on one of the slots of its training."""
    for repo in repos:
        for seen in await client.branches(repo):
            if not _is_slot(seen.branch.name, job):
                continue
            walk = client.history(repo, seen.branch, page=_PAGE)
            async with aclosing(walk) as history:
                async for commit in history:
                    if commit.id.startswith(job.run):
                        return read_attempt(commit)
    return None


def _is_slot(branch: str, job: Job) -> bool:
    namespace = re.escape(job.namespace) if job.namespace else "[^_]+"
    wanted = rf"{namespace}_{re.escape(job.training)}_[0-9]+"
    return re.fullmatch(wanted, branch) is not None


async def _find_unrecorded(
    client: Pachyderm, reference: Reference, job: Job, attempt: Attempt
) -> Found:
    """A model that no ledger has yet: it is younger than the run that made it."""
    for repo in reference.runs:
        branch = await output_of(client, repo, attempt.staging)
        if branch is None:
            continue
        walk = client.history(branch.repo, branch, page=_PAGE)
        async with aclosing(walk) as history:
            async for commit in history:
                if commit.started < attempt.opened:
                    break
                if _is_of(commit, attempt):
                    return _take(commit, branch)
    raise NotThereError(
        f"{_name(job, attempt.number, attempt.commit)} went well, and no model of it"
        f" is there: it is about to be published, or ask mnistctl runs {job.training}"
    )


def _is_of(commit: Commit, attempt: Attempt) -> bool:
    described = read_object(commit.description) or {}
    return described.get("run") == attempt.staging


def _take(commit: Commit, branch: Branch) -> Found:
    model = published(commit)
    if model is None:
        raise NotThereError(explain_refusal(commit))
    return Found(commit, model, notes=(f"no ledger has it yet: it is on {branch}",))


def _name(job: Job, number: int, commit: str) -> str:
    return f"TFJob {job.name} (attempt {number} on input commit {commit})"


def _tell_decision(job: Job, entry: Entry) -> str:
    why = ": ".join(filter(None, (entry.reason, entry.message)))
    name = _name(job, entry.attempt, entry.commit)
    return f"{name} made no model: {entry.decision.lower()}, {why or 'nobody said why'}"


def _tell_attempt(job: Job, attempt: Attempt) -> str:
    name = _name(job, attempt.number, attempt.commit)
    outcome = attempt.outcome
    if outcome is None:
        return f"{name} has made no model yet: it is under way"
    why = ": ".join(filter(None, (outcome.reason, outcome.message)))
    told = f"{outcome.verdict.lower()}, {why}" if why else outcome.verdict.lower()
    return f"{name} made no model: it {told}"


def _explain_unknown(job: Job, repos: Iterable[Repo]) -> str:
    asked = " and ".join(map(str, repos))
    return (
        f"no run of a TFJob {job.name} is known in {asked}: check the name, or name"
        " another run repo with --run-repo or another output repo with --repo"
    )
