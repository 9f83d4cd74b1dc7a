"""The log of a run that is under way, from its pod; a few seconds old at most."""

from mnist_operator.cli.dashboard.keeping import Kept
from mnist_operator.cli.dashboard.words import lines
from mnist_operator.cli.jobs import Jobs
from mnist_operator.cli.logs.runs import choose_pod
from mnist_operator.tfjob import RUN_LABEL

__all__ = ["Pods"]

_SECONDS = 3.0
_KEPT = 50
_LINES = 200
_LOG_BYTES = 64 << 10


class Pods:
    """Asks the cluster for logs, once for all who look."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._logs: Kept[str] = Kept(_KEPT, _SECONDS)

    async def close(self) -> None:
        """End what is being asked."""
        await self._logs.close()

    async def log(self, namespace: str, run: str) -> str:
        """The end of it; empty before there is one.

        Raises:
            NoAnswerError: The cluster does not say.
        """

        async def read() -> str:
            pods = await self._jobs.pods(namespace, f"{RUN_LABEL}={run}")
            pod = choose_pod(pods, [])
            if not pod:
                return ""
            content = await self._jobs.tail(namespace, pod, _LINES)
            return lines(content, _LOG_BYTES)

        return await self._logs.get((namespace, run), read)
