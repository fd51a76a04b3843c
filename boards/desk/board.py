# SPDX-License-Identifier: MIT
"""The PC as a board: which port it runs on, and settings that hold where nothing else is said."""

PORT = "unix"
CONFIG = {"bus": "", "state": "", "echo": "auto", "baud": "2400"}
