"""python -m srcnn: the command line."""

import sys

from srcnn.cli.parser import main

if __name__ == "__main__":
    sys.exit(main())
