"""What kubectl shows of a training, and how a user waits for it and asks for runs."""

import asyncio

import pytest

from integration.mnistctl_world import run_mnistctl
from integration.stories import answered, assert_one_story, settled
from integration.world import EARLIEST, INPUT, NAMESPACE

WAIT = ("wait", "mt/mnist", "--timeout=60s")


@pytest.fixture(name="kubectl")
def _kubectl(world):
    async def run(*words):
        process = await asyncio.create_subprocess_exec(
            "kubectl",
            f"--kubeconfig={world.cluster.kubeconfig}",
            f"--namespace={NAMESPACE}",
            f"--cache-dir={world.folder / 'cache'}",
            *words,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert 0 == process.returncode, err.decode()
        return out.decode()

    return run


def row(table):
    """The one line of a table, by column."""
    header, line = table.splitlines()
    places = [header.index(name) for name in header.split("  ") if name]
    return {
        header[a:b].strip(): line[a:b].strip()
        for a, b in zip(places, [*places[1:], None], strict=True)
    }


async def test_get_shows_what_is_trained_and_what_waits(world, operator, kubectl, gate):
    await world.apply(trigger=EARLIEST)
    first = await world.push(digits=1)
    await settled(world, first)
    model = await world.model_of(first)
    idle = row(await kubectl("get", "mt"))
    await world.push(wait_for=str(gate))
    await gate.reached()
    for digits in (2, 3):
        await world.push(digits=digits)
    await world.shows("Training", pendingCommits=3)
    busy = row(await kubectl("get", "mt", "-o", "wide"))
    await world.change(suspend=True)
    gate.open()
    await world.shows("Suspended", pendingCommits=2)
    suspended = row(await kubectl("get", "mt", "-o", "wide"))

    shown = {"NAME": "mnist", "INPUT": first, "MODEL": model.commit}
    shown |= {"ACCURACY": "0.9900", "READY": "True", "PENDING": "0"}
    assert shown.items() <= idle.items()
    assert {"REASON", "SUSPEND"} == busy.keys() - idle.keys()
    assert ("Unknown", "3", "Training", "false") == tuple(
        busy[name] for name in ("READY", "PENDING", "REASON", "SUSPEND")
    )
    assert ("True", "2", "Suspended", "true") == tuple(
        suspended[name] for name in ("READY", "PENDING", "REASON", "SUSPEND")
    )


async def test_describe_tells_the_whole_story(world, operator, kubectl, gate):
    await world.apply(trigger=EARLIEST | {"mode": "LatestOnly"})
    first = await world.push(wait_for=str(gate))
    await gate.reached()
    middle = [await world.push(digits=each) for each in (1, 2)]
    newest = await world.push(exit=1, reason="DataInvalid", say="no images")
    await world.shows("Training", pendingCommits=4)
    busy = words(await kubectl("describe", "mt", "mnist"))
    gate.open()
    await world.shows("TrainingFailed", head=newest, pendingCommits=0)
    await world.ask("today", middle[0])
    await world.shows(lastHandledRequestAt="today", active=[])
    model = await world.model_of(middle[0])
    done = words(await kubectl("describe", "mt", "mnist"))

    assert f"trains on input commit {first}." in busy
    assert f"Queue: Commit: {first} State: Running Commit: {middle[0]} State: Wait" in (
        busy
    )
    events = done[done.index("Events:") :]
    batch = f"2 input commits, {middle[0]} to {middle[1]}: Superseded: Input commit"
    assert f"Normal CommitSkipped {batch} {newest} took its place." in events
    assert f"Warning TrainingFailed Input commit {newest}: DataInvalid: Exit" in events
    assert f"Normal ModelPublished Input commit {middle[0]} made model" in events
    assert f"{model.commit}, accuracy 0.9900, as requested at today." in events
    assert f"Model Commit: {model.commit} Reason: Request: today" in done
    assert "Last Handled Request At: today" in done
    await assert_one_story(world)


def words(text):
    """A text without its layout, nor the ages and the source of its Events."""
    known = [line.split() for line in text.splitlines()]
    events = False
    for line in known:
        events = events or line[:1] == ["Events:"]
        if events and "mnist-operator" in line:
            del line[2 : line.index("mnist-operator") + 1]
    return " ".join(word for line in known for word in line)


async def test_wait_ends_when_all_is_trained(world, operator, kubectl, gate):
    await world.apply(trigger=EARLIEST)
    commit = await world.push(wait_for=str(gate))
    await gate.reached()
    await world.reason("Training")
    waiting = asyncio.create_task(kubectl(*WAIT, "--for=condition=Ready"))
    gate.open()
    said = await waiting

    assert "condition met" in said
    assert [commit] == await world.trained()


async def test_wait_can_ask_for_what_is_wrong(world, operator, kubectl):
    await world.apply(trigger={"startFrom": "0" * 32})
    said = await kubectl(*WAIT, "--for=condition=Stalled")

    assert "condition met" in said


async def test_a_run_is_asked_for_and_waited_for(world, operator, kubectl):
    await world.apply(trigger=EARLIEST)
    old = await world.push(digits=1)
    await settled(world, await world.push(digits=2))
    moment = "2026-03-31T08:00:00Z"
    asked = ("requested-at", moment), ("requested-commit", old)
    said = await kubectl(
        *("annotate", "mt", "mnist"),
        *(f"mnist-operator.dev/{name}={value}" for name, value in asked),
    )
    echo = f"--for=jsonpath={{.status.lastHandledRequestAt}}={moment}"
    await kubectl(*WAIT, echo)
    await kubectl(*WAIT, "--for=condition=Ready")

    assert "annotated" in said
    assert old == (await world.trained())[-1]
    await assert_one_story(world)


async def test_events_of_a_training_are_found_by_its_name(world, operator, kubectl):
    await world.apply(trigger=EARLIEST)
    commit = await world.open_commit(digits=1)
    await world.pachyderm.finish_commit(INPUT.repo, commit, error="broken")
    await world.shows("UpToDate", head=commit, pendingCommits=0)
    events = await kubectl("events", "--for", "mnisttraining/mnist")
    warnings = await kubectl("events", "--types=Warning")

    assert 1 == events.count("CommitSkipped")
    assert f"{commit}: InputErrored: Finished with an error: broken" in warnings


async def test_mnistctl_history_tells_what_the_status_tells(world, operator, gate):
    await world.apply(trigger=EARLIEST | {"mode": "LatestOnly"})
    await world.push(wait_for=str(gate))
    await gate.reached()
    middle = [await world.push(digits=each) for each in (1, 2)]
    newest = await world.push(exit=1)
    await world.shows("Training", pendingCommits=4)
    gate.open()
    await world.shows("TrainingFailed", head=newest, pendingCommits=0)
    await world.ask("today", middle[0])
    status = await answered(world, "today")
    answer = await run_mnistctl(
        *("history", f"{NAMESPACE}/mnist", "-o", "json"),
        PACHD_ADDRESS=world.cluster.pachd_address,
    )

    named = ("decision", "reason", "message", "time", "attempt", "tfjob", "request")
    renamed = {"inputCommit": "commit", "modelCommit": "modelCommit"}
    renamed |= {name: name for name in named}
    assert [
        {name: row[name] or None for name in renamed.values()}
        for row in status["history"]
    ] == [
        {short: row[name] for name, short in renamed.items()}
        for row in answer.json["decisions"]
    ]
