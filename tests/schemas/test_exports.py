"""What mnistctl exports, against the formats' own schemas and libraries."""

import itertools
import json
from datetime import UTC, datetime

import mlcroissant
import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from jsonschema import Draft202012Validator
from packageurl import PackageURL

from mnist_operator import runs
from mnist_operator.cli.export.croissant import write_croissant
from mnist_operator.cli.export.facts import Source
from mnist_operator.cli.export.ml_bom import write_bom
from mnist_operator.cli.export.model_card import write_card
from mnist_operator.cli.export.openlineage_event import write_event
from mnist_operator.cli.failures import NoAnswerError
from mnist_operator.cli.statements import read_statement
from mnist_operator.decisions import failure_of
from mnist_operator.lineage_runs import read_run, run_of_attempt, run_of_entry
from mnist_operator.openlineage import EventType, Place, build_event
from mnist_operator.resource import MnistTraining, Spec
from schemas import recorded
from schemas.front_matter import FRONT_MATTER
from schemas.openlineage_client import sent

PLACE = Place("pachyderm://pachd.pachyderm")
MODEL = "1a" * 16
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def source_of(statement):
    content = json.dumps(statement).encode()
    sizes = {"my_model.h5": 310112}
    return Source(read_statement(content), f"default/outputrepo@{MODEL}", MODEL, sizes)


def statement(of=recorded.EXAMPLE, **metrics):
    value = json.loads(recorded.content(of))
    for each in value["predicate"]["runDetails"]["byproducts"]:
        if each["name"] == "metrics":
            each["annotations"] |= metrics
    return value


def thinned(value, turn, *, of):
    """The same without every so manyth part, beginning with another one each turn."""
    numbers = itertools.count()

    def keep(part):
        if isinstance(part, dict):
            return {k: keep(v) for k, v in part.items() if next(numbers) % of != turn}
        if isinstance(part, list):
            return [keep(each) for each in part if next(numbers) % of != turn]
        return part

    return keep(value)


WHOLE = statement(
    recorded.WHOLE,
    accuracyInterval={"low": 0.9890, "high": 0.9926, "confidence": 0.95},
    confusionMatrix=[[980, 1], [3, 1132]],
    perClass=None,
)
CASES = {
    "nothing": {},
    "every-metric": WHOLE,
    **{name: statement(of) for name, of in recorded.ALL.items()},
    **{f"thinned-{turn}": thinned(WHOLE, turn, of=12) for turn in range(12)},
}
each_record = pytest.mark.parametrize("value", CASES.values(), ids=CASES)
STRICT = JsonStrictValidator(SchemaVersion.V1_6)


class TestModelCard:
    @each_record
    def test_the_front_matter_has_the_keys_and_types_of_its_specification(self, value):
        matter = front_matter(write_card(source_of(value)))

        Draft202012Validator(FRONT_MATTER).validate(matter)

    def test_a_whole_record_fills_the_index_of_results(self):
        matter = front_matter(write_card(source_of(WHOLE)))

        [result] = matter["model-index"][0]["results"]
        assert "5b77a6c1a16d496b83f8a78a05179168" == result["dataset"]["revision"]
        assert {"type": "accuracy", "value": 0.9909} in result["metrics"]


def front_matter(card):
    _, matter, body = card.split("---\n", 2)
    assert body.startswith("\n# ")
    return yaml.safe_load(matter)


class TestBom:
    @each_record
    def test_it_is_valid_to_the_letter_and_refers_to_what_is_there(self, value):
        text = write_bom(source_of(value))
        bom = json.loads(text)
        known, named = [*find(bom, "bom-ref")], {*find(bom, "ref")}
        named |= {ref for refs in find(bom, "dependsOn") for ref in refs}

        assert STRICT.validate_str(text) is None
        assert len(known) == len(set(known))
        assert named <= set(known)

    @pytest.mark.parametrize(
        ("image", "name", "qualifiers"),
        [
            pytest.param(
                "images.example.org:5000/team/Trainer:1.2",
                "trainer",
                {
                    "repository_url": "images.example.org:5000/team/Trainer",
                    "tag": "1.2",
                },
                id="registry-with-a-port",
            ),
            pytest.param("trainer", "trainer", {}, id="a-name-alone"),
            pytest.param(
                f"example.org/trainer@sha256:{'2' * 64}",
                "trainer",
                {"repository_url": "example.org/trainer"},
                id="a-digest-that-was-asked-for",
            ),
        ],
    )
    def test_the_image_that_ran_has_a_package_url(self, image, name, qualifiers):
        value = statement()
        dependencies = value["predicate"]["buildDefinition"]["resolvedDependencies"]
        [asked] = [each for each in dependencies if each["name"] == "image"]
        asked["uri"] = f"oci://{image}"

        [purl] = find(json.loads(write_bom(source_of(value))), "purl")

        parsed = PackageURL.from_string(purl)
        assert ("oci", name) == (parsed.type, parsed.name)
        assert f"sha256:{'5e' * 32}" == parsed.version
        assert qualifiers == parsed.qualifiers


def find(value, key):
    """Every value of a key, however deep."""
    if isinstance(value, dict):
        yield from (child for name, child in value.items() if name == key)
        value = list(value.values())
    if isinstance(value, list):
        for child in value:
            yield from find(child, key)


# What mlcroissant reads JSON-LD with is older than what it reads it by.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
class TestCroissant:
    @each_record
    def test_it_is_valid(self, value):
        described = json.loads(write_croissant(source_of(value)))

        assert mlcroissant.Dataset(described).metadata.name == described["name"]

    def test_what_is_missing_in_it_only_the_owner_of_the_data_knows(self):
        described = json.loads(write_croissant(source_of(WHOLE)))

        issues = mlcroissant.Dataset(described).metadata.ctx.issues

        assert set() == issues.errors
        told = " ".join(sorted(issues.warnings))
        assert 4 == len(issues.warnings)
        for missing in ("citeAs", "datePublished", "license", "MAJOR.MINOR.PATCH"):
            assert missing in told

    def test_every_file_has_its_digest_and_place(self):
        described = json.loads(write_croissant(source_of(WHOLE)))

        [file] = mlcroissant.Dataset(described).metadata.distribution

        place = "pachyderm://default/inputrepo@5b77a6c1a16d496b83f8a78a05179168"
        assert f"{place}:/data/mnist.npz" == file.content_url
        assert "70" * 32 == file.sha256


class TestOpenLineage:
    @each_record
    def test_an_export_is_what_the_client_itself_would_send(self, value):
        source = source_of(value)
        try:
            event = json.loads(write_event(source, PLACE, finished=NOON))
        except NoAnswerError as error:
            assert "names no run" in str(error)  # noqa: PT017 (most have one)
            assert read_run(value) is None
            return

        assert event == sent(event)

    def test_a_whole_record_names_both_models_and_the_data(self):
        event = json.loads(write_event(source_of(WHOLE), PLACE, finished=NOON))

        read = [dataset["facets"]["version"] for dataset in event["inputs"]]
        assert [
            "5b77a6c1a16d496b83f8a78a05179168",
            "760c5287e0c14fdba3c10569ea4f41dc",
        ] == [each["datasetVersion"] for each in read]

    @pytest.mark.parametrize("kind", EventType)
    def test_so_is_what_the_operator_sends(self, kind):
        training = MnistTraining(namespace="team", name="mnist", uid="u", spec=Spec())
        spec = runs.run_spec(training, default_image="trainer:1")
        attempt = runs.new_attempt(training, "5b" * 16, 2, "7" * 64, opened=NOON)
        entry = failure_of(attempt, "OutputInvalid", "It is none.", now=NOON)
        told = run_of_attempt(attempt, training, spec), run_of_entry(entry, training)

        for run in told:
            event = build_event(kind, run, PLACE, at=NOON, error="It is none.")
            assert event == sent(event)
