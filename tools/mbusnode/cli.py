# SPDX-License-Identifier: MIT
"""The command `mbus`: arguments, and errors as people can use them.

Exit codes: 0 good, 1 nothing found or an error from the bus, 2 wrong usage, 130 Ctrl-C.
"""

import argparse
import os
import sys

from mbus import __version__
from mbusnode import (
    administration,
    baudrate,
    configuring,
    decoding,
    eventlist,
    flashing,
    functions,
    hardening,
    keychange,
    output,
    provisioning,
    reading,
    scanning,
    simulate,
    writing,
)
from mbusnode.failure import Failure, unrepeated


class _Shared:
    """What several commands' arguments have in common."""

    formatter = argparse.RawDescriptionHelpFormatter

    @staticmethod
    def add_format(parser):
        parser.add_argument(
            "--format", choices=output.FORMATS, default="table", help="default: %(default)s"
        )


class _Parser(argparse.ArgumentParser):
    """One whose errors repeat no key that was typed in the wrong place; so are its commands'."""

    def parse_known_args(self, args=None, namespace=None):
        self._typed = sys.argv[1:] if args is None else list(args)
        return super().parse_known_args(args, namespace)

    def error(self, message):
        super().error(unrepeated(message, self._typed))


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command; each sets run, a function of the arguments."""
    parser = _Parser(
        prog="mbus",
        description="Read, decode and simulate M-Bus meters (EN 13757).",
        epilog="Each command explains itself: mbus COMMAND --help",
    )
    parser.add_argument("--version", action="version", version="mbus-node " + __version__)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (decoding, reading, scanning, simulate, configuring):
        command.add_parser(subparsers, _Shared)
    administration.add_parsers(subparsers, _Shared)
    baudrate.add_parser(subparsers, _Shared)
    writing.add_parser(subparsers, _Shared)
    functions.add_parsers(subparsers, _Shared)
    eventlist.add_parser(subparsers, _Shared)
    keychange.add_parser(subparsers, _Shared)
    for command in (flashing, provisioning, hardening):
        command.add_parser(subparsers, _Shared)
    return parser


def _arguments(argv):
    """The arguments, where words may also stand behind options; exits if that is wrong usage.

    argparse gives what may be left out its part as soon as the first option comes.
    """
    parser = build_parser()
    args, late = parser.parse_known_args(argv)
    words = getattr(args, "words", None)
    if late and (words is None or any(word.startswith("-") for word in late)):
        parser.error("unrecognized arguments: " + " ".join(late))
    if late:
        words += late
    return args


def main(argv=None) -> int:
    """Run one command; returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    args = _arguments(argv)
    try:
        return args.run(args)
    except Failure as e:
        print("mbus: " + unrepeated(str(e), argv), file=sys.stderr)
        return e.code
    except KeyboardInterrupt:
        print("mbus: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of a pipe (head, less) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
