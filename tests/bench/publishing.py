"""From a closed staging commit to the model's commit: the operator beside pachd.

pachd's own time is that of the four calls which nobody can do without: start a
commit, copy the same files into it, finish it, wait until it is finished. The
operator does that and what makes it safe: it waits for the staging commit, reads
and hashes every file, looks for twins and writes the record.
"""

import time
from datetime import timedelta
from statistics import median

from bench.servers import Servers
from bench.stage import Stage
from bench.tables import Result, spread
from mnist_operator.commits import Branch, Repo
from mnist_operator.pachyderm import CopyFile, DeletePath, Pachyderm
from mnist_operator.runs import OWN_FILES

__all__ = ["measure_publishing"]


async def measure_publishing(servers: Servers, commits: int) -> Result:
    """Publish so many models on each side, by turns."""
    ours: list[float] = []
    closings: list[float] = []
    floors: list[float] = []
    async with Stage(servers) as stage:
        target = Branch(Repo("default", f"{stage.name}-floor"), "master")
        await servers.pachyderm.create_repo(target.repo)
        for _ in range(commits):
            staging, whole, closing = await _round(stage)
            ours.append(whole)
            closings.append(closing)
            floors.append(await _copy(servers.pachyderm, stage.runs, staging, target))
    return _tell(ours, closings, floors)


async def _round(stage: Stage) -> tuple[str, float, float]:
    """One model; the times are pachd's own stamps on its commits."""
    push = await stage.push(stage.input)
    job, _ = await stage.jobs.when(push.commit)
    staging = await stage.succeed(job)
    output = await stage.settled(push.commit)
    client = stage.servers.pachyderm
    run = await client.commit(stage.runs, staging)
    model = await client.commit(stage.output.repo, output)
    assert run
    assert run.finishing
    assert run.finished
    assert model
    assert model.finished
    second = timedelta(seconds=1)
    closing = (run.finished - run.finishing) / second
    return staging, (model.finished - run.finishing) / second, closing


async def _copy(client: Pachyderm, runs: Repo, staging: str, target: Branch) -> float:
    """The floor: the same files from the same staging commit, and nothing else."""
    listed = await client.files(runs, staging)
    paths = [each.path for each in listed if each.path not in OWN_FILES]
    copies = [CopyFile(path, runs, staging, path) for path in paths]
    began = time.perf_counter()
    commit = await client.start_commit(target, description="")
    await client.modify(target.repo, commit, [DeletePath("/"), *copies])
    await client.finish_commit(target.repo, commit)
    await client.commit(target.repo, commit, wait_finished=True)
    return time.perf_counter() - began


def _tell(ours: list[float], closings: list[float], floors: list[float]) -> Result:
    found = {
        "operator": spread(ours),
        "staging_finishes": spread(closings),
        "pachd": spread(floors),
    }
    own = [whole - closing for whole, closing in zip(ours, closings, strict=True)]
    ratios = {
        "ratio": round(median(ours) / median(floors), 2),
        "ratio_without_staging": round(median(own) / median(floors), 2),
    }
    names = {
        "operator": "operator, from staging closed",
        "staging_finishes": "... of which pachd finishes staging",
        "pachd": "pachd: start, copy, finish, wait",
    }
    rows = [
        (name, f"{found[key]['p50']:.2f}", f"{found[key]['p99']:.2f}")
        for key, name in names.items()
    ]
    rows.append(("ratio", f"{ratios['ratio']:.2f}", ""))
    rows.append(
        ("ratio, from staging finished", f"{ratios['ratio_without_staging']:.2f}", "")
    )
    return Result(
        title="Publishing: staging commit closed -> model commit finished",
        columns=("", "p50 ms", "p99 ms"),
        rows=rows,
        remark=f"{len(ours)} models on each side, by turns; four files, 120 kB.",
        figures={**found, **ratios, "models": len(ours)},
    )
