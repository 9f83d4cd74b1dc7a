"""Three copies of one record: whatever one of them says differently is told."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.cli import screen
from mnist_operator.cli.comparison import find_disagreements
from mnist_operator.cli.lineage.reports import build_report
from mnist_operator.cli.lineage.screen_lines import lineage_lines
from mnist_operator.commits import File
from mnist_operator.runs import canonical
from unit import mnistctl_records as records
from unit.builders import examples

_OF_ITSELF = {"kind", "version", "lineageSha256"}
"""Keys of a description that say what it is, and not what made the model."""
RICH = records.evidence(
    previous="7" * 32,
    parameters={"epochs": 1, "seed": 7},
    environment={
        "sourceRevision": records.REVISION,
        "sourceUrl": "git+https://example.org/mnist",
        "requirementsSha256": "5" * 64,
    },
)
"""A run of which everything is known."""


class TestAgreement:
    def _change(self, *, description=None, statement=None, metadata=None, files=None):
        """A record with one copy changed, and all digests made to fit."""
        commit, content, listed = records.record()
        if statement is not None:
            value = json.loads(content)
            statement(value)
            content = canonical(value)
        digest = records.sha256(content)
        described = json.loads(commit.description) | {"lineageSha256": digest}
        entries = {**commit.metadata, "lineage.sha256": digest}
        commit = replace(
            commit,
            description=canonical(described | (description or {})).decode(),
            metadata=entries | (metadata or {}),
        )
        return find_disagreements(commit, content, files or listed)

    def test_copies_that_agree_are_silent(self):
        assert [] == self._change()

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("training", "team/other"),
            ("inputRepo", "default/other"),
            ("inputBranch", "other"),
            ("inputCommit", "6" * 32),
            ("run", "6" * 32),
            ("attempt", 2),
            ("tfjob", "other"),
            ("image", "other"),
            ("imageSha256", "6" * 64),
            ("specSha256", "6" * 64),
            ("accuracy", "0.9999"),
            ("dataSha256", "6" * 64),
            ("modelSha256", "6" * 64),
            ("packagesSha256", "6" * 64),
            ("gitCommit", "6" * 40),
            ("seed", 8),
            ("previousModel", "6" * 32),
            ("warmStart", "6" * 32),
            ("operator", "9.9.9"),
        ],
    )
    def test_another_identity_in_the_description_is_told(self, key, value):
        [told] = self._change(description={key: value})

        assert told.startswith(f"{key}: the description says {value}, /lineage.json")

    @pytest.mark.parametrize("key", sorted(records.record()[0].metadata))
    def test_another_value_in_the_index_is_told(self, key):
        [told] = self._change(metadata={key: "other"})

        assert told.startswith(f"{key}: the metadata map, which anyone may edit, says")

    @pytest.mark.parametrize(
        "key", sorted(json.loads(records.record()[0].description).keys() - _OF_ITSELF)
    )
    def test_a_description_may_say_less(self, key):
        """As those of older operators do, and those that had no room."""
        commit, content, files = records.record()
        described = json.loads(commit.description)
        del described[key]
        commit = replace(commit, description=json.dumps(described))

        assert [] == find_disagreements(commit, content, files)

    def test_every_key_of_both_copies_is_compared(self):
        """RECORD adds keys; one that nobody compares could say anything."""
        commit, content, files = records.record(RICH)
        described = json.loads(commit.description)
        wrong = {key: "other" for key in described if key not in _OF_ITSELF}
        index = dict.fromkeys(commit.metadata, "other")
        commit = replace(
            commit, description=json.dumps(described | wrong), metadata=index
        )

        told = find_disagreements(commit, content, files)

        assert len(wrong) + len(index) == len(told)

    def test_a_signature_is_no_file_of_the_model(self):
        signature = File("/lineage.sigstore.json", 100, "")
        commit, content, files = records.record()

        assert [] == find_disagreements(commit, content, [*files, signature])

    def test_a_server_without_an_index_has_nothing_to_disagree_with(self):
        commit, content, files = records.record(metadata=False)

        assert [] == find_disagreements(commit, content, files)

    def test_another_digest_of_lineage_json_is_told(self):
        [told] = self._change(description={"lineageSha256": "6" * 64})

        assert "/lineage.json is not the one that the description names" in told

    def test_a_description_without_a_digest_is_told(self):
        commit, content, files = records.record()
        described = json.loads(commit.description)
        del described["lineageSha256"]
        commit = replace(commit, description=json.dumps(described))

        assert ["the description holds no digest of /lineage.json"] == (
            find_disagreements(commit, content, files)
        )

    def test_a_changed_spec_is_told(self):
        def change(value):
            definition = value["predicate"]["buildDefinition"]
            definition["externalParameters"]["spec"]["trainer"]["image"] = "other"

        spec, image = self._change(statement=change)

        assert "/lineage.json holds another spec than its specSha256 names" == spec
        assert f"names two images: {records.IMAGE}, and other in spec" in image

    def test_another_list_of_data_than_its_digest_names_is_told(self):
        def change(value):
            definition = value["predicate"]["buildDefinition"]
            data = definition["resolvedDependencies"][0]
            data["annotations"]["files"][0]["sha256"] = "6" * 64

        [told] = self._change(statement=change)

        assert told.startswith("/lineage.json holds another list of data than it names")

    def test_an_input_named_twice_and_differently_is_told(self):
        def change(value):
            definition = value["predicate"]["buildDefinition"]
            definition["resolvedDependencies"][0]["uri"] = "pachyderm://a/b@c"

        [told] = self._change(statement=change)

        assert told.startswith("/lineage.json names two inputs: pachyderm://a/b@c and")

    def test_files_that_only_one_of_them_knows_are_told(self):
        files = [File("/my_model.h5", 5, ""), File("/extra", 1, "")]

        assert [
            "/run.json is in /lineage.json only",
            "/extra is not in /lineage.json",
        ] == self._change(files=files)

    def test_a_lineage_json_that_is_none_is_told(self):
        commit, _, files = records.record()

        assert "/lineage.json is no JSON object" in find_disagreements(
            commit, b"[]", files
        )


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def _places(value, path=()):
    yield path
    pairs = value.items() if isinstance(value, dict) else ()
    pairs = enumerate(value) if isinstance(value, list) else pairs
    for key, child in pairs:
        yield from _places(child, (*path, key))


STATEMENT = json.loads(records.record()[1])
PLACES = [place for place in _places(STATEMENT) if place]


@examples
@given(place=st.sampled_from(PLACES), value=_JSON)
def test_whatever_stands_in_lineage_json_is_told_and_never_breaks(place, value):
    commit, content, files = records.record()
    changed = json.loads(content)
    at = changed
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value

    found = build_report(
        "x", records.found(commit), json.dumps(changed).encode(), files
    )

    assert not found["record"]["agrees"]
    for shown in (
        screen.serialize(found, "json"),
        screen.serialize(found, "yaml"),
        "\n".join(line.plain for line in lineage_lines(found)),
    ):
        assert records.INPUT_COMMIT in shown
