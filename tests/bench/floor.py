"""The least that can follow a repo: each commit that is finished makes a TFJob.

No staging, no ledger, no status, no retry; nothing is checked, and a restart would
create everything anew. The same stubs and the same Kubernetes client as the
operator's, and the TFJob that it would create (FLOOR_JOB), renamed for each commit.
"""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import grpc.aio
from kubernetes.aio import client, config
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

__all__: list[str] = []


async def _main(template: dict[str, Any]) -> None:
    environment = os.environ
    configuration = client.Configuration()
    await config.load_kube_config(
        config_file=environment["KUBECONFIG"], client_configuration=configuration
    )
    project = pfs_pb2.Project(name="default")
    repo = pfs_pb2.Repo(name=environment["FLOOR_REPO"], type="user", project=project)
    request = pfs_pb2.SubscribeCommitRequest(
        repo=repo, branch="", state=pfs_pb2.FINISHED, all=True
    )
    address = environment["PACHD_ADDRESS"]
    async with (
        client.ApiClient(configuration) as api,
        grpc.aio.insecure_channel(address) as channel,
    ):
        stub = pfs_pb2_grpc.APIStub(channel)
        async for info in stub.SubscribeCommit(request):
            await _create(api, template, info.commit.id)


async def _create(api: Any, template: dict[str, Any], commit: str) -> None:
    body = json.loads(json.dumps(template).replace("COMMIT", commit))
    namespace = body["metadata"]["namespace"]
    serialized = await api.param_serialize(
        "POST",
        f"/apis/kubeflow.org/v1/namespaces/{namespace}/tfjobs",
        query_params=[("fieldValidation", "Strict")],
        header_params={
            "Accept": "application/json",
            "Content-Type": "application/json",
        },
        body=body,
        auth_settings=["BearerToken"],
    )
    response = await api.call_api(*serialized)
    await response.read()
    print(commit, response.status, flush=True)


if __name__ == "__main__":
    asyncio.run(_main(json.loads(Path(os.environ["FLOOR_JOB"]).read_text())))
