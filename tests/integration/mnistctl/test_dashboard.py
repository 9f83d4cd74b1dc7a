"""The page over HTTP: what it shows, to whom, and what it never does.

All of it is asked of one world, which nothing here changes.
"""

import pytest
import pytest_asyncio

from integration.dashboard_site import LOCAL, SECRET, open_page, read, served
from mnist_operator.cli.dashboard.site import Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "/trainings/default/mnist"


@pytest_asyncio.fixture(name="world", scope="module", loop_scope="module")
async def _world(tmp_path_factory):
    async with served(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest_asyncio.fixture(name="page", scope="module", loop_scope="module")
async def _page(world):
    pachd, cluster, _ = world
    async with open_page(pachd, cluster) as client:
        yield client


async def test_the_first_page_says_what_needs_somebody_first(page):
    text = await read(page, "/")

    stalled, others = ("fashion", "gated"), ("letters", "blocked", "busy", "paused")
    order = (*stalled, *others, "long", "mnist", "elsewhere")
    places = [text.index(f"{name}</bdi></a>") for name in order]
    assert sorted(places) == places
    assert "pachd refused the token." in text
    assert "put one into a Secret" in text
    assert "Epoch 3 of 5, step 1180 of 2345" in text
    assert '<progress max="2345" value="1180"' in text
    assert "99.21 %" in text
    assert "Commit 1234 of default/outputrepo@master is open" in text
    assert "whoever opened that commit" in text
    assert "docs/runbooks.md#stalemodel" in text


async def test_trainings_are_found_by_name_and_state(page):
    named = await read(page, "/?q=TEAM")
    stalled = await read(page, "/?state=Stalled")
    none = await read(page, "/?q=%3Cb%3E&state=Ready")

    assert ("letters" in named, "fashion" in named) == (True, False)
    assert ("letters" in stalled, "fashion" in stalled) == (False, True)
    assert "No MnistTraining is like that" in none
    assert 'value="&lt;b&gt;"' in none


async def test_what_becomes_of_a_failed_commit_is_said_once(page, world):
    *_, story = world

    text = await read(page, "/trainings/team/letters")
    run = await read(page, f"{KEY}/runs/{story.entries['failed']}")

    assert "not trained again by itself; once the cause is mended" in text
    assert "whoever pushed the data" in text
    assert [1, 1] == [each.count("not trained again by itself") for each in (text, run)]


async def test_a_training_shows_its_models_and_what_was_new_in_each(page, world):
    *_, story = world
    entries = story.entries

    text = await read(page, KEY)

    assert 2 == text.count("Accuracy of the models, oldest first</title>")
    assert "3 models, from" in text
    assert "1 change of image, code or parameters; 1 failed run." in text
    assert "4 decisions about commits" in text
    assert "same data" in text
    assert "parameters.epochs: 1 → 5" in text
    assert "DataInvalid" in text
    assert f"{KEY}/runs/{entries['failed']}" in text
    begun = f"begun from model {entries['second'].output[:12]}"
    assert begun in text


async def test_a_run_shows_how_it_learned_and_what_made_it(page, world):
    *_, story = world
    second = story.entries["second"]

    text = await read(page, f"{KEY}/runs/{second.run}")

    assert "between 98.54 % and 98.94 %" in text
    assert "5 epochs: accuracy from 86.74% to 98.01%." in text
    assert '<td class="wrong l2">210</td>' in text
    assert "<bdi>4</bdi> taken for <bdi>9</bdi>: 210" in text
    for fact in (second.commit, "images.example.org/trainer:1", "1" * 64, "9fceb02d"):
        assert fact in text
    assert "epoch 5/5" in text
    assert f"mnistctl verify default/outputrepo@{second.output}" in text
    assert story.entries["third"].run in text, "a model began from it"


async def test_a_failed_run_shows_why_and_the_end_of_its_log(page, world):
    *_, story = world

    text = await read(page, f"{KEY}/runs/{story.entries['failed']}")

    assert "DataInvalid" in text
    assert "<dt>Exit code</dt><dd>2</dd>" in text
    assert "It broke: x_train is missing" in text
    assert "What was asked" in text
    assert "How well it learned" not in text


async def test_what_others_wrote_is_text_and_nothing_else(page, world):
    *_, story = world
    paths = ("/", KEY, f"{KEY}/runs/{story.entries['failed']}")

    for text in [await read(page, path) for path in paths]:
        assert "alert(1)" in text
        assert "<script>alert" not in text
        assert not set("\u202e\x00\x1b") & set(text)
        assert 1 == text.count("<script")


async def test_the_data_are_compared_when_somebody_asks(page, world):
    *_, story = world
    run = f"{KEY}/runs/{story.entries['second'].run}"

    text = await read(page, f"{run}/data")
    picture = await page.get(f"{run}/data.svg", headers=LOCAL)
    narrow = await page.get(f"{run}/data.svg?narrow", headers=LOCAL)

    assert "60 → 90" in text
    assert '<td class="number">+4</td>' in text
    assert "8 test images are among the train images in B" in text
    assert "image/svg+xml" == picture.content_type
    assert 'width="960"' in (await picture.text()).partition("\n")[0]
    assert 'width="400"' in (await narrow.text()).partition("\n")[0]
    assert "default-src 'none'" in picture.headers["Content-Security-Policy"]


async def test_a_page_of_one_namespace_says_of_which(world):
    pachd, cluster, _ = world
    told = {}
    for namespace in ("team", "other", ""):
        async with open_page(pachd, cluster, namespace=namespace) as client:
            told[namespace] = await read(client, "/")

    assert "mnistctl get --namespace team</code>" in told["team"]
    assert "There is no MnistTraining in namespace other" in told["other"]
    assert "kubectl apply --namespace other -f" in told["other"]
    assert "mnistctl get --all-namespaces</code>" in told[""]


async def test_a_run_without_other_data_says_so(page, world):
    *_, story = world
    entries = story.entries

    same = await read(page, f"{KEY}/runs/{entries['third'].run}/data")
    first = await read(page, f"{KEY}/runs/{entries['first'].run}/data")

    assert "The data are those of the model before." in same
    assert "There is no model before this run" in first


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/trainings/default/nobody",
        f"{KEY}/runs/{'0' * 32}",
        f"{KEY}/runs/{'0' * 32}/data.svg",
        f"{KEY}/runs/..%2f..%2fetc",
        "/static/..%2fpages.py",
        "/static/%2e%2e/pages.py",
        "/static/page.py",
    ],
)
async def test_what_is_not_there_is_said_on_a_page(page, path):
    text = await read(page, path, 404)

    assert "<h1>Not Found</h1>" in text


async def test_a_run_is_shown_below_its_own_training_alone(page, world):
    *_, story = world
    run = story.entries["second"].run

    text = await read(page, f"/trainings/default/long/runs/{run}", 404)

    assert f"default/long has no run {run}" in text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_nothing_can_be_changed(page, method):
    answers = [
        await page.request(method, path, headers=LOCAL)
        for path in ("/", KEY, "/events", "/healthz", "/nothing")
    ]

    assert {405} == {each.status for each in answers}
    assert {"GET, HEAD"} == {each.headers["Allow"] for each in answers}


async def test_a_head_is_answered_as_a_get_without_its_body(page):
    answers = [await page.head(path, headers=LOCAL) for path in (KEY, "/", "/events")]

    assert [(200, b"")] * 3 == [(each.status, await each.read()) for each in answers]


@pytest.mark.parametrize("path", ["/", KEY, "/static/page.js", "/nothing", "/events"])
async def test_every_answer_has_the_policy(page, path):
    answer = await page.get(path, headers=LOCAL)
    policy = answer.headers["Content-Security-Policy"]
    answer.close()

    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "nosniff" == answer.headers["X-Content-Type-Options"]
    assert "no-referrer" == answer.headers["Referrer-Policy"]


async def test_nothing_on_a_page_needs_more_than_the_policy_allows(page, world):
    *_, story = world
    paths = ("/", KEY, f"{KEY}/runs/{story.entries['second'].run}")

    for text in [await read(page, path) for path in paths]:
        assert " style=" not in text
        assert " on" not in "".join(text.split("<script")[0].split("<meta")[0])
        assert "http://" not in text
        assert "javascript:" not in text


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "10.0.0.1"]
)
async def test_a_name_that_nobody_allowed_is_refused(page, host):
    refused = await page.get("/", headers={"Host": host})
    health = await page.get("/healthz", headers={"Host": host})

    assert 421 == refused.status
    assert "--allow-host" in await refused.text()
    assert "mnist" not in (await refused.text()).lower()
    assert 200 == health.status


async def test_no_token_is_on_any_page(page, world):
    *_, story = world
    runs = [f"{KEY}/runs/{story.entries[each].run}" for each in ("second", "third")]

    for path in ("/", KEY, *runs, f"{runs[0]}/data", "/nothing"):
        text = await (await page.get(path, headers=LOCAL)).text()

        assert SECRET not in text


async def test_it_can_be_reached_below_a_path_and_by_a_name(world):
    pachd, cluster, story = world
    settings = Settings(base="/ml/page", hosts=("page.example.org",))
    host = {"Host": "page.example.org"}
    async with open_page(pachd, cluster, settings=settings) as page:
        text = await (await page.get(f"/ml/page{KEY}", headers=host)).text()
        home = await page.get("/ml/page", headers=host, allow_redirects=False)
        outside = await page.get(KEY, headers=host)

        links = {each.split('"')[0] for each in text.split('href="')[1:]}
        within = {each for each in links if each.startswith("/")}

    assert (302, "/ml/page/") == (home.status, home.headers["Location"])
    assert 404 == outside.status
    assert all(each.startswith("/ml/page/") for each in within)
    assert f"/ml/page{KEY}/runs/{story.entries['failed']}" in within
    assert 'data-events="/ml/page/events"' in text


async def test_only_one_namespace_is_shown_where_one_is_named(world):
    pachd, cluster, _ = world
    async with open_page(pachd, cluster, namespace="team") as page:
        text = await read(page, "/")

        assert "letters" in text
        assert "fashion" not in text
        await read(page, KEY, 404)


async def test_who_looks_again_is_told_that_nothing_has_changed(page):
    first = await page.get("/static/page.css", headers=LOCAL)
    again = await page.get("/nothing", headers=LOCAL)
    versioned = (
        (await read(page, "/nothing", 404)).split("page.css?v=")[1].split('"')[0]
    )
    kept = await page.get(f"/static/page.css?v={versioned}", headers=LOCAL)

    assert "no-cache" == first.headers["Cache-Control"]
    assert "immutable" in kept.headers["Cache-Control"]
    assert "private, no-cache" == again.headers["Cache-Control"]
