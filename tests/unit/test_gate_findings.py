"""What is beyond a limit, how that is told, and how it is written down."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator import runs
from mnist_operator.commits import CommitState
from mnist_operator.decisions import Decision, read_line
from mnist_operator.gate_findings import (
    Figures,
    Finding,
    GateVerdict,
    read_finding,
    tell,
    violations,
)
from unit.builders import (
    attempt,
    commit,
    entry,
    examples,
    ident,
    training,
    unopened,
)

_THOUSAND = Figures(1000, 1010, 10, 20, Fraction(1, 4))


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        pytest.param({}, [], id="no-limit-allows-anything"),
        pytest.param(
            {"maxRelabelled": "0.01", "maxDropped": ".02", "maxClassShift": "0.25"},
            [],
            id="a-limit-itself-is-allowed",
        ),
        pytest.param(
            {"maxRelabelled": "0.0099999"},
            ["10 of 1000 images are relabelled (0.010000, maxRelabelled is 0.0099999)"],
            id="a-hair-beyond-it-is-not",
        ),
        pytest.param(
            {"maxDropped": "1e-3"},
            ["20 of 1000 images are gone (0.020000, maxDropped is 1e-3)"],
            id="with-an-exponent",
        ),
        pytest.param(
            {"maxClassShift": "0"},
            ["the classes' shares moved by 0.250000 (maxClassShift is 0)"],
            id="zero-allows-none",
        ),
        pytest.param({"maxRelabelled": "1", "maxDropped": "1.0"}, [], id="one-is-all"),
    ],
)
def test_these_limits_are_broken(limits, expected):
    assert expected == violations(_THOUSAND, limits)


def test_what_cannot_be_compared_breaks_every_limit():
    found = violations(Figures(fault="/x.npz: no archive"), {"maxDropped": "1"})

    assert ["its data cannot be compared: /x.npz: no archive"] == found


def test_of_no_images_none_are_relabelled_or_gone():
    limits = {"maxRelabelled": "0", "maxDropped": "0", "maxClassShift": "0"}

    assert [] == violations(Figures(), limits)


def test_it_is_told_with_what_it_was_compared_with():
    limits = (("maxDropped", "0.01"), ("maxRelabelled", "0"))
    finding = Finding(GateVerdict.HELD, ident(1), _THOUSAND, limits)

    assert (
        "10 of 1000 images are relabelled (0.010000, maxRelabelled is 0); 20 of 1000"
        " images are gone (0.020000, maxDropped is 0.01). Compared with the newest"
        f" model's data, commit {ident(1)}."
    ) == tell(finding)
    assert tell(Finding(GateVerdict.PASSED, ident(1))).startswith("within all limits.")


_COUNTS = st.integers(0, 2**31 - 1)
_FIGURES = st.builds(
    Figures,
    *(4 * [_COUNTS]),
    st.integers(0, 10**6).map(lambda n: Fraction(n, 10**6)),
) | st.builds(Figures, fault=st.text(st.characters(codec="ascii"), min_size=1).filter(
    str.isprintable
))  # fmt: skip
_FINDINGS = st.builds(
    Finding,
    st.sampled_from(GateVerdict),
    st.sampled_from(["", ident(1)]),
    st.none() | _FIGURES,
    st.sampled_from([(), (("maxDropped", "0.1"), ("maxRelabelled", "5e-4"))]),
)


@examples
@given(finding=_FINDINGS)
def test_it_is_read_back_as_it_was_written(finding):
    written = finding.to_json()

    assert written == read_finding(written).to_json()
    if finding.figures is None or not finding.figures.fault:
        assert finding == read_finding(written)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("Held", id="a-word"),
        pytest.param({}, id="no-verdict"),
        pytest.param({"verdict": "Perhaps"}, id="another-verdict"),
        pytest.param({"verdict": "Held", "imagesBefore": 1}, id="half-of-the-figures"),
        pytest.param(
            Finding(GateVerdict.HELD, figures=Figures()).to_json() | {"relabelled": -1},
            id="fewer-than-none",
        ),
        pytest.param(
            Finding(GateVerdict.HELD, figures=Figures()).to_json()
            | {"classShift": "1/0"},
            id="no-share",
        ),
        pytest.param(
            Finding(GateVerdict.HELD, figures=Figures()).to_json()
            | {"classShift": "0.1.2.3."},
            id="no-number",
        ),
    ],
)
def test_what_no_operator_wrote_is_not_read(wrong):
    line = entry(2, Decision.HELD).to_line()
    said = b'{"dataGate":' + runs.canonical(wrong) + b","

    assert read_line(line) is not None
    assert read_line(line.replace(b"{", said, 1)) is None


def test_a_fault_is_one_short_line_of_text_whoever_wrote_it():
    told = read_finding({"verdict": "Held", "fault": "\x1b[2J" + "x" * 500})

    assert "\x1b" not in told.figures.fault
    assert 200 == len(told.figures.fault)


def test_an_attempt_tells_what_was_found_to_whoever_goes_on_with_it():
    finding = Finding(GateVerdict.WARNED, ident(1), _THOUSAND, (("maxDropped", "0"),))
    opened = unopened(2, gate=finding)
    described = runs.describe_attempt(opened)
    read = runs.read_attempt(commit(9, state=CommitState.OPEN, description=described))
    spec = runs.run_spec(training(), default_image="image")

    assert finding == read.gate
    assert finding.to_json() == runs.build_request(read, spec)["dataGate"]
    assert "dataGate" not in runs.build_request(attempt(), spec)
    assert len(described) < 1200
