"""What a look consists of: each function reads one thing from Pachyderm.

What cannot have changed (a ledger whose branch has the same head, the content of a
finished commit) is remembered from the last look.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

from mnist_operator import lanes, places, runs, turns
from mnist_operator.access import Door
from mnist_operator.backlog import Backlog
from mnist_operator.commits import Commit, CommitState, Repo
from mnist_operator.contents import fingerprint
from mnist_operator.decisions import release_request
from mnist_operator.errors import InvalidSpecError, NotFoundError, TooLargeError
from mnist_operator.familiar import Familiar
from mnist_operator.gate_findings import Figures
from mnist_operator.ledger import Ledger
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.plan import Observed, Request, Source
from mnist_operator.resource import COMMIT_PATTERN, MnistTraining
from mnist_operator.runs import Attempt
from mnist_operator.runs import Verdict as End
from mnist_operator.test_result import Verdict
from mnist_operator.trial import Pinned

__all__ = [
    "LedgerFile",
    "Memory",
    "find_latest",
    "find_request",
    "make_repos",
    "newest_finished",
    "read_contents",
    "read_inputs",
    "read_source",
]

_COMPARISONS = 20
"""More than commits can be under way at once."""
_CONTENTS_KEPT = 20
"""Digests of contents: more commits are never compared at the same time."""
_BEFORE_HEAD = 20
"""So far below an unusable head a requested run looks for a commit."""


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """How far the ledger's file has been read."""

    size: int = 0
    end: bytes = b""
    """Its last bytes, which must be found at the same place."""
    read_whole: int = 0
    """Its size when it was last read from its beginning."""


@dataclass(slots=True)
class Memory:
    """What is remembered of one training between two looks; losing it is harmless."""

    familiar: Familiar = field(default_factory=Familiar)
    backlog: Backlog = field(default_factory=Backlog)
    ledger: Ledger = field(default_factory=Ledger)
    ledger_head: str | None = None
    ledger_file: LedgerFile = LedgerFile()
    output_head: str | None = None
    unexplained: int = 0
    """Commits above the newest model that nobody wrote down how they came to be."""
    newest_model: tuple[str, str] = "", ""
    """The output branch's head, and the newest model at or below it."""
    verdicts: dict[str, tuple[Verdict | None]] = field(default_factory=dict)
    """By model: what its promotion.json says; of the one that was asked for last."""
    champion: tuple[str, tuple[Pinned, Pinned | None], Verdict | None] | None = None
    """What is in production, what its record says of it, and its promotion.json."""
    repos_made: bool = False
    pinned: bool = False
    """Whether the pin branch, that Native provenance needs, is known to be there."""
    slots: int = 0
    """How many slots there are; 0: nobody has looked yet."""
    hidden: dict[str, Attempt | None] = field(default_factory=dict)
    """By the attempt above it: one that had succeeded when that was opened."""
    contents: dict[tuple[str, ...], str] = field(default_factory=dict)
    """By commit and globs: the digest over its files."""
    created: set[str] = field(default_factory=set)
    """TFJobs that this process created."""
    prepared: set[str] = field(default_factory=set)
    """Staging commits that are known to be clean."""
    jobs: dict[str, str] = field(default_factory=dict)
    """The resourceVersion of each TFJob that the last look listed, by name."""
    fresh: set[str] = field(default_factory=set)
    """Those that this process created since the look before, with no status yet."""
    jobless: bool = False
    """Whether the next look may take it that there is no TFJob: see `Rounds`."""
    presumed: bool = False
    """Whether the last look began with what was listed, and not with a reading."""
    compared: dict[tuple[str, str, str], Figures] = field(default_factory=dict)
    """What changed between the data of two commits, at a path."""
    waiting: tuple[Observed, Door] | None = None
    """The last look, if all is prepared and only the data is not finished."""

    def forget_others(self, name: str, attempts: Sequence[Attempt]) -> None:
        """Of runs, keep what is about these attempts of the training of this name."""
        stagings = {each.staging for each in attempts}
        self.hidden = {k: v for k, v in self.hidden.items() if k in stagings}
        self.prepared &= stagings
        self.created &= {runs.job_name(name, each) for each in stagings}

    def learn(self, pair: tuple[str, str, str], figures: Figures) -> None:
        """Remember what a comparison came to, and the few before it."""
        last = [*self.compared.items()][-_COMPARISONS:]
        self.compared = dict(last) | {pair: figures}


async def make_repos(
    client: Pachyderm, training: MnistTraining, filled: tuple[bool, bool]
) -> None:
    """Make the output and the run repo where they are missing.

    `filled`: which of the two are known to have a commit.
    """
    wanted = (
        (places.output_branch(training).repo, "Models, one commit each, by"),
        (places.run_repo(training), "Attempts, logs and ledgers of"),
    )
    for is_there, (repo, purpose) in zip(filled, wanted, strict=True):
        if not is_there and not await client.repo_exists(repo):
            await _make_repo(client, repo, f"{purpose} mnist-operator.")


async def _make_repo(client: Pachyderm, repo: Repo, purpose: str) -> None:
    try:
        await client.create_repo(repo, purpose)
    except NotFoundError as error:
        message = (
            f"spec.output.project: repo {repo} cannot be made, for there is no project"
            f" {repo.project}; create it, or name another."
        )
        raise InvalidSpecError(message) from error


async def read_source(
    client: Pachyderm,
    training: MnistTraining,
    memory: Memory,
    head: Commit | None,
    ledger: Ledger,
) -> Source:
    """The input branch, and what of it is undecided."""
    branch = places.input_branch(training)
    window = lanes.parallel(training.spec)
    gone = await memory.backlog.look(client, branch, head, ledger, window=window)
    return Source(
        repo_exists=head is not None or await client.repo_exists(branch.repo),
        head=head,
        start_commit=await _start_commit(client, training, branch.repo, ledger),
        waiting=tuple(memory.backlog.commits),
        gone=gone,
    )


async def _start_commit(
    client: Pachyderm, training: MnistTraining, repo: Repo, ledger: Ledger
) -> Commit | None:
    asked = training.spec.trigger.start_from
    source = str(places.input_branch(training))
    known = ledger.start
    settled = known is not None and (known.asked, known.source) == (asked, source)
    if settled or asked in {"Latest", "Next", "Earliest"}:
        return None
    return await client.commit(repo, asked)


async def read_inputs(
    client: Pachyderm,
    training: MnistTraining,
    attempts: tuple[Attempt, ...],
    source: Source,
) -> dict[str, Commit]:
    """The commits of attempts that need them, as fresh as the rest of this look."""
    repo = places.input_branch(training).repo
    known = {c.id: c for c in (source.head, *source.waiting[:1]) if c is not None}
    if source.gone:
        known.pop(source.gone, None)
    wanted = {
        each.commit
        for each in attempts
        if each.is_open or (each.outcome and each.outcome.verdict is End.FAILED)
    }
    missing = sorted(wanted - known.keys())
    found = await asyncio.gather(*(client.commit(repo, each) for each in missing))
    fresh = {commit.id: commit for commit in found if commit is not None}
    return {key: value for key, value in (known | fresh).items() if key in wanted}


async def read_contents(
    client: Pachyderm, observed: Observed, memory: Memory
) -> dict[str, str]:
    """Digests over the files of the commits that are compared now.

    One with more files than we read, or gone meanwhile, has none: it counts as
    changed.
    """
    globs = tuple(observed.training.spec.trigger.paths)
    repo = places.input_branch(observed.training).repo
    wanted = sorted(turns.compared(observed))

    async def read(commit: str) -> str:
        known = memory.contents.get((commit, *globs))
        if known is not None:
            return known
        with suppress(TooLargeError, NotFoundError):
            return fingerprint(await client.files(repo, commit), globs)
        return ""

    found = await asyncio.gather(*(read(commit) for commit in wanted))
    contents = {c: each for c, each in zip(wanted, found, strict=True) if each}
    kept = memory.contents | {(c, *globs): each for c, each in contents.items()}
    memory.contents = dict(list(kept.items())[-_CONTENTS_KEPT:])
    return contents


async def find_request(
    client: Pachyderm, training: MnistTraining, ledger: Ledger, source: Source
) -> Request | None:
    """The run that the annotations ask for, until it is answered.

    What was held and is released now comes before that: its data is there already.
    """
    text, asked = training.requested_at, training.requested_commit
    repo = places.input_branch(training).repo
    for released in ledger.released:
        found = await client.commit(repo, released)
        return Request(release_request(released), released, found)
    if not text or text in ledger.requests:
        return None
    if not asked:
        return Request(text, commit=await newest_finished(client, repo, source.head))
    valid = re.fullmatch(COMMIT_PATTERN, asked) is not None
    commit = await client.commit(repo, asked) if valid else None
    return Request(text, asked, commit)


async def newest_finished(
    client: Pachyderm, repo: Repo, head: Commit | None
) -> Commit | None:
    """A branch's head, or the newest finished commit below one that is not."""
    if head is None or head.state is CommitState.FINISHED:
        return head
    seen = 0
    async with aclosing(client.history(repo, head.id, page=_BEFORE_HEAD)) as history:
        async for commit in history:
            seen += 1
            if commit.state is CommitState.FINISHED:
                return commit
            if seen == _BEFORE_HEAD:
                break
    return None


async def find_latest(
    client: Pachyderm, training: MnistTraining, ledger: Ledger, spec_digest: str
) -> Commit | None:
    """The commit of the newest run, where a changed trainer may train it again."""
    newest = ledger.newest
    if training.spec.on_spec_change != "RetrainLatest" or newest is None:
        return None
    if newest.spec == spec_digest:
        return None
    repo = places.input_branch(training).repo
    commit = await client.commit(repo, newest.commit)
    usable = commit is not None and commit.state is CommitState.FINISHED
    return commit if usable else None
