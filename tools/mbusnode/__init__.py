# SPDX-License-Identifier: MIT
"""The command line `mbus`: reader, decoder, simulator and virtual bus on a PC."""
