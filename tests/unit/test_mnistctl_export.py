"""The exports as pure functions: total, repeatable, silent where nothing is known."""

import json
import uuid

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.cli.export.croissant import write_croissant
from mnist_operator.cli.export.facts import Source
from mnist_operator.cli.export.ml_bom import name_image, write_bom
from mnist_operator.cli.export.model_card import write_card
from mnist_operator.cli.export.openlineage_event import write_event
from mnist_operator.cli.failures import NoAnswerError
from mnist_operator.cli.statements import read_statement
from mnist_operator.lineage import build_statement
from mnist_operator.openlineage import Place
from unit import mnistctl_records as records
from unit.builders import examples

PLACE = Place("pachyderm://pachd")
COMMIT = "a1" * 16


def source(value, *, commit=COMMIT, name=f"default/outputrepo@{COMMIT}"):
    return Source(read_statement(json.dumps(value).encode()), name, commit)


def recorded(**manifest):
    return json.loads(json.dumps(build_statement(records.evidence(**manifest))))


def event(of):
    return json.loads(write_event(of, PLACE, finished=records.NOON))


# --- the model card -------------------------------------------------------------------


def test_a_card_names_commit_data_image_and_how_to_verify_them():
    card = write_card(source(recorded()))

    for line in (
        "# Model of `team/mnist`",
        f"- commit: `{records.INPUT_COMMIT}`",
        f"- image that ran: `sha256:{records.IMAGE_SHA256}`",
        f"- revision: `{records.REVISION}`",
        "- epochs: `1`",
        "| `accuracy` | `0.9933` |",
        f"mnistctl verify default/outputrepo@{COMMIT}",
        f"pachctl inspect commit --project default inputrepo@{records.INPUT_COMMIT}",
        f"| `data/mnist.npz` | `4` | `{records.sha256(b'data')}` |",
    ):
        assert f"{line}\n" in card


def test_a_card_shows_which_digits_are_taken_for_which():
    metrics = {"accuracy": 0.9, "confusionMatrix": [[980, 1], [3, 1132]]}

    card = write_card(source(recorded(metrics=metrics)))

    assert "| true class | 0 | 1 |\n| --- | --- | --- |\n" in card
    assert "| `1` | `3` | `1132` |\n" in card


def test_a_card_says_what_its_record_does_not():
    card = write_card(source({}, commit="", name="downloads"))

    assert "# Model of `downloads`\n" in card
    assert "Its record does not say: the digest of the image that ran, the rev" in card
    assert "mnistctl verify FOLDER\n" in card
    assert "license" not in yaml.safe_load(card.split("---\n")[1])


def test_what_others_wrote_is_no_markup_and_no_second_line():
    value = recorded(parameters={"note": "`x`|<b>\n# Title"})

    card = write_card(source(value))

    assert "- note: `'x'\\|<b> # Title`\n" in card
    assert "\n# Title" not in card


# --- the bill of materials ------------------------------------------------------------


def test_a_bom_has_the_same_number_wherever_the_record_lies():
    value = recorded()

    there = json.loads(write_bom(source(value)))
    here = json.loads(write_bom(source(value, commit="", name="downloads")))
    other = json.loads(write_bom(source(recorded(metrics={"accuracy": 0.5}))))

    number = there["serialNumber"]
    assert 5 == uuid.UUID(number).version
    assert number == here["serialNumber"] != other["serialNumber"]
    assert "2026-03-31T11:00:55Z" == there["metadata"]["timestamp"]


def test_a_bom_has_the_models_digest_and_its_metrics_as_text():
    model = json.loads(write_bom(source(recorded())))["metadata"]["component"]

    assert [{"alg": "SHA-256", "content": records.sha256(b"model")}] == model["hashes"]
    analysis = model["modelCard"]["quantitativeAnalysis"]
    assert {"type": "accuracy", "value": "0.9933"} in analysis["performanceMetrics"]


def test_a_run_that_somebody_asked_for_has_a_trigger_and_no_other_has_one():
    def trigger(request):
        value = recorded()
        internal = value["predicate"]["buildDefinition"]["internalParameters"]
        internal["request"] = request
        [formula] = json.loads(write_bom(source(value)))["formulation"]
        return formula["workflows"][0].get("trigger")

    assert "manual" == trigger("2026-03-31T12:00:00Z")["type"]
    assert trigger("spec:0123456789abcdef:0123456789abcdef") is None
    assert trigger("") is None


@pytest.mark.parametrize(
    ("image", "name", "tag"),
    [
        pytest.param("trainer", "trainer", "", id="bare"),
        pytest.param("hub:5000/a/trainer:1", "hub:5000/a/trainer", "1", id="port"),
        pytest.param("hub:5000/trainer", "hub:5000/trainer", "", id="port-and-no-tag"),
        pytest.param("a/b:1@sha256:00", "a/b", "1", id="tag-and-digest"),
    ],
)
def test_an_image_is_taken_apart(image, name, tag):
    assert (name, tag) == name_image(image)


# --- the training data, and the event -------------------------------------------------


def test_croissant_describes_the_data_and_not_the_model():
    described = json.loads(write_croissant(source(recorded())))

    assert "default/inputrepo" == described["name"]
    assert records.INPUT_COMMIT == described["version"]
    [file] = described["distribution"]
    assert records.sha256(b"data") == file["sha256"]
    place = f"pachyderm://default/inputrepo@{records.INPUT_COMMIT}"
    assert f"{place}:/data/mnist.npz" == file["contentUrl"]


def test_a_file_whose_digest_is_not_known_cannot_be_a_croissants():
    files = [{"path": "a.npz", "sha256": "?"}, {"path": "/", "sha256": "0" * 64}]

    described = json.loads(write_croissant(source(recorded(input=files))))

    assert [] == described["distribution"]


def test_the_event_is_one_of_the_run_at_the_end_of_its_publication():
    told = event(source(recorded()))

    assert ("COMPLETE", "2026-03-31T12:00:00Z") == (
        told["eventType"],
        told["eventTime"],
    )
    [model] = told["outputs"]
    assert COMMIT == model["facets"]["version"]["datasetVersion"]


def test_in_a_folder_the_event_has_the_time_of_the_run_and_no_model_commit():
    folder = source(recorded(), commit="", name="downloads")

    told = json.loads(write_event(folder, PLACE, finished=None))

    assert "2026-03-31T11:00:55Z" == told["eventTime"]
    assert "version" not in told["outputs"][0]["facets"]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        pytest.param("run", "names no run of a training", id="no-run"),
        pytest.param("finishedOn", "does not say when the run ended", id="no-end"),
    ],
)
def test_an_event_that_would_have_to_be_invented_is_refused(part, said):
    value = recorded()
    predicate = value["predicate"]
    predicate["buildDefinition"]["internalParameters"].pop(part, None)
    predicate["runDetails"]["metadata"].pop(part, None)

    with pytest.raises(NoAnswerError, match=said):
        write_event(source(value, commit=""), PLACE, finished=None)


# --- whatever a record says -----------------------------------------------------------

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner),
    max_leaves=6,
)


@st.composite
def spoilt(draw):
    """A record of which parts are missing or anything else."""

    def spoil(part):
        match draw(st.integers(0, 15)):
            case 0:
                return draw(anything)
            case _ if isinstance(part, dict):
                kept = [key for key in part if draw(st.integers(0, 15))]
                return {key: spoil(part[key]) for key in kept}
            case _ if isinstance(part, list):
                return [spoil(child) for child in part]
            case _:
                return part

    return spoil(recorded(environment={"keras": "3", "tensorflow": "2", "n": None}))


@pytest.mark.parametrize("write", [write_card, write_bom, write_croissant])
@given(value=spoilt())
@examples
def test_every_record_can_be_exported_and_is_the_same_each_time(write, value):
    text = write(source(value))

    assert text == write(source(value))
    assert text.encode()


@given(spoilt())
@examples
def test_every_record_is_an_event_or_the_reason_why_not(value):
    try:
        told = event(source(value))
    except NoAnswerError as error:
        told = {"refused": str(error)}

    assert {"refused"} == set(told) or told["run"]["runId"]
