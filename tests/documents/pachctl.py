"""pachctl for a terminal: what the pages ask of it, done by the operator's own client.

pachctl is not here. A program of its name hands its words to the test, where they are
read as pachctl 2 reads them (commands, options and arguments are those of its manual)
and done on a pachd. An unknown word, a repo that is not there, a role that there is
none of: the command fails, as pachctl does.
"""

import argparse
import asyncio
import json
import re
import sys
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn

from documents.terminal import write_program
from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import OperatorError
from mnist_operator.pachyderm import DeletePath, Pachyderm, PutFile

__all__ = ["Pachctl", "on_path"]

_RELAY = Path(__file__).with_name("pachctl_relay.py")
_PLACE = re.compile(r"(?P<repo>[\w-]+)@(?P<at>[\w-]+)(:(?P<path>/.+))?")
_COMMIT = re.compile(r"[0-9a-f]{32}")
_ROLES = {"repoReader", "repoWriter", "repoOwner", "none"}
_SUBJECT = re.compile(r"(robot|user|group):[\w.@-]+")


class _RefusedError(Exception):
    """What pachctl would end with."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _RefusedError(message)


class Pachctl:
    """What one who is logged in can do; `token` is what everybody is given."""

    def __init__(self, client: Pachyderm, token: str = "") -> None:
        self._client = client
        self._token = token
        self.granted: list[tuple[str, str, str]] = []
        """Roles, as repo, role and subject."""

    async def run(self, words: list[str], folder: Path) -> bytes:
        """Do one command, in a folder; what it prints."""
        options = _parser().parse_args(words)
        does = getattr(self, options.does)
        told: bytes | None = await does(options, folder)
        return told or b""

    async def create_repo(self, options: Namespace, _: Path) -> None:
        if await self._client.repo_exists(Repo("default", options.name)):
            raise _RefusedError(f"repo {options.name} already exists")
        await self._client.create_repo(Repo("default", options.name))

    async def create_branch(self, options: Namespace, _: Path) -> None:
        repo, name, _path = _place(options.branch)
        await self._client.create_branch(Branch(repo, name), options.head)

    async def put_file(self, options: Namespace, folder: Path) -> None:
        repo, name, path = _place(options.target)
        content = (folder / options.file).read_bytes()
        commit = await self._client.start_commit(Branch(repo, name), description="")
        changes = [DeletePath(path), PutFile(path, content)]
        await self._client.modify(repo, commit, changes)
        await self._client.finish_commit(repo, commit)
        await self._client.commit(repo, commit, wait_finished=True)

    async def get_file(self, options: Namespace, folder: Path) -> bytes | None:
        repo, at, path = _place(options.source)
        content = await self._client.read(repo, await self._commit(repo, at), path)
        if content is None:
            raise _RefusedError(f"file {path} not found in {repo}@{at}")
        if options.output is None:
            return content
        (folder / options.output).write_bytes(content)
        return None

    async def inspect_commit(self, options: Namespace, _: Path) -> bytes:
        repo, at, _path = _place(options.commit)
        found = await self._client.commit(repo, await self._commit(repo, at))
        assert found is not None
        of = {"name": repo.name, "type": "user", "project": {"name": repo.project}}
        told: dict[str, Any] = {
            "commit": {"repo": of, "id": found.id},
            "description": found.description,
            "started": found.started.isoformat(),
        }
        return json.dumps(told, indent=2).encode() + b"\n"

    async def get_token(self, options: Namespace, _: Path) -> bytes:
        told = self._token if options.quiet else f"Token: {self._token}"
        return f"{told}\n".encode()

    async def set_role(self, options: Namespace, _: Path) -> None:
        if not await self._client.repo_exists(Repo("default", options.name)):
            raise _RefusedError(f"no role binding exists for REPO {options.name}")
        if not (options.role in _ROLES and _SUBJECT.fullmatch(options.subject)):
            raise _RefusedError(f"invalid role or subject: {options}")
        self.granted.append((options.name, options.role, options.subject))

    async def _commit(self, repo: Repo, at: str) -> str:
        if _COMMIT.fullmatch(at):
            return at
        head = await self._client.branch_head_id(Branch(repo, at))
        if head is None:
            raise _RefusedError(f"branch {repo}@{at} has no head")
        return head


def _place(text: str) -> tuple[Repo, str, str]:
    found = _PLACE.fullmatch(text)
    if found is None:
        raise _RefusedError(f"cannot parse {text}")
    return Repo("default", found["repo"]), found["at"], found["path"] or ""


def _parser() -> argparse.ArgumentParser:
    top = _Parser("pachctl", allow_abbrev=False, add_help=False)
    verbs = top.add_subparsers(required=True)

    def command(group: Any, name: str, does: str, *arguments: str) -> Any:
        parser = group.add_parser(name, allow_abbrev=False, add_help=False)
        parser.set_defaults(does=does)
        for each in arguments:
            parser.add_argument(each)
        return parser

    def group(verb: str) -> Any:
        return verbs.add_parser(verb, add_help=False).add_subparsers(required=True)

    create, auth = group("create"), group("auth")
    command(create, "repo", "create_repo", "name")
    branch = command(create, "branch", "create_branch", "branch")
    branch.add_argument("--head", required=True)
    put = command(group("put"), "file", "put_file", "target")
    put.add_argument("-f", "--file", required=True)
    get = command(group("get"), "file", "get_file", "source")
    get.add_argument("-o", "--output")
    inspect = command(group("inspect"), "commit", "inspect_commit", "commit")
    inspect.add_argument("--raw", action="store_true", required=True)
    token = command(auth, "get-robot-token", "get_token", "robot")
    token.add_argument("-q", "--quiet", action="store_true")
    role = command(auth, "set", "set_role")
    role.add_argument("kind", choices=["repo"])
    for each in ("name", "role", "subject"):
        role.add_argument(each)
    return top


@asynccontextmanager
async def on_path(pachctl: Pachctl, programs: Path) -> AsyncIterator[None]:
    """Put it into a folder of programs, for as long as this lasts."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        asked, told, error = json.loads(await reader.readline()), b"", ""
        try:
            told = await pachctl.run(asked["words"], Path(asked["folder"]))
        except (_RefusedError, OperatorError, OSError) as problem:
            error = f"pachctl: {problem}\n"
        writer.write(json.dumps({"error": error}).encode() + b"\n" + told)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        python = (sys.executable, "-I", "-S", str(_RELAY), str(port))
        write_program(programs, "pachctl", *python)
        yield
