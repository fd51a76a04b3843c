# SPDX-License-Identifier: MIT
"""What a meter measures at this moment: powers, voltages, currents, power factors.

values[i] is an integer, or None where nothing measures it.  A power is negative when it is
exported, a power factor likewise.
"""

P_L1 = 0  # W
P_L2 = 1
P_L3 = 2
Q = 3  # var, of all phases
U_L1 = 4  # 0.1 V
U_L2 = 5
U_L3 = 6
I_L1 = 7  # 10 mA
I_L2 = 8
I_L3 = 9
PF = 10  # 0.001, of all phases
PF_L1 = 11
PF_L2 = 12
PF_L3 = 13
FREQUENCY = 14  # 0.1 Hz
P = 15  # W, of all phases
COUNT = 16

# What follows from them: the directions apart.
P_IMPORT = 64
P_EXPORT = 65
Q_IMPORT = 66
Q_EXPORT = 67

# A CT meter multiplies these by its ratio.
SCALED = (P_L1, P_L2, P_L3, Q, I_L1, I_L2, I_L3, P)


class Live:
    """The values, all of them unknown to begin with."""

    def __init__(self):
        self.values = [None] * COUNT

    def clear(self):
        """Nothing is known."""
        for i in range(COUNT):
            self.values[i] = None

    def value(self, index: int):
        """A value, or one direction of a power; None where nothing measures it."""
        if index < COUNT:
            return self.values[index]
        value = self.values[P if index < Q_IMPORT else Q]
        if value is None:
            return None
        return max(-value if index & 1 else value, 0)
