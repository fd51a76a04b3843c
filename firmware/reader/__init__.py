# SPDX-License-Identifier: MIT
"""The reader role: a master that reads meters in turn."""
