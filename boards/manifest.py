# SPDX-License-Identifier: MIT
"""For a frozen build, what all boards have in common; each board's manifest.py includes it.

Frozen are the module role, main.py, the board, and boot code that never formats what is not
blank.  Settings and counts stay in the file system, and a firmware in its folders a or b goes
before the frozen one.  MicroPython's own names, include() and so on, are given by its build.
"""
# ruff: noqa: E402, F821

import os
import sys

options.defaults(board="")
sys.path.insert(0, os.path.abspath("../tools"))

from importgraph import FIRMWARE, graph
from rolefiles import role_files

for path in role_files(options.board, "module", graph()).values():
    module(path.relative_to(FIRMWARE).as_posix(), base_path=str(FIRMWARE))
module("board.py", base_path=options.board)
module("main.py", base_path=".")
module("volume.py", base_path="frozen")
