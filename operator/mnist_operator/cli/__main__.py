"""`python -m mnist_operator.cli` is mnistctl, also where nothing is installed."""

from mnist_operator.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
