"""From a commit that is finished to its TFJob: the operator beside the floor.

Commits are pushed one at a time, to the operator's repo and to the floor's by turns,
so that whatever else the machine does slows both. Each side is a process of its
own, as are the servers, which stamp both moments: `finished` of the commit, and the
end of the TFJob's creation.
"""

import json
from contextlib import AsyncExitStack
from typing import Any

from bench.programs import Program
from bench.servers import NAMESPACE, Servers
from bench.stage import Stage
from bench.tables import Result, spread
from mnist_operator import places, runs
from mnist_operator.commits import Branch, Repo
from mnist_operator.resource import parse_training
from mnist_operator.tfjob import TRAINING_LABEL, Endpoint, JobRequest, build_tfjob

__all__ = ["measure_latency"]


async def measure_latency(servers: Servers, commits: int) -> Result:
    """Measure so many commits on each side."""
    ours: list[float] = []
    floors: list[float] = []
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(Stage(servers))
        floor = Branch(Repo("default", f"{stage.name}-floor"), "master")
        await servers.pachyderm.create_repo(floor.repo)
        program = _floor(servers, stage, floor)
        await stack.enter_async_context(program)
        await _floor_round(stage, floor)  # It has to be there before it is measured.
        for _ in range(commits):
            ours.append(await _round(stage))
            floors.append(await _floor_round(stage, floor))
    return _tell(ours, floors)


async def _round(stage: Stage) -> float:
    push = await stage.push(stage.input)
    job, seconds = await stage.latency(push)
    await stage.succeed(job)
    await stage.settled(push.commit)
    return seconds


async def _floor_round(stage: Stage, floor: Branch) -> float:
    push = await stage.push(floor)
    job, seconds = await stage.latency(push)
    await stage.end(job)
    return seconds


def _floor(servers: Servers, stage: Stage, floor: Branch) -> Program:
    template = servers.root / "floor-job.json"
    template.write_text(json.dumps(_template(servers, stage)))
    environment = {"FLOOR_REPO": floor.repo.name, "FLOOR_JOB": str(template)}
    return Program(servers, "floor", "bench.floor", environment)


def _template(servers: Servers, stage: Stage) -> dict[str, Any]:
    """The operator's own TFJob, with COMMIT where a commit's ID goes."""
    training = parse_training(stage.body)
    request = JobRequest(
        name="floor-COMMIT",
        namespace=NAMESPACE,
        training=stage.name,
        uid=training.uid,
        commit="COMMIT",
        staging="COMMIT",
        slot=places.slot_branch(training).name,
        attempt=1,
        spec=runs.run_spec(training, default_image="mnist-operator/trainer:0.1.0"),
        run_repo=training.spec.run_repo,
        endpoint=Endpoint(servers.environment["S3_ENDPOINT"]),
    )
    body = build_tfjob(request)
    # No training's: the operator must not take it for a stray.
    body["metadata"]["labels"] |= {TRAINING_LABEL: "floor"}
    return body


def _tell(ours: list[float], floors: list[float]) -> Result:
    quarter = max(len(ours) // 4, 1)
    found = {"operator": spread(ours), "floor": spread(floors)}
    ratios = {
        "ratio": _ratio(ours, floors),
        "ratio_first_quarter": _ratio(ours[:quarter], floors[:quarter]),
        "ratio_last_quarter": _ratio(ours[-quarter:], floors[-quarter:]),
    }
    return Result(
        title="Latency: commit finished -> TFJob created",
        columns=("", "p50 ms", "p99 ms"),
        rows=[
            ("operator", *_cells(found["operator"])),
            ("bare watcher", *_cells(found["floor"])),
            ("ratio (goal: at most 2)", *_cells(ratios["ratio"])),
            ("... of the first quarter", *_cells(ratios["ratio_first_quarter"])),
            ("... of the last quarter", *_cells(ratios["ratio_last_quarter"])),
        ],
        remark=f"{len(ours)} commits on each side, by turns.",
        figures={**found, **ratios, "commits": len(ours)},
    )


def _ratio(ours: list[float], floors: list[float]) -> dict[str, float]:
    mine, least = spread(ours), spread(floors)
    return {name: round(mine[name] / least[name], 2) for name in mine}


def _cells(values: dict[str, float]) -> tuple[str, str]:
    return f"{values['p50']:.2f}", f"{values['p99']:.2f}"
