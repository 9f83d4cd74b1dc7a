"""The demo: `make demo`, or `make demo KEEP=1` to leave everything running.

Its last line is one JSON object: the two runs, and whether the records that
Pachyderm holds of them are true.
"""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from demo.cluster import Cluster, ClusterError
from demo.pachd import Pachd, PachydermError
from demo.parts import PartError, Parts, stop_recorded
from demo.screen import Screen
from demo.stage import Servers, prepare_data, start_cluster, start_operator
from demo.story import Story

__all__ = ["main"]

_FOLDER = Path(".local/demo")
_RECORD = _FOLDER / "running.json"
_PYTHON = ".venv/operator/bin/python"
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Tell the story; 0 when both records are true."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running")
    parser.add_argument("--stop", action="store_true", help="stop what was left")
    options = parser.parse_args(arguments)
    screen = Screen()
    for name in stop_recorded(_RECORD):
        screen.tell(f"stopped the {name} of the last demo")
    if options.stop:
        return 0
    signal.signal(signal.SIGTERM, _interrupt)
    parts = Parts(_FOLDER)
    with contextlib.closing(_Stopper(parts)):
        return _guarded(screen, parts, keep=options.keep)


class _Stopper:
    """Stops all parts on the way out, however that way is taken."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def close(self) -> None:
        self._parts.stop()


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _guarded(screen: Screen, parts: Parts, *, keep: bool) -> int:
    try:
        return _play(screen, parts, keep=keep)
    except PartError as error:
        screen.bad(str(error))
        logs = [("", list(error.lines))] if error.lines else parts.tails()
    except (ClusterError, PachydermError, OSError) as error:
        screen.bad(str(error))
        logs = parts.tails()
    except KeyboardInterrupt:
        screen.bad("interrupted")
        return _INTERRUPTED
    for name, lines in logs:
        for line in lines:
            screen.log(line, source=name)
    return 1


def _play(screen: Screen, parts: Parts, *, keep: bool) -> int:
    screen.step("Find handwritten digits")
    source, files = prepare_data(_FOLDER)
    screen.good(source)
    servers = _servers(screen, parts)
    cluster = Cluster(servers.kubeconfig, os.environ.get("NAMESPACE", "default"))
    with contextlib.closing(Pachd(servers.pachd_address)) as pachd:
        story = Story(screen, parts, servers, cluster, pachd)
        story.define()
        start_operator(parts, servers)
        story.create_repos()
        story.apply()
        titles = ("Push a data set", "Push a second, different one")
        runs = [story.push(*each) for each in zip(files, titles, strict=True)]
        story.answer()
        verified = story.verify(runs)
    if keep:
        _explain(screen, servers)
        parts.keep(_RECORD)
    screen.tell("")
    screen.result({"runs": [asdict(run) for run in runs], "verified": verified})
    return 0 if verified else 1


def _servers(screen: Screen, parts: Parts) -> Servers:
    given = Servers.given()
    if given is not None:
        screen.step("Use the servers that the environment names")
        servers = given
    else:
        screen.step("Start the local cluster: a Kubernetes API, a node, a pachd")
        servers = start_cluster(parts, _FOLDER)
    for name, value in servers.environment.items():
        screen.tell(f"{name}={value}")
    return servers


def _explain(screen: Screen, servers: Servers) -> None:
    screen.step("Everything is still running; look around")
    for name, value in servers.environment.items():
        screen.command(f"export {name}={value}")
    screen.command("kubectl get mnisttrainings,tfjobs,pods")
    screen.command("kubectl describe mt mnist")
    screen.command(f"PYTHONPATH=operator {_PYTHON} -m mnist_operator.cli history mnist")
    screen.tell("S3: path-style, signature v4, any access key that equals the secret")
    screen.command(
        "AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any aws"
        f" --endpoint-url http://{servers.s3_endpoint} s3 ls s3://master.outputrepo"
    )
    screen.tell("Logs are in .local/demo. To stop it all:")
    screen.command("make demo-stop")


if __name__ == "__main__":
    sys.exit(main())
