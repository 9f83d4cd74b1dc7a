"""The operator's own eyes, lent to a user: what it would observe now, read only.

The readings are the operator's. Only who asks is somebody else: a user with fewer
rights, perhaps outside of the cluster, who does not know the operator's settings.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

from mnist_operator.access import Access, Door
from mnist_operator.cli.clusters import Cluster
from mnist_operator.cli.failures import NoAnswerError
from mnist_operator.cli.plan.settings import Own, find_settings
from mnist_operator.errors import DeniedError
from mnist_operator.neighbours import Neighbours
from mnist_operator.observer import Observer
from mnist_operator.pachyderm import Connection, Connections
from mnist_operator.plan import Observed
from mnist_operator.readings import Memory, find_latest, read_contents, read_source
from mnist_operator.resource import MnistTraining
from mnist_operator.settings import Settings

__all__ = ["Eyes", "UserAccess", "open_eyes"]


class UserAccess(Access):
    """Opens doors as the operator does, as far as the user is let in.

    Address and token come from one hand. A MnistTraining may name any address, so
    the user's own token is sent only to the one that the user named.
    """

    def __init__(self, cluster: Cluster, settings: Settings, own: Own) -> None:
        self._pool = Connections()
        super().__init__(cluster.kube, self._pool, settings, time.monotonic)
        self._cluster = cluster
        self._own = own
        self.notes: list[str] = []

    async def open(self, training: MnistTraining) -> Door:
        """The user's client, and the endpoint that the trainer's pod would have."""
        secret = training.spec.pachyderm.secret_ref
        if secret is None or await self._may_read(training.namespace, secret.name):
            door = await super().open(training)
        else:
            door = await self._guess(training, secret.name)
        return replace(
            door, client=await self._pool.get(self._connection(training, door))
        )

    async def close(self) -> None:
        """Hang up."""
        await self._pool.close()

    async def _may_read(self, namespace: str, name: str) -> bool:
        try:
            await self._cluster.kube.read_secret(namespace, name)
        except DeniedError:
            return False
        return True

    async def _guess(self, training: MnistTraining, secret: str) -> Door:
        """What most Secrets hold: a token, and no CA."""
        where = f"Secret {training.namespace}/{secret}"
        if not self._own.is_used(training):
            raise NoAnswerError(
                f"{where} may not be read: ask whoever runs the cluster for get on it,"
                " or name pachd with --address, and a token of your own with"
                " --token-file or PACHYDERM_TOKEN"
            )
        self.notes.append(
            f"{where} may not be read: the TFJobs are shown as with key token and"
            " without key ca.crt in it."
        )
        spec = training.spec
        place = spec.pachyderm.model_copy(update={"secret_ref": None})
        bare = spec.model_copy(update={"pachyderm": place})
        door = await super().open(training.model_copy(update={"spec": bare}))
        endpoint = replace(door.endpoint, secret=secret, token_key="token")  # noqa: S106
        return replace(door, endpoint=endpoint)

    def _connection(self, training: MnistTraining, door: Door) -> Connection:
        theirs, own = door.client.connection, self._own.connection
        if not self._own.is_used(training):
            return theirs
        return replace(
            own,
            token=own.token or theirs.token,
            root_certificates=own.root_certificates or theirs.root_certificates,
            tls=own.tls or theirs.tls,
        )


class Eyes:
    """One look, and what rests on decisions that were not made yet."""

    def __init__(self, access: UserAccess, observer: Observer) -> None:
        self._access = access
        self._observer = observer
        # The operator would make missing repos and its branch in the input repo; who
        # only looks makes nothing.
        self._memory = Memory(repos_made=True, pinned=True)
        self._start: object = None

    async def look(self, training: MnistTraining) -> tuple[Observed, Door]:
        """Everything that the operator would decide on now."""
        observed, door = await self._observer.observe(training, self._memory)
        self._start = observed.ledger.start
        self._door = door
        return observed, door

    @property
    def notes(self) -> list[str]:
        """What was guessed."""
        return self._access.notes

    async def close(self) -> None:
        """Hang up."""
        await self._access.close()

    async def refresh(self, observed: Observed) -> Observed:
        """Read what is looked at next, once something was decided."""
        client, training = self._door.client, observed.training
        source, ledger = observed.source, observed.ledger
        if ledger.start != self._start:  # What waits is counted from there.
            self._start = ledger.start
            source = await read_source(
                client, training, self._memory, source.head, ledger
            )
        latest = await find_latest(client, training, ledger, observed.spec_digest)
        observed = replace(observed, source=source, latest=latest)
        self._expect_nothing_of(self._assumed(observed), training)
        contents = await read_contents(client, observed, self._memory)
        return replace(observed, source=replace(source, contents=contents))

    def _assumed(self, observed: Observed) -> list[str]:
        """Commits that are taken for finished, and are being written in fact."""
        known = {each.id: each.state for each in self._memory.backlog.commits}
        waiting = observed.source.waiting
        return [c.id for c in waiting if known.get(c.id, c.state) is not c.state]

    def _expect_nothing_of(
        self, commits: Sequence[str], training: MnistTraining
    ) -> None:
        """What will be in them, nobody knows: that counts as changed."""
        globs = training.spec.trigger.paths
        for each in commits:
            self._memory.contents[each, *globs] = ""


async def open_eyes(cluster: Cluster, training: MnistTraining, own: Own) -> Eyes:
    """Get ready to look at one training; nothing is asked of pachd yet."""
    settings, notes = await find_settings(cluster, training, own)
    access = UserAccess(cluster, settings, own)
    access.notes += notes
    neighbours = Neighbours(cluster.kube, settings)
    observer = Observer(
        cluster.kube, access, neighbours, default_image=settings.trainer_image
    )
    return Eyes(access, observer)
