# SPDX-License-Identifier: MIT
"""The start-up configuration: the settings of one meter.

Not what the bus changes: that is in settings.py and goes before this.
"""

# What goes before the defaults in a device whose configuration cannot be read: it answers,
# but counts nothing by a weight that may be wrong, and lets nobody change anything.
SAFE = {"source": "none", "lock": "yes"}
UNIT = ("serial", "manufacturer", "version")  # which one it is, whatever else cannot be used


class Config:
    """The settings of one meter as attributes, from a dict of texts (or numbers, or bools).

    meter k (from 1) has identification number 12345677 + k and serial number 87654320 + k
    where nothing else is said.

    identification  the 8 octets of the secondary address in wire order; serial 4 BCD octets
    manufacturer    its code, 16 bits
    baud            0: automatic
    pulse1_weight   (pulses, units that they make); pulse2_weight likewise
    tariff_source   0 input, 1 bus, 2 clock
    tariff_table    tuple of (weekdays, months, minute of the day, tariff) of meter/tariff.py
    damaged         what was configured could not be read
    The others are numbers, bools or words as configkeys.py has them.  ConfigError
    for what cannot be.
    """

    def __init__(self, given, damaged=False):
        # Loaded only now, and so can go again when the configuration is read.
        from .configkeys import settle

        self.damaged = damaged
        settle(self, given)
