"""The operator with every logger at DEBUG, which no setting of its own turns on."""

import logging
from functools import partial

import kopf

from mnist_operator.__main__ import serve
from mnist_operator.settings import Settings
from mnist_operator.supervision import supervise

if __name__ == "__main__":
    kopf.configure(debug=True, log_format=kopf.LogFormat.FULL)
    for name in ("", "aiohttp", "asyncio", "kopf", "kubernetes", "mnist_operator"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    supervise(partial(serve, Settings()), json_log=False)
