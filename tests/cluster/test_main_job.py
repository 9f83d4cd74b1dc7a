"""The main job, with a real API server and TFJob controller, as a ServiceAccount."""


async def test_each_commit_becomes_one_model(world, operator):
    await world.apply()
    first = await world.push(accuracy=0.9)
    model = await world.model_of(first)
    second = await world.push(accuracy=0.95)
    await world.model_of(second)

    await world.shows("UpToDate", lastTrainedCommit=second)
    assert [first, second] == await world.trained()
    assert first == model.input_commit
    jobs = await world.jobs()
    assert 2 == len(jobs)
    assert {"Succeeded"} == {
        each["type"]
        for job in jobs
        for each in job["status"]["conditions"]
        if each["type"] in ("Succeeded", "Failed") and each["status"] == "True"
    }
