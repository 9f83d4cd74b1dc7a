"""The operator as its image starts it."""

import sys

from mnist_operator.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
