"""Starts the command line: `srcnn COMMAND`, or the same as `python -m srcnn COMMAND`."""

import sys

from srcnn.cli.stopping import tell_ctrl_c

tell_ctrl_c()

from srcnn.cli.parser import main

if __name__ == "__main__":
    sys.exit(main())
