"""The record as the publisher leaves it in Pachyderm, without mnistctl in between."""

import hashlib
import json
from pathlib import Path

from jsonschema import Draft202012Validator

from integration.mnistctl_world import OUTPUT
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.runs import canonical

_SCHEMA = Path(__file__).parents[3] / "docs" / "lineage.schema.json"


async def test_a_published_record_is_what_its_schema_says_and_its_bytes_are_canonical(
    world,
):
    first, second = [await world.publish(accuracy=each) for each in (0.9, 0.95)]

    content = await world.client.read(OUTPUT.repo, second.output, LINEAGE_FILE)

    record = json.loads(content)
    faults = Draft202012Validator(json.loads(_SCHEMA.read_text())).iter_errors(record)
    assert [] == [error.message for error in faults]
    assert canonical(record) == content
    internal = record["predicate"]["buildDefinition"]["internalParameters"]
    assert first.output == internal["previousModelCommit"]


async def test_description_and_metadata_map_name_the_record_by_its_digest(world):
    entry = await world.publish()

    content = await world.client.read(OUTPUT.repo, entry.output, LINEAGE_FILE)
    commit = await world.client.commit(OUTPUT.repo, entry.output)

    expected = hashlib.sha256(content).hexdigest()
    assert expected == json.loads(commit.description)["lineageSha256"]
    assert expected == commit.metadata["lineage.sha256"]
    assert len(commit.description.encode()) <= 2048
