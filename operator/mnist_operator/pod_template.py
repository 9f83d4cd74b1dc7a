"""What a user may add to the pod that trains: an allowlist.

The fields have the names and the shape that a pod template gives them. What is
Kubernetes' own (a toleration, the source of a volume) is only described, in
`shapes.py`: the API server checks its values when the TFJob is created. Checked here
is what the operator promises for every run: which container trains, on which commits,
with which labels; and what would otherwise only show in a pod that never appears.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from mnist_operator.labels import Annotations, Labels, Selector
from mnist_operator.model import Model, ObjectName
from mnist_operator.shapes import (
    AFFINITY,
    CONTAINER_FIELDS,
    DNS_CONFIG,
    ENV,
    ENV_FROM,
    HOST_ALIAS,
    MOUNT_FIELDS,
    POD_SECURITY,
    RESOURCES,
    SPREAD,
    TOLERATION,
    VOLUME_FIELDS,
    Shape,
)

__all__ = [
    "CONTAINER",
    "HIDING_MOUNT",
    "LEGAL_MOUNT",
    "OWN_FIELDS",
    "OWN_VOLUMES",
    "REMEDIES",
    "TEMPLATE_LIMIT",
    "PodTemplate",
]

CONTAINER = "tensorflow"
"""The name that the TFJob controller looks for."""
OWN_VOLUMES = ("pachyderm-ca", "tmp")
OWN_FIELDS = ("lifecycle", "ports", "securityContext", "volumeDevices", "volumeMounts")
"""What an item named tensorflow may add to the container that trains."""
REMEDIES: Mapping[str, str] = {
    "image": "name it in spec.trainer.image",
    "command": "spec.trainer.image brings the program that runs",
    "args": "add to the image's own in spec.trainer.args",
    "env": "set it in spec.trainer.env",
    "envFrom": "take each variable into spec.trainer.env with valueFrom",
    "resources": "set them in spec.trainer.resources",
}
"""What such an item must leave out, and where it is said instead."""
TEMPLATE_LIMIT = 64 * 1024
"""Bytes of a template as JSON: every TFJob and every record holds a copy."""

LEGAL_MOUNT = r"^(/([^/.]|[.][^/.]|[.][.][^/])[^/]*)*/?$"
"""An absolute path without empty, . or .. parts: its text says where it leads."""
HIDING_MOUNT = r"^/(tmp|etc(/mnist-operator(/.*)?)?)?/?$"
"""A place where a volume would hide what the operator mounts."""
_NAME_PATTERN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"


PartName = Annotated[str, Field(min_length=1, max_length=63, pattern=_NAME_PATTERN)]
"""Of a container or a volume."""
Word = Annotated[str, Field(max_length=16384)]
"""Of a command: it may be a script."""

# What only the API server reads; the schema says what it may look like.
Affinity = Annotated[dict[str, Any], WithJsonSchema(AFFINITY)]
ContainerResources = Annotated[dict[str, Any], WithJsonSchema(RESOURCES)]
DnsConfig = Annotated[dict[str, Any], WithJsonSchema(DNS_CONFIG)]
Env = Annotated[dict[str, Any], WithJsonSchema(ENV)]
EnvFrom = Annotated[dict[str, Any], WithJsonSchema(ENV_FROM)]
HostAlias = Annotated[dict[str, Any], WithJsonSchema(HOST_ALIAS)]
PodSecurity = Annotated[dict[str, Any], WithJsonSchema(POD_SECURITY)]
Spread = Annotated[dict[str, Any], WithJsonSchema(SPREAD)]
Toleration = Annotated[dict[str, Any], WithJsonSchema(TOLERATION)]


def _with(fields: Mapping[str, Shape]) -> ConfigDict:
    """Fields that the schema has and the model passes on."""

    def extend(schema: dict[str, Any]) -> None:
        schema["properties"] |= fields

    # By the names that Kubernetes knows alone: nobody else would check the others.
    return ConfigDict(extra="allow", populate_by_name=False, json_schema_extra=extend)


class Mount(Model):
    """Where a container sees a volume."""

    model_config = _with(MOUNT_FIELDS)

    name: PartName
    mount_path: Annotated[str, Field(min_length=1, max_length=1024)]


class Volume(Model):
    """A volume of the pod, with a source as in a pod."""

    model_config = _with(VOLUME_FIELDS)

    name: PartName

    @field_validator("name")
    @classmethod
    def _is_not_ours(cls, name: str) -> str:
        if name in OWN_VOLUMES:
            message = "must not be the name of a volume that the operator adds itself"
            raise ValueError(message)
        return name


class Container(Model):
    """A container beside the one that trains, or additions to that one."""

    model_config = _with(CONTAINER_FIELDS)

    name: PartName
    image: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    command: Annotated[list[Word], Field(max_length=64)] | None = None
    args: Annotated[list[Word], Field(max_length=64)] | None = None
    env: Annotated[list[Env], Field(max_length=64)] | None = None
    env_from: Annotated[list[EnvFrom], Field(max_length=32)] | None = None
    resources: ContainerResources | None = None
    volume_mounts: Annotated[list[Mount], Field(max_length=32)] | None = None

    @field_validator("image", "command", "args", "env", "env_from", "resources")
    @classmethod
    def _is_said_elsewhere(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("name") == CONTAINER and value is not None:
            remedy = REMEDIES[to_camel(str(info.field_name))]
            raise ValueError(f"must be left out of the container tensorflow: {remedy}")
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        others = set(self.model_extra or {}) - set(OWN_FIELDS)
        if self.name != CONTAINER and not self.image:
            message = "must have an image, as every container but tensorflow"
            raise ValueError(message)
        if self.name == CONTAINER and others:
            fields = ", ".join(OWN_FIELDS)
            told = f"must add no more than {fields} to the container tensorflow"
            raise ValueError(f"{told}, and not {min(others)}")
        return self

    @model_validator(mode="after")
    def _hides_nothing(self) -> Self:
        for mount in (self.volume_mounts or ()) if self.name == CONTAINER else ():
            path = mount.mount_path
            if not re.search(LEGAL_MOUNT, path) or re.search(HIDING_MOUNT, path):
                told = f"must not mount a volume at {path}, which would hide the"
                raise ValueError(f"{told} operator's own: take a path such as /data")
        return self


class PodMetadata(Model):
    """Labels and annotations of the pod."""

    labels: Labels | None = Field(None, description="More labels of the pod.")
    annotations: Annotations | None = Field(
        None, description="More annotations of the pod."
    )


class SecretName(Model):
    """A Secret in the same namespace."""

    name: ObjectName


class PodSpec(Model):
    """What of a pod is a user's to say."""

    node_selector: Selector | None = None
    tolerations: Annotated[list[Toleration], Field(max_length=32)] | None = None
    affinity: Affinity | None = None
    topology_spread_constraints: (
        Annotated[list[Spread], Field(max_length=16)] | None
    ) = None
    priority_class_name: ObjectName | None = None
    runtime_class_name: ObjectName | None = None
    scheduler_name: ObjectName | None = None
    automount_service_account_token: bool | None = None
    image_pull_secrets: Annotated[list[SecretName], Field(max_length=16)] | None = None
    security_context: PodSecurity | None = None
    termination_grace_period_seconds: Annotated[int, Field(ge=0, le=3600)] | None = None
    dns_policy: (
        Literal["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"] | None
    ) = None
    dns_config: DnsConfig | None = None
    host_aliases: Annotated[list[HostAlias], Field(max_length=32)] | None = None
    enable_service_links: bool | None = None
    volumes: Annotated[list[Volume], Field(max_length=32)] | None = Field(
        None, description="More volumes, each with a source as in a pod."
    )
    init_containers: Annotated[list[Container], Field(max_length=16)] | None = Field(
        None, description="Containers that run before the trainer."
    )
    containers: Annotated[list[Container], Field(max_length=16)] | None = Field(
        None,
        description="Containers beside the trainer; one named tensorflow adds to the"
        " trainer's own.",
    )

    @field_validator("init_containers")
    @classmethod
    def _train_nothing(cls, value: list[Container] | None) -> list[Container] | None:
        if any(each.name == CONTAINER for each in value or ()):
            message = "must not be called tensorflow, as the container that trains is"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _has_every_name_once(self) -> Self:
        volumes = [each.name for each in self.volumes or ()]
        for names in ([each.name for each in self._parts()], volumes):
            twice = [name for name, times in Counter(names).items() if times > 1]
            if twice:
                told = f"must name each of its containers and volumes once: {twice[0]}"
                raise ValueError(f"{told} is there twice")
        for part in self._parts():
            for mount in part.volume_mounts or ():
                if mount.name not in {*volumes, *OWN_VOLUMES}:
                    told = f"must have a volume for each mount: add {mount.name}"
                    raise ValueError(f"{told} to spec.trainer.template.spec.volumes")
        return self

    def _parts(self) -> Iterator[Container]:
        yield from self.init_containers or ()
        yield from self.containers or ()


class PodTemplate(Model):
    """Additions to the pod that trains, as in a pod template."""

    metadata: PodMetadata | None = None
    spec: PodSpec | None = None

    @model_validator(mode="after")
    def _is_small(self) -> Self:
        size = len(self.model_dump_json(by_alias=True, exclude_none=True).encode())
        if size > TEMPLATE_LIMIT:
            told = f"must have at most {TEMPLATE_LIMIT} bytes as JSON, not {size}"
            raise ValueError(f"{told}: keep big values in a ConfigMap")
        return self
