"""The questions that a verification asks of Pachyderm, or of a folder.

A witness that is gone, or may not be read, is told as such; a pachd that does not
answer is an error, and no verdict.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from mnist_operator.cli.lookup import read_ledger
from mnist_operator.cli.models import Found
from mnist_operator.cli.opened import Opened
from mnist_operator.cli.statements import Statement, dig, dig_text, read_object
from mnist_operator.cli.verify.contents import find_changed
from mnist_operator.cli.verify.stranger_files import read_strangers
from mnist_operator.cli.verify.verification import (
    PREVIOUS,
    Absence,
    Data,
    DataFile,
    Previous,
    Run,
    Witnesses,
)
from mnist_operator.commits import Branch, Commit, CommitState, File, Repo
from mnist_operator.decisions import ABOUT_PRODUCTION, Entry, read_line
from mnist_operator.errors import (
    DeniedError,
    NotFoundError,
    RefusedError,
    TooLargeError,
)
from mnist_operator.lineage import model_of
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.runs import (
    ATTEMPT_FILE,
    Attempt,
    beside,
    manifest_file,
    read_attempt,
)
from mnist_operator.test_result import PROMOTION_FILE
from mnist_operator.trial import REPORT

__all__ = ["Reader", "read_folder"]

T = TypeVar("T")

_LEDGER_SUFFIX = "_ledger"
_PAGE = 5
"""Mostly the parent is the model before."""

Ledger = Mapping[str, Sequence[Entry]] | Absence
"""Its lines, by the run that they are about, or by the model where it is no run."""


def read_folder(opened: Opened) -> Witnesses:
    """What a folder itself can say: the digests of its files."""
    folder = opened.folder or Path()
    hashes = {
        each.path: _hash_file(folder / each.path.lstrip("/")) for each in opened.files
    }
    return Witnesses(hashes=hashes, deep=True)


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Reader:
    """Asks about one model after the other; a ledger is read once for all of them."""

    def __init__(self, client: Pachyderm, *, deep: bool) -> None:
        self._client = client
        self._deep = deep
        self._ledgers: dict[Branch, asyncio.Task[Ledger]] = {}

    def deeper(self) -> "Reader":
        """One that reads every file, and no ledger again."""
        other = Reader(self._client, deep=True)
        other._ledgers = self._ledgers
        return other

    async def read(self, opened: Opened) -> Witnesses:
        """Ask everybody about a model in Pachyderm."""
        statement, found = opened.statement, opened.found
        if found is None:
            return read_folder(opened)
        repo, model = _run_repo(statement), found.model
        place = _place_of(statement.material("input"))
        of_run, of_data, of_model = await asyncio.gather(
            asyncio.gather(
                self._read_run(repo, model.run, statement),
                self._lines_of(repo, model.training),
            ),
            asyncio.gather(
                self._read_data(place, _paths(statement)),
                self._read_beginning(statement),
                _witness(self._ask_previous(found, statement)),
            ),
            asyncio.gather(
                self._read_head(found),
                self._read_promotion(opened, found),
                read_strangers(self._client, found.passed),
            ),
        )
        (run, ledger), (data, beginning, previous) = of_run, of_data
        shown, promotion, strangers = of_model
        seen = Witnesses(
            run=run,
            run_repo=repo,
            ledger=_about(ledger, model.run),
            moves=_about(ledger, model.commit),
            promotion=promotion,
            data=data,
            beginning=beginning,
            previous=previous,
            shown=shown,
            strangers=strangers,
            deep=self._deep,
        )
        every = [each.path for each in opened.files]
        paths = every if self._deep else find_changed(opened.files, run)
        return replace(seen, hashes=await self._hash_all(found.commit, paths))

    async def _read_run(
        self, repo: Repo | None, run: str, statement: Statement
    ) -> Run | Absence:
        if repo is None:
            return Absence.UNASKED
        return await _witness(self._ask_run(repo, run, statement))

    async def _ask_run(
        self, repo: Repo, run: str, statement: Statement
    ) -> Run | Absence:
        commit = await self._client.commit(repo, run)
        if commit is None or commit.id != run:  # The name of a branch means its head.
            return Absence.GONE
        path = dig_text(statement.asked, "spec", "output", "path") or ""
        attempt = read_attempt(commit)
        asked, manifest, report, files = await asyncio.gather(
            self._client.read(repo, run, ATTEMPT_FILE),
            self._client.read(repo, run, manifest_file(path)),
            self._read_report(repo, attempt, path),
            self._client.files(repo, run),
        )
        return Run(
            commit,
            attempt,
            asked=read_object(asked or b"") or {},
            manifest=read_object(manifest or b"") or {},
            manifest_sha256=hashlib.sha256(manifest or b"").hexdigest(),
            files=files,
            report=report or b"",
        )

    async def _read_report(
        self, repo: Repo, attempt: Attempt | None, path: str
    ) -> bytes | None:
        if attempt is None or attempt.trial is None:
            return None
        return await self._client.read(repo, attempt.staging, beside(path, REPORT))

    async def _read_promotion(self, opened: Opened, found: Found) -> bytes | None:
        if all(each.path != PROMOTION_FILE for each in opened.files):
            return None
        commit = found.commit
        return await self._client.read(commit.repo, commit.id, PROMOTION_FILE)

    async def _lines_of(self, repo: Repo | None, training: str) -> Ledger:
        if repo is None:
            return Absence.UNASKED
        branch = Branch(repo, training.replace("/", "_") + _LEDGER_SUFFIX)
        if branch not in self._ledgers:
            reading = _witness(self._ask_ledger(branch))
            self._ledgers[branch] = asyncio.ensure_future(reading)
        return await self._ledgers[branch]

    async def _ask_ledger(self, branch: Branch) -> Ledger:
        content = await read_ledger(self._client, branch)
        if not content:
            return Absence.GONE
        # In a thread: ten thousand lines take half a second.
        return await asyncio.to_thread(_sort_lines, content)

    async def _read_data(
        self, place: tuple[Repo, str] | None, paths: Iterable[str]
    ) -> Data | Absence:
        if place is None:
            return Absence.UNASKED
        return await _witness(self._ask_data(*place, paths))

    async def _ask_data(
        self, repo: Repo, name: str, paths: Iterable[str]
    ) -> Data | Absence:
        commit = await self._client.commit(repo, name)
        if commit is None or commit.id != name:
            return Absence.GONE
        files: dict[str, DataFile] = {}
        for path in paths:
            found = await self._client.files(repo, name, path)
            for each in (each for each in found if each.path == path):
                sha256 = await self._hash(commit, each.path) if self._deep else None
                files[each.path] = DataFile(each.size, sha256)
        return Data(commit, files)

    async def _read_beginning(self, statement: Statement) -> Data | Absence:
        material = statement.material("warmStart")
        path = dig_text(material, "annotations", "path")
        place = _place_of(material)
        return await self._read_data(place, [path] if path else [])

    async def _ask_previous(
        self, found: Found, statement: Statement
    ) -> Previous | Absence:
        """As whoever publishes finds it: the training's newest model below."""
        recorded = dig(statement.internal, PREVIOUS)
        if not isinstance(recorded, str):
            return Absence.UNASKED
        repo, newest = found.commit.repo, await self._newest_below(found)
        there = recorded in {"", newest} or await self._client.commit(repo, recorded)
        return Previous(newest, is_there=bool(there))

    async def _newest_below(self, found: Found) -> str:
        commit = found.commit
        if commit.parent is None:
            return ""
        walk = self._client.history(commit.repo, commit.parent, page=_PAGE)
        async with aclosing(walk):
            async for older in walk:
                is_ours = model_of(older, found.model.training) is not None
                if is_ours and older.state is CommitState.FINISHED:
                    return older.id
        return ""

    async def _read_head(self, found: Found) -> Sequence[File] | None:
        head = found.passed[0] if found.passed else None
        if head is None:
            return None
        try:
            return await self._client.files(head.repo, head.id)
        except (NotFoundError, TooLargeError):
            return ()

    async def _hash_all(self, commit: Commit, paths: Iterable[str]) -> dict[str, str]:
        return {path: await self._hash(commit, path) for path in paths}

    async def _hash(self, commit: Commit, path: str) -> str:
        digest = hashlib.sha256()
        chunks = self._client.chunks(commit.repo, commit.id, path)
        async with aclosing(chunks):
            async for chunk in chunks:
                digest.update(chunk)
        return digest.hexdigest()


def _sort_lines(content: bytes) -> dict[str, list[Entry]]:
    """By what they are about."""
    lines: dict[str, list[Entry]] = {}
    for each in filter(None, map(read_line, content.splitlines())):
        is_about_model = each.decision in ABOUT_PRODUCTION
        about = each.output if is_about_model else each.run
        lines.setdefault(about, []).append(each)
    return lines


async def _witness(question: Awaitable[T | Absence]) -> T | Absence:
    """Ask; who is not there, or not for us, is a silent witness."""
    try:
        return await question
    except DeniedError:
        return Absence.DENIED
    except (NotFoundError, RefusedError):  # Or no such thing can be.
        return Absence.GONE


def _about(ledger: Ledger, name: str) -> Sequence[Entry] | Absence:
    return ledger if isinstance(ledger, Absence) else ledger.get(name, ())


def _run_repo(statement: Statement) -> Repo | None:
    project, slash, name = (statement.run_repo or "").partition("/")
    return Repo(project, name) if slash else None


def _place_of(material: Mapping[str, Any]) -> tuple[Repo, str] | None:
    project, slash, name = str(dig(material, "annotations", "repo")).partition("/")
    commit = dig_text(material, "annotations", "commit")
    return (Repo(project, name), commit) if slash and commit else None


def _paths(statement: Statement) -> list[str]:
    paths = (str(each.get("path")) for each in statement.data_files())
    return list(dict.fromkeys(f"/{path.lstrip('/')}" for path in paths))
