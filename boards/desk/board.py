# SPDX-License-Identifier: MIT
"""The PC as a board: which port it runs on, and settings that hold where nothing else is said.

It has no inputs: its values are those that a host sets, unless a configuration says otherwise.
"""

PORT = "unix"
CONFIG = {"bus": "", "state": "", "echo": "auto", "baud": "2400", "source": "host"}
