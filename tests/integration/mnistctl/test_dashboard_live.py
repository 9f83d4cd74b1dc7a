"""The page while the world changes: news, outages, many who look, a long history."""

import asyncio
import json

import pytest

from integration.dashboard_site import LOCAL, open_page, read, served
from integration.dashboard_story import HOSTILE, remember_long
from integration.mnistctl_programs import Running, fork_mnistctl
from integration.pushes import until
from mnist_operator.cli.dashboard.site import Settings

KEY = "/trainings/default/mnist"


@pytest.fixture(name="world")
async def _world(tmp_path):
    async with served(tmp_path) as world:
        yield world


@pytest.fixture(name="page")
async def _page(world):
    pachd, cluster, _ = world
    async with open_page(pachd, cluster) as client:
        yield client


async def test_many_who_look_ask_pachd_once(page):
    await read(page, KEY)
    made = page.asking.calls_made

    await asyncio.gather(*(read(page, KEY) for _ in range(20)))

    # The head alone is asked for again, if the first answer is some seconds old.
    assert page.asking.calls_made - made <= 1


async def test_ten_thousand_decisions_make_no_page_large(page, world):
    *_, story = world
    await remember_long(story, count=10_000)

    text = await read(page, "/trainings/default/long")
    last = await read(page, "/trainings/default/long?page=500")
    beyond = await read(page, "/trainings/default/long?page=999999")

    assert "10000 decisions about commits" in text
    corners = [each.split('"')[0] for each in text.split('points="')[1:]]
    assert 1000 > sum(len(each.split()) for each in corners)
    assert 2000 > text.count("<")
    assert 80_000 > len(text)
    assert "Page 500 of 500" in last
    assert "Page 500 of 500" in beyond


async def test_a_pachd_that_is_gone_leaves_what_the_cluster_says(page, world):
    pachd, *_ = world
    await read(page, "/")
    await pachd.stop()

    text = await read(page, KEY)

    assert "Not complete." in text
    assert "does not answer" in text or "could not answer" in text
    assert "99.21 %" in text


async def test_a_cluster_that_is_gone_is_said_and_found_again(page, world):
    _, cluster, _ = world
    await read(page, "/")
    await cluster.server.stop()

    async def is_told():
        return "the API server at" in await read(page, "/")

    await until(is_told)
    assert "mnist" in await read(page, "/")
    await cluster.server.start()

    async def is_well():
        return "Not complete." not in await read(page, "/")

    await until(is_well)


class _Viewer:
    """One who is told of news."""

    def __init__(self, answer):
        self._answer = answer

    async def told(self):
        async with asyncio.timeout(60):
            async for line in self._answer.content:
                if line.startswith(b"data: "):
                    return json.loads(line.removeprefix(b"data: "))
        return None


async def test_every_viewer_is_told_of_what_changes(page, world):
    _, cluster, _ = world
    await read(page, "/")
    answers = [await page.get("/events", headers=LOCAL) for _ in range(3)]

    await cluster.tell("mnist", {"lastAccuracy": "0.9950"})
    heard = [await _Viewer(each).told() for each in answers]

    said = "default/mnist: Ready, UpToDate, accuracy 0.9950"
    assert [{"key": "default/mnist", "said": said}] * 3 == heard
    assert "text/event-stream" == answers[0].content_type
    for each in answers:
        each.close()


async def test_there_are_only_so_many_viewers(world):
    pachd, cluster, _ = world
    async with open_page(pachd, cluster, settings=Settings(viewers=1)) as page:
        first = await page.get("/events", headers=LOCAL)
        await first.content.readline()
        second = await page.get("/events", headers=LOCAL)
        first.close()

        async def has_left():
            answer = await page.get("/events", headers=LOCAL)
            answer.close()
            return answer.status == 200

        assert (503, "30") == (second.status, second.headers["Retry-After"])
        await read(page, "/")
        await until(has_left)


async def test_a_run_under_way_shows_how_far_it_is(page, world):
    _, cluster, story = world
    run = await story.open_run(story.entries["third"].commit)
    active = {
        "run": run.staging,
        "commit": run.commit,
        "attempt": 1,
        "tfjob": "",
        "state": "Running",
        "since": "2026-03-31T12:00:00Z",
        "progress": {"step": 3, "steps": 10, "metrics": {"loss": "0.25"}},
    }
    await cluster.tell("mnist", {"active": [active]})
    path = f"{KEY}/runs/{run.staging}"

    async def is_running():
        return "Running" in await read(page, path)

    await until(is_running)
    text = await read(page, path)
    training = await read(page, KEY)

    assert "step 3 of 10, <bdi>loss</bdi> <bdi>0.25</bdi>" in text
    assert "There is no log yet." in text
    assert run.staging in training


async def test_a_log_of_ten_megabytes_shows_its_end(page, world):
    *_, story = world
    log = f"{HOSTILE}\n".encode() * 300_000 + b"the last words\n"
    run = await story.fail_with(story.entries["third"].commit, log)

    text = await read(page, f"{KEY}/runs/{run.staging}")

    assert 10_000_000 < len(log)
    assert "the last words" in text
    assert f"all of it has {len(log)} bytes" in text
    assert 400_000 > len(text)
    assert "<script>alert" not in text


async def test_the_command_says_what_it_cannot_be_told(world):
    _, cluster, _ = world
    where = {"KUBECONFIG": str(cluster.kubeconfig)}

    base = await fork_mnistctl("dashboard", "--base-path", "mnist", **where)
    both = await fork_mnistctl("dashboard", "-A", "-n", "team", **where)
    nowhere = await fork_mnistctl("dashboard", "--port", "0")
    async with Running("dashboard", "--port", "0", **where) as first:
        port = (await first.line("The page is at")).rpartition(":")[2].strip("/\n")
        taken = await fork_mnistctl("dashboard", "--port", port, **where)
        first.interrupt()
        ended = await first.end()

    assert (2, 2, 2, 1) == (base.status, both.status, nowhere.status, taken.status)
    assert "--base-path 'mnist': write it as /mnist" in base.err
    assert "name another with --host and --port" in taken.err
    assert (0, "") == (ended.status, ended.err)


async def test_a_run_that_never_began_has_nothing_of_the_run_before_it(page, world):
    *_, story = world
    run = await story.give_up(story.entries["third"].commit)

    text = await read(page, f"{KEY}/runs/{run.staging}")

    assert "Abandoned" in text
    assert "How well it learned" not in text
    assert "There is no log." in text
