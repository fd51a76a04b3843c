# SPDX-License-Identifier: MIT
"""Every command: the record that gives it, and the register that shows it was obeyed."""

from valued import check_obeyed

BREAKER = {"breaker": "yes"}
PREPAID = {"breaker": "yes", "prepayment": "yes"}
BUS = {"tariff_source": "bus"}
OFF = "01FD1F00"
ON = "01FF4101"
CREDIT = ON + "04FF0440420F00"  # 10 MWh
HEAD = "674503120D17010200000000"  # of the clock commands: the meter's address, no encryption

# fmt: off
COMMANDS = (
    # register         access  meter  before  CI    command                  selection    record then
    ("primary_address",   "w", {},      "",   0x51, "017A2A",                 "087A",      "01 7A 2A"),
    ("meter_number",      "w", {},      "",   0x51, "0C7909080706",           "0879",      "0C 79 09080706"),
    ("identification",    "w", {},      "",   0x51, "0779090807060D170102",   "0879",      "0C 79 09080706"),
    ("baud",              "w", {},      "",   0x51, "04FF462C010000",         "08FF46",    "04 FF46 2C010000"),
    ("time",              "w", {},      "",   0x51, "046D1E29413C",           "06ED0C",    "066D 001E49413C31"),
    ("time_seconds",      "w", {},      "",   0x51, "066D251E29413C35",       "06ED0C",    "066D 251E49413C31"),
    ("date",              "w", {},      "",   0x51, "026C413C",               "06ED0C",    "066D 342F55413C31"),
    ("time_of_day",       "w", {},      "",   0x51, "036D251E09",             "06ED0C",    "066D 251EE9593A2B"),
    ("time_of_day",       "a", {},      "",   0x51, "03ED0109020A",           "06ED0C",    "066D 0132275A3A2C"),
    ("time_of_day",       "s", {},      "",   0x51, "03ED0209020A",           "06ED0C",    "066D 2B2DEB593A2B"),
    ("time",              "w", {},      "",   0x6C, HEAD + "00251E29413C35",  "06ED0C",    "066D 251E49413C31"),
    ("time_of_day",       "a", {},      "",   0x6D, HEAD + "0109020A",        "06ED0C",    "066D 0132275A3A2C"),
    ("time_of_day",       "s", {},      "",   0x6D, HEAD + "0209020A",        "06ED0C",    "066D 2B2DEB593A2B"),
    ("tariff",            "w", BUS,     "",   0x51, "01FF1304",               "08FF13",    "01 FF13 04"),
    ("tariff_source",     "w", {},      "",   0x51, "01FF4401",               "08FF44",    "01 FF44 01"),
    ("tariff_inverted",   "w", {},      "",   0x51, "01FF4501",               "08FF45",    "01 FF45 01"),
    ("threshold",         "w", {},      "",   0x51, "04AB48A0860100",         "08AB48",    "04 AB48 A0860100"),
    ("breaker",           "w", BREAKER, "",   0x51, OFF,                      "08FD1A",    "01 FD1A 00"),
    ("breaker",           "w", BREAKER, OFF,  0x51, "01FD1F01",               "08FD1A",    "01 FD1A 01"),
    ("breaker",           "w", BREAKER, OFF,  0x51, "01FD1F02",               "08FD1F",    "01 FD1F 02"),
    ("prepayment",        "w", PREPAID, "",   0x51, ON,                       "08FF41",    "01 FF41 01"),
    ("prepayment",        "w", PREPAID, ON,   0x51, "01FF4100",               "08FF41",    "01 FF41 00"),
    ("credit",            "w", PREPAID, ON,   0x51, "04FF0440420F00",         "08FF04",    "04 FF04 40420F00"),
    ("credit",            "a", PREPAID, CREDIT, 0x51, "04FF840102030000",     "08FF04",    "04 FF04 42450F00"),
    ("credit",            "c", PREPAID, CREDIT, 0x51, "00FF8407",             "08FF04",    "04 FF04 00000000"),
    ("special_1",         "w", {},      "",   0x51, "0CFD6711223344",         "08FD67",    "0C FD67 11223344"),
    ("special_2",         "w", {},      "",   0x51, "8C40FD6755667788",       "8840FD67",  "8C40 FD67 55667788"),
    ("pulse_1",           "w", {},      "",   0x51, "8440042A000000",         "884004",    "8440 04 2A000000"),
    ("pulse_2",           "w", {},      "",   0x51, "848040FD3A2B000000",     "888040FD3A", "848040 FD3A 2B000000"),
    ("pulse_1_weight",    "w", {},      "",   0x51, "8440FF42D0070000",       "8840FF42",  "8440 FF42 D0070000"),
    ("pulse_2_weight",    "w", {},      "",   0x51, "848040FF42B80B0000",     "888040FF42", "848040 FF42 B80B0000"),
    ("period_min",        "w", {},      "",   0x51, "01FF433C",               "08FF43",    "01 FF43 3C"),
    ("reset_import",      "c", {},      "",   0x51, "8080804084FF8307",       "8880804084FF03",   "84808040 84FF03 00000000"),
    ("reset_export",      "c", {},      "",   0x51, "8080804084BCFF8307",     "8880804084BCFF03", "84808040 84BCFF03 00000000"),
    ("debiting_stop",     "f", {},      "",   0x51, "00FFC00B",               "08FD61",    "02 FD61 3512"),
    ("freeze",            "f", {},      "",   0x51, "40FE0B",                 "4804",      "44 04 0ACD9010"),
    ("freeze",            "f", {},      "",   0x5C, "",                       "4804",      "44 04 0ACD9010"),
)
# fmt: on
PROVES = {"test_every_command_is_obeyed": ("command", "COMMANDS")}


def test_every_command_is_obeyed():
    check_obeyed(COMMANDS)
