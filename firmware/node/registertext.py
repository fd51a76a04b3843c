# SPDX-License-Identifier: MIT
"""The meter's registers: one row is one data record of the readout.

Pure data, the octets of EN 13757-3 as they stand on the wire.  registers.py packs it at boot
and forgets the text; tools and documents are made from it.  A new register is one row here
and one source of its value.

Columns: name, DIB, VIB, access, telegram, unit and meaning.  Rows stand in the order in which
they are sent.  Telegrams 1 and 2 are the default ones, 3 is one more that a meter may be
configured to send, 0 is never sent unasked.  Access: r is read only, rw may be written by
SND_UD, CI 51h.

The qualifiers behind FFh are this meter's own: 03 resettable counter, 0F verification
register with more digits.  So are the VIFs FF 13 (tariff) and FF 2F (last application
error).  Registers that only a qualifier tells from the main ones have a subunit of their
own too, because many masters drop qualifiers.
"""

TEXT = """\
energy_import    04       04         r  1 10 Wh, active energy A+
energy_export    04       843C       r  1 10 Wh, active energy A-
reactive_import  04       FB02       r  1 kvarh, reactive energy R+
reactive_export  04       FB823C     r  1 kvarh, reactive energy R-
import_t1        8410     04         r  1 10 Wh, A+ tariff 1
import_t2        8420     04         r  1 10 Wh, A+ tariff 2
max_import       14       2B         r  1 W, greatest P+ of the period
max_export       14       AB3C       r  1 W, greatest P- of the period
max_import_t1    9410     2B         r  1 W, greatest P+, tariff 1
max_import_t2    9420     2B         r  1 W, greatest P+, tariff 2
sum_max_import   04       FB7B       r  1 W, sum of the periods' greatest P+
power_import     04       2B         r  1 W, P+ now
serial           0C       78         r  1 fabrication number, unique
meter_number     0C       79         rw 1 identification number
time             04       6D         r  1 type F, date and time
hours            04       22         r  1 h, on time

verify_import    848040   82FF0F     r  2 0.1 Wh, A+, last 7 digits
verify_export    848040   82BCFF0F   r  2 0.1 Wh, A-, last 7 digits
max_time         14       6D         r  2 type F, when P+ was greatest
max_time_t1      9410     6D         r  2 type F, the same, tariff 1
max_time_t2      9420     6D         r  2 type F, the same, tariff 2
max_var_import   14       FB14       r  2 var, greatest Q+
max_var_export   14       FB943C     r  2 var, greatest Q-
voltage_l1       02       FDC8FC01   r  2 0.1 V
voltage_l2       02       FDC8FC02   r  2 0.1 V
voltage_l3       02       FDC8FC03   r  2 0.1 V
current_l1       04       FDDAFC01   r  2 10 mA
current_l2       04       FDDAFC02   r  2 10 mA
current_l3       04       FDDAFC03   r  2 10 mA
power_l1         04       ABFC01     r  2 W, negative is export
power_l2         04       ABFC02     r  2 W, negative is export
power_l3         04       ABFC03     r  2 W, negative is export

reset_import     84808040 84FF03     r  3 10 Wh, resettable A+
reset_export     84808040 84BCFF03   r  3 10 Wh, resettable A-
import_t3        8430     04         r  3 10 Wh, A+ tariff 3
import_t4        848010   04         r  3 10 Wh, A+ tariff 4
export_t1        8410     843C       r  3 10 Wh, A- tariff 1
export_t2        8420     843C       r  3 10 Wh, A- tariff 2
r_import_t1      8410     FB02       r  3 kvarh, R+ tariff 1
r_import_t2      8420     FB02       r  3 kvarh, R+ tariff 2
r_export_t1      8410     FB823C     r  3 kvarh, R- tariff 1
r_export_t2      8420     FB823C     r  3 kvarh, R- tariff 2
sum_max_export   04       FBFB3C     r  3 W, sum of the periods' greatest P-
power_export     04       AB3C       r  3 W, P- now
reactive_q1      04       FB82FC08   r  3 kvarh, R1
reactive_q4      04       FB82FC0B   r  3 kvarh, R4
periods          02       FD61       r  3 debiting periods closed
var_import       04       FB14       r  3 var, Q+ now
var_export       04       FB943C     r  3 var, Q- now
frequency        02       FB2E       r  3 0.1 Hz
status           04       FD17       r  3 type D, meter status
tariff           01       FF13       r  3 tariff that counts now, 1 to 4
version          0D       FD0F       r  3 text, software version
last_error       01       FF2F       r  3 last application error, 0 for none

primary_address  01       7A         rw 0 0 to 250
identification   07       79         rw 0 secondary address; its number may change
"""


def rows():
    """Yield (name, DIB, VIB, access, telegram, meaning) of each row, as text stands there."""
    for line in TEXT.split("\n"):
        if line:
            name, dib, vib, access, rest = line.split(None, 4)
            telegram, meaning = rest.split(" ", 1)
            yield name, dib, vib, access, int(telegram), meaning
