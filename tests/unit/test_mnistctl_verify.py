"""A record before its witnesses: what the answer says, and that nothing escapes it.

How they are asked is tested with a server, in tests/integration/mnistctl.
"""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.cli.verify.report import Terms, build_item, verify
from mnist_operator.cli.verify.screen import (
    item_lines,
    summary_lines,
    verified_lines,
)
from mnist_operator.cli.verify.verification import Absence
from unit import mnistctl_records as records
from unit.builders import examples
from unit.mnistctl_witnesses import (
    check_of,
    failed,
    opened,
    verified,
    witnesses,
)


def test_a_record_that_fits_is_valid():
    found = verified()

    assert found.is_valid
    assert ["copies", "signature", "run", "ledger", "files", "input", "image"] == [
        each.name for each in found.checks
    ]


# --- the answer -----------------------------------------------------------------------


def test_what_the_model_cannot_be_made_again_from_is_listed():
    found = verified(data=Absence.GONE)

    assert (
        "its input commit was squashed or dropped",
        "the seed that it was trained with is unknown",
    ) == found.obstacles


def test_an_edited_index_is_told_with_whom_to_believe():
    found = verified(change={"metadata": {"input.commit": "6" * 32}})

    assert ["copies"] == failed(found)
    assert "believe the other two" in check_of(found, "copies").remedy


def test_a_record_that_is_missing_leaves_nothing_to_make_it_from():
    commit, _, files = records.record()

    found = verify(opened(commit, None, files), witnesses(commit), Terms())

    assert "copies" in failed(found)
    assert ("there is no record of what it was made with",) == found.obstacles


def test_a_summary_counts_what_failed_and_what_cannot_be_made_again():
    summary = {"models": 1, "failed": 0, "obstacles": {"it is gone": 1}}
    worse = {"models": 2, "failed": 1, "obstacles": {}}

    assert ["1 model, none failed", "1 cannot be made again: it is gone"] == [
        line.plain for line in summary_lines({"summary": summary})
    ]
    assert ["2 models; 1 FAILED"] == [
        line.plain for line in summary_lines({"summary": worse})
    ]


def test_a_failure_is_told_with_what_to_do():
    item = build_item(verified(data=Absence.GONE))

    lines = [line.plain for line in verified_lines(item)]
    [short, fault, remedy] = [line.plain for line in item_lines(item)]

    assert "FAILED: input; not known: signature" == lines[-1]
    assert any(
        "What to do: its data cannot be shown any more" in each for each in lines
    )
    assert short.endswith("its input commit was squashed or dropped; the seed that it"
                          " was trained with is unknown")  # fmt: skip
    assert fault.startswith("  input       FAILED  default/inputrepo@")
    assert remedy.lstrip().startswith("What to do: ")


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
def test_whatever_stands_in_a_record_is_told_and_never_breaks(place, value):
    """Its description names it by its digest, as a forger would write it."""
    commit, content, files = records.record(metadata=False)
    changed = json.loads(content)
    at = changed
    for key in place[:-1]:
        at = at[key]
    if at[place[-1]] == value:
        return
    at[place[-1]] = value
    forged = json.dumps(changed).encode()
    described = json.loads(commit.description) | {
        "lineageSha256": records.sha256(forged)
    }
    commit = replace(commit, description=json.dumps(described))

    found = verify(opened(commit, forged, files), witnesses(commit), Terms())

    lines = [line.plain for line in verified_lines(build_item(found))]
    assert lines[-1].startswith("FAILED: ")


def test_every_key_of_a_statement_was_tried():
    assert len(PLACES) > 80
