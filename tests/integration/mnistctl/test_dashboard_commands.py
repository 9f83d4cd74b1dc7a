"""The commands that the page and mnistctl print, written into a terminal."""

import html
import re
import shlex

import pytest
import pytest_asyncio

from integration.dashboard_site import open_page, read, served
from integration.mnistctl_programs import fork_mnistctl

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "/trainings/default/mnist"


@pytest_asyncio.fixture(name="world", scope="module", loop_scope="module")
async def _world(tmp_path_factory):
    async with served(tmp_path_factory.mktemp("world")) as world:
        yield world


async def test_the_commands_below_the_pages_work_as_they_are_written(world):
    pachd, cluster, story = world
    second = story.entries["second"]
    run = f"{KEY}/runs/{second.run}"
    async with open_page(pachd, cluster) as page:
        pages = [await read(page, each) for each in (run, f"{run}/data", KEY)]

    found = re.findall(r"<code>mnistctl ([^<]+)</code>", "\n".join(pages))
    commands = [shlex.split(html.unescape(each)) for each in dict.fromkeys(found)]
    answers = [
        await fork_mnistctl(*each, PACHD_ADDRESS=pachd.address) for each in commands
    ]

    told = {each[0]: answer for each, answer in zip(commands, answers, strict=True)}
    assert {"logs", "lineage", "verify", "diff", "history"} <= told.keys()
    # What the story says of its runs is not all true: verify may find that.
    assert {0, 4} >= {each.status for each in answers}
    assert "epoch 5/5" in told["logs"].out
    assert "60" in told["diff"].out


async def test_two_models_of_other_data_say_how_their_data_are_compared(world):
    pachd, _, story = world
    models = [story.entries[each].output for each in ("first", "second")]
    where = {"PACHD_ADDRESS": pachd.address}

    pair = await fork_mnistctl("history", "mnist", "--diff", *models, **where)
    last = pair.out.splitlines()[-1]
    _, _, command = last.partition(": mnistctl ")
    difference = await fork_mnistctl(*shlex.split(command), **where)

    assert last.startswith("How the data differ: mnistctl diff model:default/outputrep")
    assert (0, "") == (difference.status, difference.err)
    assert "60" in difference.out
