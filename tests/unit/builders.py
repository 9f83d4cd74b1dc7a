"""Values of the core with sensible defaults: a test states only what matters to it.

One training, team/mnist, follows inputrepo@master from commit 1 on. IDs repeat a
small number, so they are legal, differ in every part, and can be read in a failure.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings

from mnist_operator import runs
from mnist_operator.commits import Commit, CommitState, Repo
from mnist_operator.decisions import Decision, Entry, Start
from mnist_operator.ledger import Ledger
from mnist_operator.plan import Observed, OpenAttempt, Source, Task
from mnist_operator.resource import MnistTraining, Spec
from mnist_operator.runs import Attempt, Outcome, Verdict
from mnist_operator.tfjob import Job, JobPhase

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
IMAGE = "mnist-operator/trainer:test"
"""What the operator's own setting TRAINER_IMAGE would say."""
INPUT = Repo("default", "inputrepo")
OUTPUT = Repo("default", "outputrepo")
RUNS = Repo("default", "outputrepo_runs")

examples = settings(
    max_examples=50,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
"""For properties: the same examples everywhere, and no clock on a busy machine."""


def ago(seconds: float) -> datetime:
    """That long before NOW."""
    return NOW - timedelta(seconds=seconds)


def ident(number: int | str) -> str:
    """A legal ID made of a small number; one that is an ID already stays."""
    return number if isinstance(number, str) else f"{number:04x}" * 8


def staging_id(commit_number: int = 1, number: int = 1) -> str:
    """The staging commit of an attempt for a commit."""
    return ident(0xA000 + 16 * commit_number + number)


def training(
    *,
    namespace: str = "team",
    name: str = "mnist",
    uid: str = "uid-1",
    generation: int = 1,
    annotations: dict | None = None,
    status: dict | None = None,
    **spec,
) -> MnistTraining:
    """A MnistTraining; keywords are fields of its spec, in either spelling."""
    return MnistTraining(
        namespace=namespace,
        name=name,
        uid=uid,
        generation=generation,
        annotations=annotations or {},
        status=status or {},
        spec=Spec.model_validate(spec),
    )


def spec_digest(**spec) -> str:
    """The digest that a run of this training would carry."""
    return runs.digest(runs.run_spec(training(**spec), default_image=IMAGE))


def commit(
    number: int | str = 1,
    *,
    state: CommitState = CommitState.FINISHED,
    repo: Repo = INPUT,
    parent: int | str | None = None,
    description: str = "",
    started: datetime | None = None,
    error: str = "",
) -> Commit:
    """A commit; one with a higher number was started later, a minute each."""
    minute = int(ident(number)[:4], 16) % 60
    opened = started or ago(3600) + timedelta(minutes=minute)
    over = state in {CommitState.FINISHED, CommitState.ERRORED}
    errored = "bad data" if state is CommitState.ERRORED else ""
    return Commit(
        id=ident(number),
        repo=repo,
        parent=None if parent is None else ident(parent),
        description=description,
        started=opened,
        finishing=None if state is CommitState.OPEN else opened + timedelta(seconds=1),
        finished=opened + timedelta(seconds=2) if over else None,
        error=error or errored,
    )


def attempt(number: int = 1, *, commit_number: int = 1, **fields) -> Attempt:
    """An open attempt of the default training, opened five minutes ago."""
    wanted = {
        "staging": staging_id(commit_number, number),
        "training": "team/mnist",
        "uid": "uid-1",
        "commit": ident(commit_number),
        "number": number,
        "digest": spec_digest(),
        "opened": ago(300),
    }
    return Attempt(**(wanted | fields))


def unopened(commit_number: int = 1, number: int = 1, **fields) -> Attempt:
    """An attempt that has no staging commit yet."""
    of, digest = training(), fields.pop("digest", spec_digest())
    return runs.new_attempt(
        of, ident(commit_number), number, digest, opened=NOW, **fields
    )


def opening(of: Commit, number: int = 1, *, request: str = "", slot: int = 0, **fields):
    """The action that opens an attempt."""
    return OpenAttempt(Task(of, request), number, slot, **fields)


def closed(
    opened: Attempt,
    verdict: Verdict = Verdict.SUCCEEDED,
    *,
    at: datetime | None = None,
    finished: bool = True,
    **outcome,
) -> Attempt:
    """The same attempt, closed a minute ago; keywords are fields of its outcome."""
    end = Outcome(verdict, **outcome)
    return replace(opened, closed=at or ago(60), finished=finished, outcome=end)


def job(of: Attempt | None = None, *, phase=JobPhase.CREATED, **fields) -> Job:
    """The TFJob of an attempt, with the phase's usual traces unless said otherwise."""
    of = of or attempt()
    wanted = {
        "name": runs.job_name(of.training.partition("/")[2], of.staging),
        "uid": f"job-{of.staging[:4]}",
        "owner_uid": of.uid,
        "staging": of.staging,
        "created": of.opened + timedelta(seconds=1),
    }
    if phase is not JobPhase.CREATED:
        wanted["started"] = of.opened + timedelta(seconds=10)
    exits = {JobPhase.SUCCEEDED: 0, JobPhase.FAILED: 1}
    return Job(**(wanted | {"phase": phase, "exit_code": exits.get(phase)} | fields))


def entry(
    number: int | str = 1, decision: Decision = Decision.PUBLISHED, **fields
) -> Entry:
    """A line of the ledger about a commit; skips have no run, failures no model."""
    wanted = {"time": NOW, "decision": decision, "commit": ident(number)}
    if decision in {Decision.PUBLISHED, Decision.FAILED}:
        run = staging_id(number) if isinstance(number, int) else ident(0xB001)
        name = runs.job_name("mnist", run)
        wanted |= {"attempt": 1, "run": run, "tfjob": name, "spec": spec_digest()}
    if decision is Decision.PUBLISHED:
        output = ident(0xF000 + number) if isinstance(number, int) else ident(0xF000)
        wanted |= {"output": output, "accuracy": "0.9700"}
    return Entry(**(wanted | fields))


def begun(asked: str = "Latest", number: int | None = 1, **fields) -> Entry:
    """A starting point, by default at commit 1; number None: an empty branch."""
    at = {"commit": ident(number), "after": commit(number).started} if number else {}
    start = Start(**({"asked": asked} | at | fields))
    return Entry(time=ago(3600), decision=Decision.STARTED, start=start)


def ledger(*entries: Entry, start: Entry | None = None) -> Ledger:
    """A ledger that begins at commit 1 and goes on with these lines."""
    return Ledger().extended([start or begun(), *entries])


def source(*waiting: Commit, head: Commit | None = None, **fields) -> Source:
    """The input branch with these commits undecided, oldest first."""
    wanted = {
        "repo_exists": True,
        "head": head or (waiting[-1] if waiting else None),
        "waiting": waiting,
    }
    return Source(**(wanted | fields))


def observed(*, jobs: Iterable[Job] = (), **fields) -> Observed:
    """A training that has begun and sees commit 1, finished and undecided.

    An attempt's input commit is there, unless `input_commit=None` says that it is not.
    """
    of = fields.setdefault("training", training())
    spec = fields.setdefault("spec", runs.run_spec(of, default_image=IMAGE))
    fields.setdefault("spec_digest", runs.digest(spec))
    fields.setdefault("ledger", ledger())
    fields.setdefault("source", source(commit()))
    only = fields.pop("attempt", None)
    attempts = fields.setdefault("attempts", (only,) if only else ())
    if "input_commit" in fields:
        found = fields.pop("input_commit")
        fields["inputs"] = {found.id: found} if found else {}
    known = {each.commit: commit(each.commit) for each in attempts}
    fields.setdefault("inputs", known)
    return Observed(jobs={each.name: each for each in jobs}, **fields)
