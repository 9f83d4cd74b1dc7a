"""What one more MnistTraining costs, in one operator process that follows them all.

The trainings have names, input branches and output branches of their own, in one
input repo and one output repo, and nothing to do: each input branch has one
commit, and is followed from the next one on. The numbers are from /proc, so on Linux.
"""

import asyncio

from bench.api import Sighting
from bench.programs import Program, operator
from bench.servers import NAMESPACE, Servers
from bench.stage import TRAININGS, has_conditions, training
from bench.tables import Result
from mnist_operator.commits import Branch, Repo

__all__ = ["measure_memory"]

_SETTLING_SECONDS = 12.0
"""Longer than the operator's poll period: every feed has looked again by then."""
_INPUT = Repo("default", "input")
Megabytes = dict[str, float]


async def measure_memory(servers: Servers, trainings: int) -> Result:
    """Measure at one training, and at so many."""
    api = servers.api
    await servers.pachyderm.create_repo(_INPUT)
    async with Sighting(api, TRAININGS, lambda one: one["metadata"]["name"]) as seen:
        await _apply(servers, 0)
        async with operator(servers, NAMESPACE) as program:
            await seen.when("t0", has_conditions)
            one = await _measure(program)
            for number in range(1, trainings):
                await _apply(servers, number)
            for number in range(1, trainings):
                await seen.when(f"t{number}", has_conditions, seconds=300)
            many = await _measure(program)
    return _tell(trainings, one, many)


async def _apply(servers: Servers, number: int) -> None:
    branch = Branch(_INPUT, f"b{number}")
    commit = await servers.pachyderm.start_commit(branch, description="")
    await servers.pachyderm.finish_commit(_INPUT, commit)
    spec = {
        "input": {"repo": _INPUT.name, "branch": branch.name},
        "output": {"repo": "output", "branch": f"b{number}"},
        "trigger": {"startFrom": "Next"},
    }
    await servers.api.call("POST", TRAININGS, training(f"t{number}", **spec))


async def _measure(program: Program) -> Megabytes:
    """Let the first looks be over and done with."""
    await asyncio.sleep(_SETTLING_SECONDS)
    return program.memory()


def _tell(trainings: int, one: Megabytes, many: Megabytes) -> Result:
    each = {name: (many[name] - one[name]) / (trainings - 1) for name in one}
    figures = {
        "1": {name: round(value, 1) for name, value in one.items()},
        str(trainings): {name: round(value, 1) for name, value in many.items()},
        "per_further": {name: round(value, 3) for name, value in each.items()},
    }
    rows = [
        ("1 MnistTraining", *(f"{value:.1f}" for value in one.values())),
        (f"{trainings} MnistTrainings", *(f"{value:.1f}" for value in many.values())),
        ("each further one (goal: below 1)", *(f"{v:.3f}" for v in each.values())),
    ]
    return Result(
        title="Memory of the operator's process, idle",
        columns=("", *(f"{name} MB" for name in one)),
        rows=rows,
        remark="Names and branches of their own, in the same repos.",
        figures=figures,
    )
