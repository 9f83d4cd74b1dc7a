"""mnistctl export: a record in another format, to the screen, into a file, or not."""

import json

import pytest

from integration.mnistctl_world import INPUT, OUTPUT, fork_mnistctl
from mnist_operator.lineage import LINEAGE_FILE


@pytest.fixture(name="folder")
async def _folder(world, tmp_path):
    """A model that was downloaded, and its entry in the ledger."""
    model = await world.publish()
    folder = tmp_path / "downloads"
    for file in await world.client.files(OUTPUT.repo, model.output):
        path = folder / file.path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(await world.client.read(OUTPUT.repo, model.output, file.path))
    return folder


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        pytest.param("model-card", f"- commit: `{INPUT}`\n", id="model-card"),
        pytest.param("ml-bom", f'"version": "{INPUT}"', id="ml-bom"),
        pytest.param("croissant", f'"version": "{INPUT}"', id="croissant"),
        pytest.param("openlineage", f'"datasetVersion": "{INPUT}"', id="openlineage"),
    ],
)
async def test_each_format_goes_to_the_screen_or_into_a_file(
    world, ask, tmp_path, kind, told
):
    await world.publish()
    file = tmp_path / "export"

    shown = await ask("export", "outputrepo@master", "--format", kind)
    written = await ask("export", "--format", kind, "--to", str(file))

    assert (0, "") == (shown.status, shown.err)
    assert told in shown.out
    assert (0, "", "") == (written.status, written.out, written.err)
    assert shown.out == file.read_text()


async def test_a_folder_is_exported_without_pachyderm(folder):
    nowhere = {"PACHD_ADDRESS": "127.0.0.1:1"}

    answer = await fork_mnistctl("export", str(folder), "--format", "ml-bom", **nowhere)

    assert (0, "") == (answer.status, answer.err)
    component = answer.json["metadata"]["component"]
    assert "default/mnist" == component["name"]
    assert "version" not in component


async def test_namespaces_are_those_of_the_options_or_the_variable(world, ask):
    await world.publish()
    asked = ("export", "--format", "openlineage")

    own = await ask(*asked)
    variable = await ask(*asked, OPENLINEAGE_NAMESPACE="prod")
    option = await ask(
        *asked, "--job-namespace", "test", "--dataset-namespace", "pachyderm://hub"
    )

    jobs = [each.json["job"] for each in (own, variable, option)]
    assert [
        ("default", "mnist"),
        ("prod", "default.mnist"),
        ("test", "default.mnist"),
    ] == [(job["namespace"], job["name"]) for job in jobs]
    assert "pachyderm://127.0.0.1" == own.json["inputs"][0]["namespace"]
    assert "pachyderm://hub" == option.json["inputs"][0]["namespace"]


async def test_a_record_that_was_changed_is_not_exported_and_no_file_is(
    world, ask, tmp_path
):
    good = await world.publish()
    commit = await world.client.commit(OUTPUT.repo, good.output)
    content = await world.client.read(OUTPUT.repo, good.output, LINEAGE_FILE)
    forged = await world.write(
        commit.description, content.replace(INPUT.encode(), b"6" * 32)
    )
    file = tmp_path / "card.md"
    file.write_text("as it was")

    answer = await ask("export", forged, "--format", "model-card", "--to", str(file))

    assert (4, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert "contradicts itself, so it is not exported" in answer.err
    assert "as it was" == file.read_text()


async def test_so_is_a_folder_whose_record_was_changed(folder):
    record = folder / LINEAGE_FILE.lstrip("/")
    value = json.loads(record.read_bytes())
    spec = value["predicate"]["buildDefinition"]["externalParameters"]["spec"]
    spec["trainer"]["parameters"]["epochs"] = 99
    record.write_text(json.dumps(value))

    answer = await fork_mnistctl("export", str(folder), "--format", "ml-bom")

    assert (4, "") == (answer.status, answer.out)
    assert "specSha256" in answer.err


async def test_an_index_that_somebody_edited_is_a_warning(world, ask):
    model = await world.publish()
    wrong = {"input.commit": "6" * 32}
    await world.client.edit_metadata(OUTPUT.repo, model.output, wrong)

    answer = await ask("export", "--format", "croissant")

    assert 0 == answer.status
    assert INPUT == answer.json["version"]
    assert answer.err.startswith("Warning: input.commit: the metadata map, which")


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        pytest.param(("nowhere@master",), 3, "there is no repo", id="no-repo"),
        pytest.param(("not a reference",), 2, "names no model", id="no-reference"),
        pytest.param(("--address", "[::1"), 2, "--address: '[::1'", id="no-address"),
    ],
)
async def test_what_is_not_there_has_a_status_of_its_own(
    world, ask, arguments, status, told
):
    answer = await ask("export", *arguments, "--format", "ml-bom")

    assert (status, "") == (answer.status, answer.out)
    assert told in answer.err


async def test_a_file_that_cannot_be_written_is_named(world, ask, tmp_path):
    await world.publish()
    file = tmp_path / "missing" / "card.md"

    answer = await ask("export", "--format", "model-card", "--to", str(file))

    assert (1, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert str(file) in answer.err
