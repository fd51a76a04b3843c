# SPDX-License-Identifier: MIT
"""The meter behind the module: energy, demand, tariffs and time, without inputs or outputs."""
