# SPDX-License-Identifier: MIT
"""The node: what joins the protocol to a meter, its settings and its tasks."""
