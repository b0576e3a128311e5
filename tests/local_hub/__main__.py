"""python -m tests.local_hub: the Hub by hand."""

from tests.local_hub.server import main

if __name__ == "__main__":
    main()
