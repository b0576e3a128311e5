"""Arguments that commands of several files take."""

import argparse

Commands = argparse._SubParsersAction  # what each command adds its own parser to; argparse has no public name for it


def add_ensemble_argument(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--ensemble", action="store_true", help="average the eight turns of each picture: slower, better"
    )
