# SPDX-License-Identifier: MIT
"""The VIF and VIFE tables of EN 13757-3, as rows of table.py.

PRIMARY is table 10, FB and FD are the extensions behind those octets (tables 14 and 12), the
others serve the combinable VIFE (table 15) and their extension behind FC (table 16).
"""

from .table import Table

# A row of the VIF tables serves the codes from its own to the next row's:
#   code n EXPONENT UNIT QUANTITY   a number, the exponent rises by one from code to code
#   code = EXPONENT UNIT QUANTITY   a number with one exponent
#   code DIGIT QUANTITY             a duration; the digit is the first code's place in DURATIONS
#   code KIND QUANTITY              what value.py has a kind for
#   code -                          reserved
# An exponent is a minus or a space, and one digit: < stands for 12.  A unit is its letter in
# UNITS, which are texts from the beginning: MicroPython takes long to make one out of octets.
DURATIONS = (("s", 1), ("s", 60), ("s", 3600), ("s", 86400), ("month", 1), ("year", 1))
UNITS = (
    "", "Wh", "J", "m³", "kg", "W", "J/h", "m³/h",  # A to H
    "m³/min", "m³/s", "kg/h", "°C", "K", "bar", "HCA units", "varh",  # I to P
    "VAh", "cal", "var", "%", "ft³", "US gal", "US gal/min", "US gal/h",  # Q to X
    "°", "Hz", "VA", "°F", "currency", "V", "A", "dBm",  # Y, Z, a to f
)  # fmt: skip

PRIMARY = Table(b"""\
00 n-3 B energy
08 n 0 C energy
10 n-6 D volume
18 n-3 E mass
20 0 on time
24 0 operating time
28 n-3 F power
30 n 0 G power
38 n-6 H volume flow
40 n-7 I volume flow
48 n-9 J volume flow
50 n-3 K mass flow
58 n-3 L flow temperature
5C n-3 L return temperature
60 n-3 M temperature difference
64 n-3 L external temperature
68 n-3 N pressure
6C d date
6D d date and time
6E = 0 O heat cost allocation
6F -
70 0 averaging duration
74 0 actuality duration
78 u fabrication number
79 a identification
7A u bus address
7B -
7C = 0 A plain text
7D -
7E = 0 A any VIF
7F = 0 A manufacturer specific
""")

FB = Table(b"""\
00 n 5 B energy
02 n 3 P reactive energy
04 n 3 Q apparent energy
06 -
08 n 8 C energy
0A -
0C n 5 R energy
10 n 2 D volume
12 -
14 n 0 S reactive power
18 n 5 E mass
1A n-1 T relative humidity
1C -
20 = 0 U volume
21 =-1 U volume
22 n-1 V volume
24 =-3 W volume flow
25 = 0 W volume flow
26 = 0 X volume flow
27 -
28 n 5 F power
2A =-1 Y phase angle voltage to voltage
2B =-1 Y phase angle voltage to current
2C n-3 Z frequency
30 n 8 G power
32 -
34 n 0 a apparent power
38 -
58 n-3 b flow temperature
5C n-3 b return temperature
60 n-3 b temperature difference
64 n-3 b external temperature
68 = 0 A HCA rating factor
6F -
70 n-3 b cold/warm temperature limit
74 n-3 L cold/warm temperature limit
78 n-3 F cumulative maximum power
""")

FD = Table(b"""\
00 n-3 c credit
04 n-3 c debit
08 u unique message identification
09 u device type
0A l manufacturer
0B u parameter set identification
0C u model/version
0D u hardware version
0E u metrology firmware version
0F u software version
10 u customer location
11 u customer
12 u access code user
13 u access code operator
14 u access code system operator
15 u access code developer
16 u password
17 u error flags
18 u error mask
19 x security key
1A u digital output
1B u digital input
1C u baud rate
1D u response delay time
1E u retry
1F u remote control
20 u first storage number
21 u last storage number
22 u size of storage block
23 u descriptor for tariff and subunit
24 0 storage interval
28 4 storage interval
2A u operator specific data
2B u time point second
2C 0 duration since last readout
30 d start of tariff
31 1 duration of tariff
34 0 period of tariff
38 4 period of tariff
3A = 0 A dimensionless
3B x wireless M-Bus data container
3C 0 period of nominal data transmissions
40 n-9 d voltage
50 n-< e current
60 u reset counter
61 u cumulation counter
62 u control signal
63 u day of week
64 u week number
65 u time point of day change
66 u state of parameter activation
67 u special supplier information
68 2 duration since last cumulation
6C 2 battery operating time
70 d battery change
71 = 0 f RF level
72 x daylight saving
73 x listening window
74 3 remaining battery life
75 u number of times the meter was stopped
76 x manufacturer protocol data container
77 -
""")

# Behind FD FD.
FD_FD = Table(b"""\
00 u currently selected application
01 -
02 4 remaining battery life
04 -
""")

# Object actions, master to slave; the same codes are record errors, slave to master.
ACTIONS = Table(b"""\
00 write
01 add value
02 subtract value
03 set bits
04 AND
05 toggle bits
06 clear bits
07 clear
08 add entry
09 delete entry
0A delayed action
0B freeze
0C add to readout list
0D delete from readout list
0E reserved action
0F reserved action
""")

RECORD_ERRORS = Table(b"""\
01 too many DIFE
02 storage number not implemented
03 subunit not implemented
04 tariff not implemented
05 function not implemented
06 data class not implemented
07 data size not implemented
0B too many VIFE
0C illegal VIF group
0D illegal VIF exponent
0E VIF and DIF do not match
0F action not implemented
15 no data available
16 data overflow
17 data underflow
18 data error
1C premature end of record
""")

# VIFE that change nothing but the name of the quantity.
QUALIFIERS = Table(b"""\
12 average
14 relative deviation
1D standard conform data
3A uncorrected
3B positive
3C negative
3D non-metric
3E at base conditions
3F OBIS declaration
40 lower limit
48 upper limit
68 during lower limit exceed
69 leakage
6C during upper limit exceed
6D overflow
7E future value
""")

# VIFE behind FC.
QUALIFIERS_FC = Table(b"""\
01 L1
02 L2
03 L3
04 neutral
05 L1-L2
06 L2-L3
07 L3-L1
08 quadrant 1
09 quadrant 2
0A quadrant 3
0B quadrant 4
0C import minus export
0D alternative non-metric units
0E secondary sensor
0F higher resolution
10 absolute value of both directions
11 as type C
12 as type D
13 end date of
14 partner to meter
15 meter to partner
""")

# VIFE that divide or multiply the unit.
PER = Table(b"""\
20 /s
21 /min
22 /h
23 /d
24 /week
25 /month
26 /year
27 /revolution
28 /input pulse 0
29 /input pulse 1
2A /output pulse 0
2B /output pulse 1
2C /l
2D /m\xc2\xb3
2E /kg
2F /K
30 /kWh
31 /GJ
32 /kW
33 /(K\xc2\xb7l)
34 /V
35 /A
36 \xc2\xb7s
37 \xc2\xb7s/V
38 \xc2\xb7s/A
""")

# VIFE that make the data a container.
COMPACT = Table(b"""\
13 inverse compact profile
1E compact profile with registers
1F compact profile
""")
