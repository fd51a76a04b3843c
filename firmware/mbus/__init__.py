# SPDX-License-Identifier: MIT
"""M-Bus (EN 13757): frames, headers, records and both stations, without any I/O."""

__version__ = "0.1.0"
