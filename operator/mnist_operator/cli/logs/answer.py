"""mnistctl logs: from the pod while there is one, else from the run repo.

Either of the two is enough. Pachyderm knows every run, and whose it was; Kubernetes
knows what those of today say right now.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import click

from mnist_operator.cli import jobs
from mnist_operator.cli.clusters import Place
from mnist_operator.cli.failures import (
    ExitStatus,
    NoAnswerError,
    NotThereError,
    explain,
)
from mnist_operator.cli.inquiries import ask, connect, name_training
from mnist_operator.cli.logs import runs as logging_runs
from mnist_operator.cli.logs.lookup import find_run
from mnist_operator.cli.logs.runs import Run, Wanted, parse_wanted
from mnist_operator.cli.outputs import is_place_given, join_body
from mnist_operator.cli.pointers import tell_search
from mnist_operator.commits import Repo
from mnist_operator.errors import NotFoundError, UpstreamError
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.places import run_repo
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import LOG_FILE
from mnist_operator.tfjob import RUN_LABEL

__all__ = ["show_log"]

_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 5.0
"""So long pachd may take for its first answer: the pod may be there to be asked."""
_LOG_LIMIT = 1 << 30


@dataclass(frozen=True, slots=True)
class Search:
    """One question, and whom to ask."""

    wanted: Wanted
    client: Pachyderm
    repo: Repo
    cluster: jobs.Jobs | None
    why: str
    """Why there is no cluster to ask."""
    follow: bool
    replica: str


def show_log(
    *,
    name: str,
    follow: bool,
    attempt: int | None,
    replica: str,
    namespace: str | None,
    kubeconfig: str | None,
    context: str | None,
    **options: Any,
) -> None:
    """Write a run's log to standard output, as it is."""
    try:
        wanted = parse_wanted(name)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if attempt is not None and (wanted.run or not wanted.training):
        raise click.UsageError("--attempt asks a MnistTraining: write its name")
    place = Place(kubeconfig, context, wanted.namespace or namespace)
    connection, is_given = connect(options), is_place_given()

    async def answer(client: Pachyderm) -> None:
        async with _cluster(place) as (cluster, why):
            inside = cluster.namespace if cluster else place.namespace or "default"
            training = name_training(wanted.training or "any", inside, options)
            if cluster and wanted.training and not is_given:
                training = await _look_up(cluster, training)
            search = Search(
                wanted, client, run_repo(training), cluster, why, follow, replica
            )
            await _answer(search, training, attempt)

    try:
        ask(connection, answer)
    except KeyboardInterrupt:
        raise click.exceptions.Exit(ExitStatus.INTERRUPTED) from None
    except BrokenPipeError:
        # Its reader has seen enough; Python would complain of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@asynccontextmanager
async def _cluster(place: Place) -> AsyncIterator[tuple[jobs.Jobs | None, str]]:
    """The cluster, or why there is none: Pachyderm has the logs of all that ended."""
    async with AsyncExitStack() as stack:
        cluster, why = None, ""
        try:
            opened = jobs.connect(place, os.environ)
            cluster = await stack.enter_async_context(opened)
        except NoAnswerError as error:
            why = str(error)
        yield cluster, why


async def _look_up(cluster: jobs.Jobs, named: MnistTraining) -> MnistTraining:
    """With the places of its spec, if the cluster says them soon.

    A TFJob's name begins with that of its training, which says where its run is.
    """
    with suppress(NoAnswerError, TimeoutError):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            body = await cluster.training(named.namespace, named.name)
            if body is not None:
                return join_body(named, body)
            owner = named.name.rpartition("-")[0]
            body = await cluster.training(named.namespace, owner) if owner else None
            if body is not None:
                spec = join_body(named, body).spec
                return named.model_copy(update={"spec": spec})
    return named


async def _answer(search: Search, training: MnistTraining, attempt: int | None) -> None:
    """Ask both, first whose log it is.

    Raises:
        NotThereError: There is no such run, or it has no log.
        NoAnswerError: Neither of the two could be asked.
    """
    connection, run, unknown = search.client.connection, None, ""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await search.client.repo_exists(search.repo)
        run = await find_run(search.client, training, search.wanted, attempt)
    except TimeoutError:
        unknown = f"pachd at {connection.address} does not answer: see --address"
    except UpstreamError as error:
        signed_in = connection.token is not None
        unknown = explain(error, connection.address, signed_in=signed_in)
    if run is None and not unknown:
        raise NotThereError(_explain_unknown(search, training))
    await _tell(search, run, unknown, training.namespace)


def _explain_unknown(search: Search, training: MnistTraining) -> str:
    wanted = search.wanted
    if wanted.training and not wanted.job:
        run = f", nor one whose ID begins with {wanted.run}" if wanted.run else ""
        return (
            f"{search.repo} has no run of a MnistTraining {training.key}{run};"
            f" {tell_search(training)}"
        )
    return (
        f"{search.repo} has no run {wanted.run}: check the ID, and name the run repo"
        " with --run-repo, or with --repo the output repo that it belongs to"
        " (--project); mnistctl runs shows those of a MnistTraining"
    )


async def _tell(search: Search, run: Run | None, unknown: str, inside: str) -> None:
    """Tell the log from wherever it is; with `follow`, wait until it is somewhere."""
    told = ""
    while True:
        why = await _tell_pod(search, run, inside)
        if not why:
            return
        if run is None:
            raise NoAnswerError(f"{why}; and {unknown}")
        if search.replica:
            told = f"{why}; {search.repo} keeps the log of one pod alone"
            raise NotThereError(f"{told}: leave --replica out")
        if await _tell_file(search, run, why):
            return
        absence = logging_runs.tell_absence(run, f"{search.repo}@{run.staging}")
        if not (search.follow and run.is_open):
            raise NotThereError(f"{absence} ({why})")
        _say_once(f"Waiting: {absence} ({why})" if not told else "")
        told = absence
        await asyncio.sleep(_LOOK_SECONDS)
        commit = await search.client.commit(search.repo, run.staging)
        run = (logging_runs.read_staging(commit) if commit else None) or run


async def _tell_pod(search: Search, run: Run | None, inside: str) -> str:
    """Tell what a pod says; empty, or why nothing was told."""
    if search.cluster is None:
        return search.why
    try:
        return await _ask_cluster(search.cluster, search, run, inside)
    except (jobs.NotStartedError, NotThereError) as error:
        return str(error)
    except ValueError as error:
        raise NotThereError(str(error)) from None
    except NoAnswerError as error:
        return str(error)


async def _ask_cluster(
    cluster: jobs.Jobs, search: Search, run: Run | None, inside: str
) -> str:
    namespace = run.namespace if run else inside
    staging = run.staging if run else ""
    if not staging:
        every = await cluster.pods(namespace, RUN_LABEL)
        staging = logging_runs.run_of_pod(every, search.wanted)
    if not staging:
        return f"namespace {namespace} has no pod of {search.wanted.text}"
    selector = f"{RUN_LABEL}={staging}"
    pods = await cluster.pods(namespace, selector)
    bodies = await cluster.tfjobs(namespace, selector)
    pod = logging_runs.choose_pod(pods, bodies, search.replica)
    if not pod:
        return f"no pod of it is left in namespace {namespace}"
    async with aclosing(cluster.log(namespace, pod, follow=search.follow)) as pieces:
        said = f"From pod {namespace}/{pod} of run {staging}"
        try:
            async for piece in pieces:
                _say_once(said)
                said = ""
                _write(piece)
        except NotThereError:
            if said:  # Else it went while it was followed: that was its end.
                raise
    _say_once(said)
    return ""


async def _tell_file(search: Search, run: Run, why: str) -> bool:
    """Tell the log that was kept; False where none was."""
    try:
        content = await search.client.read(
            search.repo, run.staging, LOG_FILE, limit=_LOG_LIMIT
        )
    except NotFoundError:  # The commit was squashed just now.
        return False
    if not content:
        return False
    place = f"{search.repo}@{run.staging}:{LOG_FILE}"
    _say_once(f"From {place} ({run.told}), for {why}")
    _write(content)
    return True


def _say_once(line: str) -> None:
    if line:
        click.echo(line, err=True)


def _write(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
