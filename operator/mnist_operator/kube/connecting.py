"""Who we are towards the API server, and the way there."""

from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import yaml
from kubernetes.aio import client, config

from mnist_operator.kube.objects import Kube
from mnist_operator.kube.transport import AT_ONCE

__all__ = ["connect", "find_proxy"]


async def connect(
    kubeconfig: Path | None, context: str | None = None, *, at_once: int = AT_ONCE
) -> Kube:
    """Open a client: this kubeconfig, else the pod's own ServiceAccount.

    Raises a ValueError that says why that cannot be used.
    """
    settings = client.Configuration()
    load = partial(_load, kubeconfig, context, settings)
    namespace = await load()
    # Else each request looks for a proxy and for a ~/.netrc, in two threads: half of
    # what it costs. The token is all that we are known by.
    settings.client_session_kwargs = {"trust_env": False}
    if settings.proxy is None:
        settings.proxy = find_proxy(settings.host)
    return Kube(client.ApiClient(settings), namespace, load, at_once=at_once)


async def _load(
    kubeconfig: Path | None, context: str | None, settings: client.Configuration
) -> str:
    """Read who we are; return the namespace of the context, where there is one."""
    try:
        if kubeconfig is None:
            config.load_incluster_config(client_configuration=settings)
            return ""
        loader = await config.load_kube_config(str(kubeconfig), context, settings)
        return loader.current_context["context"].get("namespace") or ""
    except (config.ConfigException, OSError, TypeError, yaml.YAMLError) as error:
        raise ValueError(str(error) or type(error).__name__) from error


def find_proxy(server: str) -> str | None:
    """The proxy on the way to a URL, as HTTPS_PROXY, HTTP_PROXY and NO_PROXY say.

    None where there is none, or none for this host. Their names may be small, too.
    """
    parts = urlsplit(server)
    if proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return getproxies().get(parts.scheme)
