"""The page and its world as one program, for a browser that is in another.

It says where the page is in one line of JSON, then does what its standard input says,
a word on each line, and ends with it.
"""

import asyncio
import json
import os
import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from integration.dashboard_site import served
from integration.dashboard_story import LONG, remember_long


@asynccontextmanager
async def _dashboard(pachd, cluster):
    """mnistctl dashboard; gives back its address."""
    environment = {
        **os.environ,
        "KUBECONFIG": str(cluster.kubeconfig),
        "PACHD_ADDRESS": pachd.address,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "mnist_operator.cli", "dashboard", "-A", "--port", "0"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async for line in process.stdout:
            if found := re.search(r"http://\S+", line.decode()):
                yield found.group()
                break
    finally:
        process.terminate()
        await process.wait()


async def _serve(folder):
    async with served(folder) as (pachd, cluster, story):
        await remember_long(story, count=LONG)
        async with _dashboard(pachd, cluster) as address:
            runs = {
                name: entry if isinstance(entry, str) else entry.run
                for name, entry in story.entries.items()
            }
            _say({"address": address, "runs": runs, "held": story.doubtful})
            await _obey(cluster, story)


async def _obey(cluster, story):
    while word := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if word == "publish":
            await story.go_on()
            newest = story.entries["fourth"]
            said = {"lastAccuracy": newest.accuracy, "lastModelCommit": newest.output}
            await cluster.tell("mnist", said)
        _say({"done": word})


def _say(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        asyncio.run(_serve(Path(name)))
