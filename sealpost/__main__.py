"""`python -m sealpost` is the `sealpost` command."""

from sealpost.client.cli import main

if __name__ == "__main__":
    main()
