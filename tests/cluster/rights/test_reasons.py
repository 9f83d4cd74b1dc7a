"""Every verb that is granted has its reason above it, in the manifest itself."""

import pytest
import yaml

from cluster.rights.audit import reasons
from cluster.rights.conftest import KUSTOMIZE

MANIFESTS = [
    path
    for path in sorted(KUSTOMIZE.rglob("*.yaml"))
    if "- apiGroups:" in path.read_text()
]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_every_verb_of_a_rule_is_named_in_the_comment_above_it(path):
    unexplained = [
        f"{verb} in {rule!r}"
        for rule, comment in reasons(path.read_text()).items()
        for verb in yaml.safe_load(rule)[0]["verbs"]
        if f"{verb}:" not in comment and f"{verb}," not in comment
    ]

    assert [] == unexplained


def test_every_role_that_is_shipped_was_looked_at():
    assert {"account.yaml", "lease.yaml", "rbac.yaml", "users.yaml"} == {
        p.name for p in MANIFESTS
    }
