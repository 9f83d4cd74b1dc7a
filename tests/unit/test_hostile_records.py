"""Records in Pachyderm that somebody else wrote, or that were changed or cut.

Descriptions that claim to be ours, lines of a ledger, reports of trainers: each is
read as what it says or as none of ours, and what is made of it can be written again.
"""

import hashlib
import json
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator import lineage, runs
from mnist_operator.decisions import read_line
from mnist_operator.evidence import HashedFile, find_fault
from mnist_operator.ledger import Ledger
from mnist_operator.outcomes import retry_at
from mnist_operator.plan import Story
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import Outcome, Verdict, canonical
from mnist_operator.status import Reason
from mnist_operator.summary import summarize
from unit.builders import (
    INPUT,
    NOW,
    OUTPUT,
    RUNS,
    attempt,
    begun,
    closed,
    commit,
    entry,
    ident,
    observed,
)
from unit.evidence import CURVE, MANIFEST, MANIFEST_FILE, MODEL, evidence
from unit.hostile import DEEP, JUNK, changed, fuzzed, jsons, status_schema, texts

_STORY = Story(Reason.UP_TO_DATE, "")
_SCHEMA = status_schema()
_LARGEST_STATUS = 512 * 1024
_ATTEMPT = json.loads(
    runs.describe_outcome(
        attempt(),
        Outcome(Verdict.FAILED, "TrainerKilled", "It was killed."),
        {"pod": "p"},
    )
)
_MODEL = json.loads(lineage.describe_model(evidence()))
_LINE = json.loads(entry(1).to_line())
_START = json.loads(begun().to_line())


@fuzzed
@given(changed(_ATTEMPT) | jsons(list(_ATTEMPT)), st.booleans())
def test_a_description_that_claims_to_be_an_attempt_is_one_or_is_not(said, opened):
    text = said if isinstance(said, str) else json.dumps(said)
    head = commit(0xA011, repo=RUNS, description=text)
    head = replace(head, finishing=None, finished=None) if opened else head
    read = runs.read_attempt(head)
    if read is None:
        return
    world = replace(observed(attempt=attempt()), attempts=(read,))
    plan = reconcile(world, now=NOW)

    _is_shown(summarize(world, plan.story, now=NOW))
    canonical(runs.build_request(read, world.spec))
    assert retry_at(world, read) > NOW.replace(year=1900)


@fuzzed
@given(changed(_MODEL) | jsons(list(_MODEL)))
def test_a_description_that_claims_to_be_a_model_can_be_recorded_or_is_none(said):
    text = said if isinstance(said, str) else json.dumps(said)
    found = commit(0xF001, repo=OUTPUT, description=text)
    model = lineage.read_model(found)
    if model is None:
        return
    line = lineage.publication_of(found, model).to_line()
    ledger = Ledger.parse(begun().to_line() + line)

    assert model.run in ledger.runs
    _is_shown(summarize(observed(ledger=ledger), _STORY, now=NOW))


@fuzzed
@given(
    st.lists(
        changed(_LINE) | changed(_START) | jsons(list(_LINE)) | st.binary(max_size=50),
        max_size=6,
    )
)
def test_a_ledger_that_was_tampered_with_is_read_as_far_as_it_says_something(lines):
    content = b"\n".join(map(_written, lines))
    ledger = Ledger.parse(content + b"\n" + entry(7).to_line())
    world = observed(ledger=ledger)
    plan = reconcile(world, now=NOW)

    assert ident(7) in ledger.decided
    _is_shown(summarize(world, plan.story, now=NOW))
    for each in ledger.recent:
        assert read_line(each.to_line()) is not None


def _written(line):
    if isinstance(line, bytes):
        return line.replace(b"\n", b"").replace(b"\r", b"")
    text = line if isinstance(line, str) else json.dumps(line)
    return text.encode(errors="replace").replace(b"\n", b" ").replace(b"\r", b" ")


def _is_shown(status):
    said = {key: each for key, each in status.to_json().items() if each is not None}
    jsonschema.validate(said, _SCHEMA)
    text = json.dumps(said, ensure_ascii=False).encode()
    assert len(text) < _LARGEST_STATUS


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(entry(1).to_line()[:40], id="half-a-line"),
        pytest.param(b'{"message": "' + b"x" * 10_000_000 + b'"}', id="10-mb"),
        pytest.param(bytes(range(256)).replace(b"\n", b""), id="binary"),
        pytest.param(b"\xff\xfe" + "{}".encode("utf-16"), id="utf-16"),
        pytest.param(DEEP.encode(), id="deep"),
        pytest.param(b'{"time": "0001-01-01T00:00:00+05:00"}', id="before-all-time"),
        *(pytest.param(each.encode(), id=f"junk-{i}") for i, each in enumerate(JUNK)),
    ],
)
def test_a_line_that_is_none_takes_no_other_with_it(line):
    whole = begun().to_line() + line + b"\n" + entry(1).to_line()

    assert (None, Ledger.parse(begun().to_line() + entry(1).to_line())) == (
        read_line(line),
        Ledger.parse(whole),
    )


def test_the_line_after_half_of_one_is_lost_with_it_and_the_next_is_not():
    """So whoever appends looks again, and writes it once more."""
    half = begun().to_line() + entry(1).to_line()[:40]

    assert ident(2) not in Ledger.parse(half + entry(2).to_line()).decided
    assert ident(2) in Ledger.parse(half + 2 * entry(2).to_line()).decided


def test_an_attempt_of_a_number_beyond_all_numbers_is_none_of_ours():
    for number in (10**9, 10**400, -1, float("inf"), "x", None):
        said = json.dumps(_ATTEMPT | {"attempt": number})
        read = runs.read_attempt(commit(3, repo=RUNS, description=said))

        assert (number == 10**9) == (read is not None)


def test_a_closed_attempt_that_does_not_say_where_it_ran_is_not_published():
    assert "does not say where it ran: tfjob" in find_fault(evidence(facts={}))


@fuzzed
@given(changed(MANIFEST) | jsons(list(MANIFEST)))
def test_a_report_is_a_fault_or_makes_a_record(said):
    try:
        manifest = said if isinstance(said, dict) else json.loads(said)
    except (ValueError, RecursionError):
        manifest = {}
    manifest = manifest if isinstance(manifest, dict) else {}
    of = evidence(manifest=manifest)
    fault = find_fault(of)
    if fault:
        return
    statement = canonical(lineage.build_statement(of))
    sha256 = hashlib.sha256(statement).hexdigest()
    text = lineage.describe_model(of, statement_sha256=sha256)
    entries = lineage.metadata_entries(of, statement_sha256=sha256)

    assert statement == canonical(json.loads(statement))
    assert lineage.read_model(commit(0xF001, repo=OUTPUT, description=text))
    assert all(isinstance(each, str) for each in entries.values())


@fuzzed
@given(st.lists(texts.filter(bool), max_size=4))
def test_files_of_any_name_make_a_fault_or_a_record(names):
    wanted = [MODEL, CURVE, *(HashedFile(f"/{name}", 1, "ab" * 32) for name in names)]
    of = evidence(files=[*wanted, MANIFEST_FILE])
    text = find_fault(of)

    assert bool(names) == bool(text)
    assert len(text) < 1000


def test_a_report_that_nests_too_deeply_is_a_fault_and_not_an_error():
    deep = json.loads('{"metrics": {"a": ' + "[" * 500 + "]" * 500 + "}}")

    assert "nested too deeply" in find_fault(evidence(manifest=MANIFEST | deep))


def test_a_stranger_on_a_slot_is_no_attempt_of_ours():
    stranger = commit(3, repo=INPUT, description="someone's own work")

    assert runs.read_attempt(stranger) is None
    assert closed(attempt()).finished
