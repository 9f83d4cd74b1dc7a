"""Every record, against what in-toto and SLSA publish: their messages, their rules."""

import json
import re

import pytest
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement

from schemas.recorded import ALL, content

_LENGTHS = {"sha256": 64, "gitCommit": 40}
"""Hexadecimal digits: the validator in Go refuses a digest of another length."""

records = pytest.mark.parametrize(
    "record", [pytest.param(of, id=name) for name, of in ALL.items()]
)


def _parse(record):
    """Unknown fields are an error: ours have to be where there is room for them."""
    return json_format.Parse(content(record), statement_pb2.Statement())


def _provenance(record):
    predicate = json.loads(content(record))["predicate"]
    return json_format.ParseDict(predicate, Provenance())


def _descriptors(record):
    provenance = _provenance(record)
    return [
        *_parse(record).subject,
        *provenance.build_definition.resolved_dependencies,
        *provenance.run_details.byproducts,
    ]


@records
def test_it_is_a_valid_in_toto_statement(record):
    Statement.copy_from_pb(_parse(record)).validate()


@records
def test_its_predicate_has_slsas_fields_and_no_others(record):
    provenance = _provenance(record)

    definition, details = provenance.build_definition, provenance.run_details
    assert "mnist" == definition.external_parameters["training"]["name"]
    assert "https://mnist-operator.dev/training/v1" == definition.build_type
    assert "https://mnist-operator.dev/operator" == details.builder.id
    assert {"mnist-operator": "0.1.0"} == dict(details.builder.version)
    assert "team/mnist-233f354619c8" == details.metadata.invocation_id
    took = details.metadata.finished_on.seconds - details.metadata.started_on.seconds
    assert 0 < took < 60


@records
def test_each_descriptor_says_what_it_describes(record):
    """A name alone is not enough: so the specification, though not its Python class."""
    for descriptor in _descriptors(record):
        ResourceDescriptor.copy_from_pb(descriptor).validate()
        assert descriptor.uri or descriptor.digest or descriptor.content


@records
def test_each_digest_is_as_long_as_its_algorithm_makes_it(record):
    digests = [pair for each in _descriptors(record) for pair in each.digest.items()]

    assert digests
    for algorithm, value in digests:
        assert _LENGTHS[algorithm] == len(value)
        assert re.fullmatch("[0-9a-f]+", value)


@records
def test_nothing_is_lost_on_the_way_through_the_messages(record):
    """Numbers become doubles there, which is what they are in JSON anyway."""
    predicate = json.loads(content(record))["predicate"]
    there = json_format.MessageToDict(_provenance(record))

    for part in ("externalParameters", "internalParameters"):
        assert predicate["buildDefinition"][part] == there["buildDefinition"][part]
    assert predicate["runDetails"]["byproducts"] == there["runDetails"]["byproducts"]
