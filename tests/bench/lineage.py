"""One question about an old model, by the ways in which it can be asked.

A history of published models with their input commits, records and ledger, on a pachd
that needs 10 ms for every commit that it lists; only the commits of the runs are left
out. The floor is the same program that is given the whole ID: whatever another way
takes longer is what finding the model costs.
"""

import asyncio
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from bench.servers import Servers
from bench.tables import Result
from mnist_operator import lineage, places, runs
from mnist_operator.decisions import Entry, to_lines
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.pachyderm import Pachyderm, PutFile
from mnist_operator.resource import MnistTraining, Spec
from unit import mnistctl_records as records

__all__ = ["measure_lineage"]

_ROUNDS = 5
_TRAINING = MnistTraining(namespace="bench", name="mnist", uid="uid", spec=Spec())


@dataclass(frozen=True, slots=True)
class _Asked:
    """One way to ask."""

    seconds: float
    calls: Counter[str]


async def measure_lineage(servers: Servers, models: int) -> Result:
    """Ask for the oldest of so many models."""
    client = servers.pachyderm
    for branch in (
        places.input_branch(_TRAINING),
        places.output_branch(_TRAINING),
        places.slot_branch(_TRAINING),
    ):
        await client.create_repo(branch.repo)
    entries = [await _publish(client, number) for number in range(models)]
    await client.append(places.ledger_branch(_TRAINING), LEDGER_FILE, to_lines(entries))
    old = entries[min(1, models - 1)]
    moment = (old.time + timedelta(microseconds=1)).isoformat()
    ways = {
        "the whole ID": [old.output],
        "8 digits of it": [old.output[:8]],
        "--at": ["--at", moment],
        "tfjob/NAME": [f"tfjob/{old.tfjob}"],
        "the branch": ["outputrepo@master"],
        "--up": [old.output, "--up"],
        "input commit --down": [f"inputrepo@{old.commit}", "--down"],
        "8 digits --down": [old.commit[:8], "--down"],
    }
    found: dict[str, list[_Asked]] = {name: [] for name in ways}
    for _ in range(_ROUNDS):
        for name, arguments in ways.items():
            found[name].append(await _ask(servers, arguments))
    return _tell(models, found)


async def _publish(client: Pachyderm, number: int) -> Entry:
    source = await _commit(client, places.input_branch(_TRAINING), "", {})
    staging = f"{number:032x}"[::-1]
    asked: dict[str, Any] = records.asked()
    asked |= {"staging": staging, "input": {**asked["input"], "commit": source}}
    spec = runs.run_spec(_TRAINING, default_image=records.IMAGE)
    asked |= {"spec": spec, "specSha256": runs.digest(spec)}
    asked["training"] |= {"namespace": "bench"}
    facts = records.ended(staging=staging)
    evidence = replace(records.evidence(), attempt=asked, facts=facts)
    statement = runs.canonical(lineage.build_statement(evidence))
    description = lineage.describe_model(
        evidence, statement_sha256=records.sha256(statement)
    )
    files = {"/my_model.h5": b"model", "/run.json": b"{}"}
    output = await _commit(
        client,
        places.output_branch(_TRAINING),
        description,
        {**files, lineage.LINEAGE_FILE: statement},
    )
    commit = await client.commit(places.output_branch(_TRAINING).repo, output)
    model = lineage.read_model(commit) if commit else None
    assert commit, output
    assert model, output
    entry = lineage.publication_of(commit, model)
    return replace(entry, time=commit.finishing or datetime.now(UTC))


async def _commit(
    client: Pachyderm, branch: Any, description: str, files: dict[str, bytes]
) -> str:
    commit = await client.start_commit(branch, description=description)
    if files:
        written = [PutFile(path, content) for path, content in files.items()]
        await client.modify(branch.repo, commit, written)
    await client.finish_commit(branch.repo, commit, description=description)
    return commit


async def _ask(servers: Servers, arguments: list[str]) -> _Asked:
    before = await servers.calls()
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "mnist_operator.cli",
        "lineage",
        *arguments,
        env={**os.environ, **servers.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    seconds = time.perf_counter() - began
    assert process.returncode == 0, (arguments, out.decode(), err.decode())
    calls = await servers.calls() - before
    return _Asked(seconds, calls)


def _tell(models: int, found: dict[str, list[_Asked]]) -> Result:
    figures = {
        name: {
            "ms": round(median(each.seconds for each in asked) * 1000),
            "calls": asked[-1].calls.total(),
        }
        for name, asked in found.items()
    }
    floor = next(iter(figures.values()))["ms"]
    rows = [
        (name, str(f["ms"]), f"{f['ms'] / floor:.2f}", str(f["calls"]))
        for name, f in figures.items()
    ]
    return Result(
        title=f"mnistctl lineage: the oldest of {models} models",
        columns=("asked by", "ms", "ratio", "calls to pachd"),
        rows=rows,
        remark=f"Medians of {_ROUNDS}, each with the start of the program.",
        figures={"models": models, **figures},
    )
