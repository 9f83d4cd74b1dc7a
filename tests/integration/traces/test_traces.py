"""What a collector is told of the runs of a real operator."""

import logging

from integration.operators import InProcess
from integration.traces.story import check_two_attempts, fail, mend, tree
from integration.world import EARLIEST, RUNS, environment, until
from mnist_operator.runs import LOG_FILE
from unit.otlp_rules import attributes


async def log_of(world, staging):
    """What a trainer said, as the run repo keeps it."""
    return (await world.pachyderm.read(RUNS, staging, LOG_FILE) or b"").decode()


async def _has_jobs(world, count):
    return len(await world.jobs()) == count


def given(job):
    return environment(job)["TRACEPARENT"]["value"]


async def test_a_failed_and_a_good_attempt_are_one_trace_of_their_commit(
    world, operator, collector, tmp_path, caplog
):
    caplog.set_level(logging.DEBUG)
    commit = await fail(world, tmp_path / "mended")
    await mend(world, tmp_path / "mended")
    model = await world.model_of(commit)
    spans = await collector.ended()

    root, first, second = check_two_attempts(spans, commit)
    told = attributes(first)
    assert told["k8s.pod.name"].startswith("mnist-")
    assert told["k8s.node.name"]
    assert model.run == attributes(second)["mnist.run"]
    end = attributes(root)
    assert (2, model.commit, 0.99) == (
        end["mnist.attempts"],
        end["mnist.output.commit"],
        end["mnist.accuracy"],
    )
    assert "trainings" == collector.resource["service.name"]
    assert {"a-key-to-look-for"} == {each["api-key"] for _, each in collector.headers}
    assert "a-key-to-look-for" not in caplog.text

    jobs = await world.jobs()
    expected = [f"00-{commit}-{each['spanId']}-01" for each in (first, second)]
    assert expected == [given(each) for each in jobs]
    for each, parent in zip((first, second), expected, strict=True):
        said = await log_of(world, attributes(each)["mnist.run"])
        assert f"traceparent {parent}\n" in said


async def test_a_restart_sends_no_span_that_was_not_there(
    world, operator, collector, tmp_path
):
    gate = tmp_path / "gate"
    gate.touch()
    commit = await fail(world, tmp_path / "mended", wait_for=str(gate))
    gate.unlink()
    await operator.stop()  # Between two attempts.
    async with InProcess(world):
        await mend(world, tmp_path / "mended")
        await collector.told(3)
        await until(lambda: _has_jobs(world, 2), "the second attempt")
    # Inside of the second.
    async with InProcess(world):
        gate.touch()
        await world.model_of(commit)
        await collector.ended()

    spans = list({each["spanId"]: each for each in collector.spans}.values())
    _, below = tree(spans)
    names = ["observe", "create", "train", "create", "train", "publish"]
    assert names == [each["name"] for each in below]
    for each in spans:  # What was told twice was the same twice.
        again = [e for e in collector.spans if e["spanId"] == each["spanId"]]
        assert [each] * len(again) == again


async def test_two_operators_tell_of_one_run(world, operator, collector):
    async with InProcess(world):
        await world.apply(trigger=EARLIEST)
        commits = [await world.push(digits=digit) for digit in (1, 2)]
        for commit in commits:
            await world.decision(commit)
        await collector.ended(2)

    for commit in commits:
        spans = [each for each in collector.spans if each["traceId"] == commit]
        named = {each["spanId"]: each["name"] for each in spans}
        expected = ["create", "observe", "publish", "run", "train"]
        assert expected == sorted(named.values())
    assert 2 == len(await world.models())


async def test_a_run_that_is_asked_for_is_another_in_the_trace_of_its_commit(
    world, operator, collector
):
    await world.apply()
    commit = await world.push(digits=1)
    await world.model_of(commit)
    await collector.ended()
    await world.ask("2026-01-01T12:00:00Z", commit)
    spans = await collector.ended(2)

    assert {commit} == {each["traceId"] for each in spans}
    first, second = collector.named("run")
    assert "mnist.request" not in attributes(first)
    assert "2026-01-01T12:00:00Z" == attributes(second)["mnist.request"]
    below = [e["name"] for e in spans if e.get("parentSpanId") == second["spanId"]]
    assert ["create", "train", "publish"] == below


async def test_a_failure_is_the_end_of_its_run(world, operator, collector):
    await world.apply()
    commit = await world.push(leave_out="my_model.h5")
    await world.decision(commit)
    await collector.ended()

    root, below = tree(collector.spans)
    assert ["observe", "create", "train", "publish"] == [e["name"] for e in below]
    for each in (root, below[-1]):
        assert each["status"]["message"].startswith("OutputInvalid: ")


async def test_a_collector_that_hangs_delays_no_model_and_no_end(
    world, operator, collector
):
    collector.answering.clear()
    await world.apply(trigger=EARLIEST)
    commits = [await world.push(digits=digit) for digit in (1, 2)]
    for commit in commits:
        await world.decision(commit)
    await operator.stop()

    assert collector.asked.is_set()
    assert [] == collector.spans
    assert commits == await world.trained()


async def test_a_collector_that_is_gone_costs_one_line(world, monkeypatch, caplog):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    async with InProcess(world):
        await world.apply(trigger=EARLIEST)
        commits = [await world.push(digits=digit) for digit in (1, 2)]
        for commit in commits:
            await world.decision(commit)

    assert commits == await world.trained()
    told = [each for each in caplog.messages if each.startswith("Traces: ")]
    outage, *end = [
        each for each in told if "takes no span" in each or "not del" in each
    ]
    assert "http://127.0.0.1:1 takes no span" in outage
    assert 1 >= len(end)


async def test_without_a_collector_no_pod_and_no_record_knows_of_traces(world):
    async with InProcess(world):
        await world.apply()
        commit = await world.push(digits=1)
        model = await world.model_of(commit)

    [job] = await world.jobs()
    assert "TRACEPARENT" not in environment(job)
    assert "annotations" not in job["metadata"]
    assert "traceparent" not in await log_of(world, model.run)
