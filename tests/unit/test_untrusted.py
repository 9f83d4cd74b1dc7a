"""What gRPC says of a certificate that is not trusted, and what becomes of it."""

import grpc
import pytest

from mnist_operator import errors
from mnist_operator.pachyderm.failures import classify

_HANDSHAKE = (
    "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:30650: "
    "Tls handshake failed (TSI_PROTOCOL_FAILURE): SSL_ERROR_SSL: error:1000007d:"
)


@pytest.mark.parametrize(
    ("details", "told"),
    [
        pytest.param(
            f"{_HANDSHAKE}SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED: "
            "unable to get local issuer certificate: OK",
            "an authority that is not trusted",
            id="another-authority",
        ),
        pytest.param(
            f"{_HANDSHAKE}ECDSA routines:OPENSSL_internal:BAD_SIGNATURE: "
            "certificate signature failure: OK",
            "an authority that is not trusted",
            id="another-authority-of-the-same-name",
        ),
        pytest.param(
            f"{_HANDSHAKE}SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED: "
            "certificate has expired: OK",
            "has expired",
            id="expired",
        ),
        pytest.param(
            "failed to connect to all addresses; last error: UNKNOWN: "
            "ipv4:127.0.0.1:30650: Custom verification check failed with error: "
            "UNAUTHENTICATED: Hostname Verification Check failed.",
            "is for another host than spec.pachyderm.address",
            id="another-host",
        ),
        pytest.param(
            f"{_HANDSHAKE}SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER: "
            "Invalid certificate verification context: OK",
            "does not speak TLS",
            id="no-tls-there",
        ),
    ],
)
def test_a_certificate_that_is_not_trusted_is_told_in_plain_words(details, told):
    error = classify("InspectRepo", grpc.StatusCode.UNAVAILABLE, details)

    assert errors.UntrustedError is type(error)
    assert told in error.detail
    assert "OPENSSL" not in error.detail
