# SPDX-License-Identifier: MIT
"""The meter's registers: one row is one data record of the readout.

Pure data, the octets of EN 13757-3 as they stand on the wire.  telegram.py encodes from it
and finds the row of a written record in it; profile.py has a value under each name.  A new
register is one row here and one source of its value.

Rows stand in the order in which they are sent.  The column `t` says where: 1 and 2 are the
default telegrams, 3 is one more that a meter may be configured to send, 0 is never sent
unasked.  Access: "r" is read only, "rw" may be written by SND_UD, CI 51h.

The qualifiers behind FFh are this meter's own: 03 resettable counter, 0F verification
register with more digits.  So are the VIFs FF 13 (tariff) and FF 2F (last application
error).  Registers that only a qualifier tells from the main ones have a subunit of their
own too, because many masters drop qualifiers.
"""

# fmt: off
REGISTERS = (
    # name              DIB                  VIB                      access t  unit, meaning
    ("energy_import",   b"\x04",             b"\x04",                 "r",  1, "10 Wh, active energy A+"),
    ("energy_export",   b"\x04",             b"\x84\x3c",             "r",  1, "10 Wh, active energy A-"),
    ("reactive_import", b"\x04",             b"\xfb\x02",             "r",  1, "kvarh, reactive energy R+"),
    ("reactive_export", b"\x04",             b"\xfb\x82\x3c",         "r",  1, "kvarh, reactive energy R-"),
    ("import_t1",       b"\x84\x10",         b"\x04",                 "r",  1, "10 Wh, A+ tariff 1"),
    ("import_t2",       b"\x84\x20",         b"\x04",                 "r",  1, "10 Wh, A+ tariff 2"),
    ("max_import",      b"\x14",             b"\x2b",                 "r",  1, "W, greatest P+ of the period"),
    ("max_export",      b"\x14",             b"\xab\x3c",             "r",  1, "W, greatest P- of the period"),
    ("max_import_t1",   b"\x94\x10",         b"\x2b",                 "r",  1, "W, greatest P+, tariff 1"),
    ("max_import_t2",   b"\x94\x20",         b"\x2b",                 "r",  1, "W, greatest P+, tariff 2"),
    ("sum_max_import",  b"\x04",             b"\xfb\x7b",             "r",  1, "W, sum of the periods' greatest P+"),
    ("power_import",    b"\x04",             b"\x2b",                 "r",  1, "W, P+ now"),
    ("serial",          b"\x0c",             b"\x78",                 "r",  1, "fabrication number, unique"),
    ("meter_number",    b"\x0c",             b"\x79",                 "rw", 1, "identification number"),
    ("time",            b"\x04",             b"\x6d",                 "r",  1, "type F, date and time"),
    ("hours",           b"\x04",             b"\x22",                 "r",  1, "h, on time"),

    ("verify_import",   b"\x84\x80\x40",     b"\x82\xff\x0f",         "r",  2, "0.1 Wh, A+, last 7 digits"),
    ("verify_export",   b"\x84\x80\x40",     b"\x82\xbc\xff\x0f",     "r",  2, "0.1 Wh, A-, last 7 digits"),
    ("max_time",        b"\x14",             b"\x6d",                 "r",  2, "type F, when P+ was greatest"),
    ("max_time_t1",     b"\x94\x10",         b"\x6d",                 "r",  2, "type F, the same, tariff 1"),
    ("max_time_t2",     b"\x94\x20",         b"\x6d",                 "r",  2, "type F, the same, tariff 2"),
    ("max_var_import",  b"\x14",             b"\xfb\x14",             "r",  2, "var, greatest Q+"),
    ("max_var_export",  b"\x14",             b"\xfb\x94\x3c",         "r",  2, "var, greatest Q-"),
    ("voltage_l1",      b"\x02",             b"\xfd\xc8\xfc\x01",     "r",  2, "0.1 V"),
    ("voltage_l2",      b"\x02",             b"\xfd\xc8\xfc\x02",     "r",  2, "0.1 V"),
    ("voltage_l3",      b"\x02",             b"\xfd\xc8\xfc\x03",     "r",  2, "0.1 V"),
    ("current_l1",      b"\x04",             b"\xfd\xda\xfc\x01",     "r",  2, "10 mA"),
    ("current_l2",      b"\x04",             b"\xfd\xda\xfc\x02",     "r",  2, "10 mA"),
    ("current_l3",      b"\x04",             b"\xfd\xda\xfc\x03",     "r",  2, "10 mA"),
    ("power_l1",        b"\x04",             b"\xab\xfc\x01",         "r",  2, "W, negative is export"),
    ("power_l2",        b"\x04",             b"\xab\xfc\x02",         "r",  2, "W, negative is export"),
    ("power_l3",        b"\x04",             b"\xab\xfc\x03",         "r",  2, "W, negative is export"),

    ("reset_import",    b"\x84\x80\x80\x40", b"\x84\xff\x03",         "r",  3, "10 Wh, resettable A+"),
    ("reset_export",    b"\x84\x80\x80\x40", b"\x84\xbc\xff\x03",     "r",  3, "10 Wh, resettable A-"),
    ("import_t3",       b"\x84\x30",         b"\x04",                 "r",  3, "10 Wh, A+ tariff 3"),
    ("import_t4",       b"\x84\x80\x10",     b"\x04",                 "r",  3, "10 Wh, A+ tariff 4"),
    ("export_t1",       b"\x84\x10",         b"\x84\x3c",             "r",  3, "10 Wh, A- tariff 1"),
    ("export_t2",       b"\x84\x20",         b"\x84\x3c",             "r",  3, "10 Wh, A- tariff 2"),
    ("r_import_t1",     b"\x84\x10",         b"\xfb\x02",             "r",  3, "kvarh, R+ tariff 1"),
    ("r_import_t2",     b"\x84\x20",         b"\xfb\x02",             "r",  3, "kvarh, R+ tariff 2"),
    ("r_export_t1",     b"\x84\x10",         b"\xfb\x82\x3c",         "r",  3, "kvarh, R- tariff 1"),
    ("r_export_t2",     b"\x84\x20",         b"\xfb\x82\x3c",         "r",  3, "kvarh, R- tariff 2"),
    ("sum_max_export",  b"\x04",             b"\xfb\xfb\x3c",         "r",  3, "W, sum of the periods' greatest P-"),
    ("power_export",    b"\x04",             b"\xab\x3c",             "r",  3, "W, P- now"),
    ("reactive_q1",     b"\x04",             b"\xfb\x82\xfc\x08",     "r",  3, "kvarh, R1"),
    ("reactive_q4",     b"\x04",             b"\xfb\x82\xfc\x0b",     "r",  3, "kvarh, R4"),
    ("periods",         b"\x02",             b"\xfd\x61",             "r",  3, "debiting periods closed"),
    ("var_import",      b"\x04",             b"\xfb\x14",             "r",  3, "var, Q+ now"),
    ("var_export",      b"\x04",             b"\xfb\x94\x3c",         "r",  3, "var, Q- now"),
    ("frequency",       b"\x02",             b"\xfb\x2e",             "r",  3, "0.1 Hz"),
    ("status",          b"\x04",             b"\xfd\x17",             "r",  3, "type D, meter status"),
    ("tariff",          b"\x01",             b"\xff\x13",             "r",  3, "tariff that counts now, 1 to 4"),
    ("version",         b"\x0d",             b"\xfd\x0f",             "r",  3, "text, software version"),
    ("last_error",      b"\x01",             b"\xff\x2f",             "r",  3, "last application error, 0 for none"),

    ("primary_address", b"\x01",             b"\x7a",                 "rw", 0, "0 to 250"),
    ("identification",  b"\x07",             b"\x79",                 "rw", 0, "secondary address; its number may change"),
)
# fmt: on

# The columns of a row.
NAME = 0
DIB = 1
VIB = 2
ACCESS = 3
TELEGRAM = 4
MEANING = 5
