"""The command line: `aftershock` or `python -m aftershock`. A shell over the library, equal to the pages.

Exit status: 0 done; 1 could not be done, one sentence on standard error; 2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from aftershock import __version__
from aftershock.cli import chart, claims, events, ingest, prices, report, serve, study
from aftershock.errors import AftershockError
from aftershock.text import words

COMMANDS = (serve, events, chart, study, claims, report, ingest, prices)


def parser() -> argparse.ArgumentParser:
    """The whole command line; every module of COMMANDS adds its command."""
    top = argparse.ArgumentParser(prog="aftershock", description="What did this news do to the market, and was it more than noise?")
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(required=True, metavar="command")
    for module in COMMANDS:
        module.register(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit status."""
    args = parser().parse_args(argv)
    try:
        return int(args.func(args))
    except AftershockError as error:
        sys.stderr.write(error.sentence(args.lang) + "\n")
        return 1
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        sys.stderr.close()
        return 0
    except OSError as error:
        sys.stderr.write(words(args.lang)("error.file", file=error.filename or "-", problem=error.strerror or error) + "\n")
        return 1
