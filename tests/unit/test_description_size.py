"""A model's description stays small, whatever names people give."""

import json
from dataclasses import replace

import pytest

from mnist_operator import lineage
from mnist_operator.crd import NAME_LIMIT
from unit.builders import commit, ident
from unit.evidence import MODEL, RECORD, REVISION, an_attempt, evidence, said


def _longest(image="i" * 512, request="r" * 253):
    """A run all of whose names are as long as they may be."""
    long = {"project": "p" * 63, "repo": "r" * 63, "branch": "b" * 63}
    asked = an_attempt(
        input=long,
        output={"path": "m" * 255},
        trainer={"image": image, "warmStart": True},
    )
    begun = long | {"path": "m" * 255, "commit": ident(5)}
    training = {"namespace": "n" * 63, "name": "m" * NAME_LIMIT, "uid": "u" * 36}
    return evidence(
        attempt=asked
        | {"training": training, "request": request, "warmStart": begun}
        | {"attempt": 10**6, "operatorVersion": "v" * 64},
        facts=RECORD | {"tfjob": "j" * 63},
        manifest=said(sourceRevision=REVISION, requirementsSha256="9" * 64)
        | {"parameters": {"seed": 2**31}, "warmStart": {"sha256": "8" * 64}},
        files=(replace(MODEL, path="/" + "m" * 255),),
    )


_ALL = {
    *("kind", "version", "training", "inputRepo", "inputBranch", "inputCommit"),
    *("dataSha256", "request", "run", "attempt", "tfjob", "image", "imageSha256"),
    *("gitCommit", "packagesSha256", "specSha256", "seed", "accuracy", "modelSha256"),
    *("previousModel", "warmStart", "operator", "lineageSha256"),
}
_LATER = {
    *("packagesSha256", "gitCommit", "dataSha256", "modelSha256", "operator"),
    *("seed", "previousModel", "image"),
}
"""What it can do without."""


@pytest.mark.parametrize(
    ("image", "request_", "dropped"),
    [
        pytest.param(
            "i" * 200, "r" * 30, set(), id="names-of-a-length-that-somebody-gives"
        ),
        pytest.param(
            "i" * 512, "r" * 253, {"packagesSha256"}, id="the-longest-of-plain-letters"
        ),
        pytest.param("\u20ac" * 512, "\u20ac" * 253, _LATER, id="of-three-bytes-each"),
        pytest.param(
            "i" * 512,
            "\U0001f600" * 253,
            _LATER,
            id="a-request-of-pictures-and-the-longest-image",
        ),
        pytest.param("i", '"' * 253, set(), id="that-json-escapes"),
    ],
)
def test_a_description_is_at_most_two_kilobytes(image, request_, dropped):
    of = _longest(image, request_)

    text = lineage.describe_model(of, statement_sha256="ab" * 32)

    told = json.loads(text)
    assert len(text.encode()) <= 2048
    assert dropped == _ALL - {*told}
    assert lineage.read_model(commit(9, description=text)).turn == (
        request_,
        "" if request_ else ident(1),
    )


def test_a_request_is_told_in_full_whatever_it_is_made_of():
    """It is what a model is found again by: rather a description that is larger."""
    text = lineage.describe_model(_longest(request="\x01" * 253))

    assert "\x01" * 253 == lineage.read_model(commit(9, description=text)).request
    assert len(text.encode()) < 3072
