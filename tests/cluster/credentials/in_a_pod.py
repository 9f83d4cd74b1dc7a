"""The operator as in a pod: its ServiceAccount's files lie where ACCOUNT_FOLDER says.

A pod has them in a place that is nobody's to write to on this machine.
"""

import os
import sys

from kubernetes.aio.config import incluster_config

from mnist_operator.__main__ import main

_FOLDER = os.environ["ACCOUNT_FOLDER"]

if __name__ == "__main__":
    incluster_config.SERVICE_TOKEN_FILENAME = f"{_FOLDER}/token"
    incluster_config.SERVICE_CERT_FILENAME = f"{_FOLDER}/ca.crt"
    sys.exit(main())
