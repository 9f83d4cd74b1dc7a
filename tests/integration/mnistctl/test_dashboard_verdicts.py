"""What the page says of verdicts: the gates', and whether a record holds.

One world for all of it; the last tests change it, and each has a page of its own.
"""

import re

import pytest
import pytest_asyncio

from integration.dashboard_site import LOCAL, open_page, read, served
from integration.pushes import until
from mnist_operator.cli.dashboard.site import Settings
from mnist_operator.pachyderm import PutFile

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "/trainings/default/mnist"


@pytest_asyncio.fixture(name="world", scope="module", loop_scope="module")
async def _world(tmp_path_factory):
    async with served(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest_asyncio.fixture(name="page", loop_scope="module")
async def _page(world):
    pachd, cluster, _ = world
    async with open_page(pachd, cluster) as client:
        yield client


async def _verdict(page, run):
    """What the page says of a record, once it knows; in the words of its reader."""

    async def known():
        text = await read(page, f"{KEY}/runs/{run}")
        part = text.partition('id="verdict"')[2].partition("</section>")[0]
        return (
            " ".join(re.sub(r"<[^>]+>", " ", part).split()) if "Checked" in part else ""
        )

    return await until(known, "the verdict")


async def test_what_waits_and_what_is_held_say_how_they_go_on(page):
    text = await read(page, "/trainings/team/gated")

    assert f"mnistctl release team/gated {'5' * 32}</code>" in text
    assert f"mnistctl release team/gated {'5' * 32} --discard</code>" in text
    assert "relabelledShare is 0.062500, beyond" in text
    assert "4 commits are not decided yet" in text
    for state in ("Waiting", "Finishing", "Open"):
        assert f"{state}</span>" in text


async def test_what_is_held_leads_to_what_changed_since_the_newest_model(page, world):
    *_, story = world
    text = await read(page, "/trainings/team/gated")
    held = re.search(r'href="(/trainings/team/gated/held/([0-9a-f]{32}))"', text)

    async def compared():
        told = await read(page, held[1])
        return "" if "being compared" in told else told

    told = await until(compared, "the comparison")
    picture = await page.get(f"{held[1]}/data.svg", headers=LOCAL)
    before = story.entries["third"].commit

    assert f"mnistctl diff default/inputrepo@{before} default/inputrepo@{held[2]}" in (
        told
    )
    for told_of in (f"release team/gated {held[2]} --discard</code>", "6 (6.67 %)"):
        assert told_of in told
    assert "which the newest model learned from" in told
    assert "which is held" in told
    assert 200 == picture.status
    assert "</svg>" in await picture.text()


async def test_what_is_not_held_has_no_such_page(page, world):
    *_, story = world
    commit = story.entries["third"].commit
    there = "/trainings/team/gated/held"

    told = await read(page, f"{there}/{commit}", 404)

    assert f"team/gated does not hold commit {commit}" in told
    for path in (f"{there}/{commit}/data.svg", f"{there}/short"):
        assert 404 == (await page.get(path, headers=LOCAL)).status


async def test_a_held_commit_that_is_gone_says_so_and_how_to_discard_it(page):
    told = await read(page, f"/trainings/team/gated/held/{'5' * 32}")

    assert "is not there any more: it was squashed or dropped" in told
    assert f"mnistctl release team/gated {'5' * 32} --discard</code>" in told


async def test_production_shows_the_last_verdict_with_p_and_sample_sizes(page):
    text = await read(page, "/trainings/team/gated")

    numbers = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", text))
    assert "9794" == numbers["Held-out images"]
    assert ("99.33 %", "99.66 %") == (
        numbers["New model"],
        numbers["In production then"],
    )
    assert ("28", "61") == (
        numbers["Right by the new one alone"],
        numbers["By production alone"],
    )
    assert 0.001 > float(numbers["p (McNemar)"])
    assert "Worse than the model in production" in text


async def test_a_failed_run_says_who_must_act_and_where_more_is_told(page, world):
    pachd, cluster, _ = world
    runbooks = Settings(runbooks="https://wiki.example.org/mnist")
    async with open_page(pachd, cluster, settings=runbooks) as other:
        linked = await read(other, "/trainings/team/blocked")

    assert 'href="https://wiki.example.org/mnist#stalemodel">StaleModel</a>' in linked


async def test_a_record_that_holds_is_told_with_every_check(page, world):
    *_, story = world

    told = await _verdict(page, story.entries["third"].run)

    assert "✓ Holds Checked" in told
    assert "each has its digest" in told
    assert f"default/inputrepo@{story.entries['third'].commit}, finished" in told
    assert "it is not signed" in told


async def test_a_strangers_commit_above_the_newest_model_is_found(page, world):
    *_, story = world
    stranger = await story.write(story.output, "mine", PutFile("/theirs", b"1"))

    newest = await _verdict(page, story.entries["third"].run)
    older = await _verdict(page, story.entries["second"].run)

    assert "newer commits that mnist-operator did not write: 1" in newest
    assert stranger in newest
    assert "✕ Does not hold" in newest
    assert "✓ Holds" in older


async def test_an_input_commit_that_was_dropped_is_found_after_a_while(page, world):
    *_, story = world
    await story.go_on()
    newest = story.entries["fourth"]
    await story.client.drop_commit(story.input.repo, newest.commit)

    told = await _verdict(page, newest.run)

    assert "✕ Does not hold" in told
    assert "is not there: it was squashed or dropped" in told
    assert "retrain on a commit that is there" in told
    assert "It cannot be made again with certainty" in told
