# SPDX-License-Identifier: MIT
"""The node: what joins the protocol to a meter, its settings and its tasks."""


class ConfigError(ValueError):
    """A setting that cannot be: the text names key, value and what is allowed.

    It stands here because the settings' own files are forgotten once they have been read.
    """
