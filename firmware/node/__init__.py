# SPDX-License-Identifier: MIT
"""The node: what joins the protocol to a meter, its settings and its tasks."""

import sys


class ConfigError(ValueError):
    """A setting that cannot be: the text names key, value and what is allowed.

    It stands here because the settings' own files are forgotten once they have been read.
    """


def forget(*names):
    """Give the heap back that files of this package take which were needed once."""
    for name in names:
        # Both hold it: the table of modules, and the package.
        if sys.modules.pop("node." + name, None):
            delattr(sys.modules["node"], name)
