# SPDX-License-Identifier: MIT
"""What DIB and VIB say: every table, every kind of VIFE, and values in base units."""

from binascii import unhexlify

from mbus import vif
from mbus.value import decimal, measure

# fmt: off
NUMBERS = (
    # head              data        value            unit           quantity
    ("0403",           "01000000", "1",             "Wh",          "energy"),
    ("0400",           "01000000", "0.001",         "Wh",          "energy"),
    ("0406",           "01000000", "1000",          "Wh",          "energy"),
    ("0407",           "01000000", "10000",         "Wh",          "energy"),
    ("0408",           "01000000", "1",             "J",           "energy"),
    ("040F",           "01000000", "10000000",      "J",           "energy"),
    ("0413",           "01000000", "0.001",         "m³",          "volume"),
    ("0417",           "01000000", "10",            "m³",          "volume"),
    ("041B",           "01000000", "1",             "kg",          "mass"),
    ("0420",           "01000000", "1",             "s",           "on time"),
    ("0421",           "01000000", "60",            "s",           "on time"),
    ("0422",           "01000000", "3600",          "s",           "on time"),
    ("0423",           "01000000", "86400",         "s",           "on time"),
    ("0427",           "01000000", "86400",         "s",           "operating time"),
    ("042B",           "FEFFFFFF", "-2",            "W",           "power"),
    ("0433",           "01000000", "1000",          "J/h",         "power"),
    ("043B",           "01000000", "0.001",         "m³/h",        "volume flow"),
    ("0444",           "01000000", "0.001",         "m³/min",      "volume flow"),
    ("044C",           "01000000", "0.00001",       "m³/s",        "volume flow"),
    ("0453",           "01000000", "1",             "kg/h",        "mass flow"),
    ("025A",           "1502",     "53.3",          "°C",          "flow temperature"),
    ("025E",           "1502",     "53.3",          "°C",          "return temperature"),
    ("0262",           "FFFF",     "-0.1",          "K",           "temperature difference"),
    ("0265",           "1502",     "5.33",          "°C",          "external temperature"),
    ("0269",           "1502",     "5.33",          "bar",         "pressure"),
    ("026E",           "1502",     "533",           "HCA units",   "heat cost allocation"),
    ("0271",           "0100",     "60",            "s",           "averaging duration"),
    ("0276",           "0100",     "3600",          "s",           "actuality duration"),
    ("0C78",           "21436587", "87654321",      "",            "fabrication number"),
    ("017A",           "FA",       "250",           "",            "bus address"),
    ("0C79",           "78563412", "12345678",      "",            "identification"),
    ("01FF13",         "02",       "2",             "",            "manufacturer specific 13"),
    ("04FB00",         "01000000", "100000",        "Wh",          "energy"),
    ("04FB02",         "29090000", "2345000",       "varh",        "reactive energy"),
    ("04FB05",         "01000000", "10000",         "VAh",         "apparent energy"),
    ("04FB08",         "01000000", "100000000",     "J",           "energy"),
    ("04FB0D",         "01000000", "1000000",       "cal",         "energy"),
    ("04FB10",         "01000000", "100",           "m³",          "volume"),
    ("04FB14",         "01000000", "1",             "var",         "reactive power"),
    ("04FB18",         "01000000", "100000",        "kg",          "mass"),
    ("02FB1A",         "9001",     "40.0",          "%",           "relative humidity"),
    ("04FB20",         "01000000", "1",             "ft³",         "volume"),
    ("04FB21",         "01000000", "0.1",           "ft³",         "volume"),
    ("04FB28",         "01000000", "100000",        "W",           "power"),
    ("02FB2A",         "B004",     "120.0",         "°",           "phase angle voltage to voltage"),
    ("02FB2B",         "B004",     "120.0",         "°",           "phase angle voltage to current"),
    ("02FB2E",         "F401",     "50.0",          "Hz",          "frequency"),
    ("04FB30",         "01000000", "100000000",     "J/h",         "power"),
    ("04FB34",         "01000000", "1",             "VA",          "apparent power"),
    ("04FB5A",         "01000000", "0.1",           "°F",          "flow temperature"),
    ("04FB75",         "01000000", "0.01",          "°C",          "cold/warm temperature limit"),
    ("04FB7B",         "98FF0000", "65432",         "W",           "cumulative maximum power"),
    ("04FD03",         "01000000", "1",             "currency",    "credit"),
    ("04FD04",         "01000000", "0.001",         "currency",    "debit"),
    ("04FD08",         "FFFFFFFF", "4294967295",    "",            "unique message identification"),
    ("01FD17",         "FF",       "255",           "",            "error flags"),
    ("02FD24",         "0100",     "1",             "s",           "storage interval"),
    ("02FD27",         "0100",     "86400",         "s",           "storage interval"),
    ("02FD28",         "0100",     "1",             "month",       "storage interval"),
    ("02FD29",         "0100",     "1",             "year",        "storage interval"),
    ("02FD2E",         "0100",     "3600",          "s",           "duration since last readout"),
    ("02FD31",         "0100",     "60",            "s",           "duration of tariff"),
    ("02FD33",         "0100",     "86400",         "s",           "duration of tariff"),
    ("02FD34",         "0100",     "1",             "s",           "period of tariff"),
    ("02FD39",         "0100",     "1",             "year",        "period of tariff"),
    ("04FD3A",         "01000000", "1",             "",            "dimensionless"),
    ("02FD3D",         "0100",     "60",            "s",           "period of nominal data transmissions"),
    ("02FD48",         "FC08",     "230.0",         "V",           "voltage"),
    ("02FD49",         "E600",     "230",           "V",           "voltage"),
    ("04FD5A",         "91000000", "1.45",          "A",           "current"),
    ("02FD61",         "0200",     "2",             "",            "cumulation counter"),
    ("02FD68",         "0100",     "3600",          "s",           "duration since last cumulation"),
    ("02FD6B",         "0100",     "1",             "year",        "duration since last cumulation"),
    ("02FD6D",         "0100",     "86400",         "s",           "battery operating time"),
    ("01FD71",         "B0",       "-80",           "dBm",         "RF level"),
    ("02FD74",         "0100",     "86400",         "s",           "remaining battery life"),
    ("02FDFD02",       "0100",     "1",             "month",       "remaining battery life"),
    ("01FDFD00",       "10",       "16",            "",            "currently selected application"),
    # real32 is scaled by the exponent of its VIF
    ("052E",           "E1BA2ABE", "-166.72851",    "W",           "power"),
    # VIFE
    ("04843C",         "07870000", "345670",        "Wh",          "energy, negative"),
    ("02FDC8FC01",     "FD08",     "230.1",         "V",           "voltage, L1"),
    ("04FDDAFC03",     "91000000", "1.45",          "A",           "current, L3"),
    ("04FB82FC08",     "01000000", "1000",          "varh",        "reactive energy, quadrant 1"),
    ("04AB48",         "401F0000", "8000",          "W",           "power, upper limit"),
    ("04AB41",         "01000000", "1",             "",            "power, number of exceeds of lower limit"),
    ("04AB49",         "01000000", "1",             "",            "power, number of exceeds of upper limit"),
    ("04AB5D",         "02000000", "120",           "s",           "power, duration of last upper limit exceed"),
    ("04AB62",         "02000000", "7200",          "s",           "power, duration of first"),
    ("049322",         "01000000", "0.001",         "m³/h",        "volume"),
    ("0C857D",         "78230000", "237800000",     "Wh",          "energy"),
    ("04FB9772",       "AFFFFFFF", "-8.1",          "var",         "reactive power"),
    ("04FB82F3FF0E",   "01000000", "1",             "varh",        "reactive energy, manufacturer 0E"),
    ("02DA7B",         "C800",     "21.0",          "°C",          "flow temperature"),
    ("02DA78",         "C800",     "20.001",        "°C",          "flow temperature"),
    ("848040" "82FF0F", "87D61200", "123456.7",     "Wh",          "energy, manufacturer 0F"),
    ("02FDC9FF01",     "E600",     "230",           "V",           "voltage, L1"),
    ("04FDC8FF8100",   "FC080000", "230.0",         "V",           "voltage, L1"),
    ("02ACFF03",       "0900",     "90",            "W",           "power, L3"),
    ("02ACFF00",       "0900",     "90",            "W",           "power, manufacturer 00"),
    ("02FFF749",       "0100",     "1",             "",            "manufacturer specific F749"),
    ("04933D",         "01000000", "0.001",         "",            "volume, non-metric"),
    ("04A82C",         "01000000", "0.001",         "W/l",         "power"),
    ("04A837",         "01000000", "0.001",         "W·s/V",       "power"),
    # plain text
    ("027C03485225",   "3412",     "4660",          "%RH",         "plain text"),
    ("02FC0348522574", "3412",     "46.60",         "%RH",         "plain text"),
)

TEXTS = (
    ("046D",           "2D27363B",         "2025-11-22T07:45",    "date and time"),
    ("026C",           "363B",             "2025-11-22",          "date"),
    ("036D",           "1E2D07",           "07:45:30",            "date and time"),
    ("066D",           "1E2DC7363B2F",     "2025-11-22T07:45:30", "date and time"),
    ("14AB6B",         "1E323335",         "2025-05-19T18:30",    "power, end of first"),
    ("14AB6F",         "1E323335",         "2025-05-19T18:30",    "power, end of last"),
    ("14AB4A",         "1E323335",         "2025-05-19T18:30",    "power, begin of first upper limit exceed"),
    ("14AB47",         "1E323335",         "2025-05-19T18:30",    "power, end of last lower limit exceed"),
    ("02B939",         "363B",             "2025-11-22",          "volume flow, start of"),
    ("02B9FC13",       "363B",             "2025-11-22",          "volume flow, end date of"),
    ("04FD30",         "2D27363B",         "2025-11-22T07:45",    "start of tariff"),
    ("02FD70",         "363B",             "2025-11-22",          "battery change"),
    ("42EC7E",         "BF1C",             "2013-12-31",          "date, future value"),
    ("0779",           "785634120D170102", "123456780D170102",    "identification"),
    ("02FD0A",         "0D17",             "EXM",                 "manufacturer"),
    ("0D78",           "0331" "3233",      "321",                 "fabrication number"),
    ("0D7C08" "44492E2074737563", "024142", "BA",                 "plain text"),
    ("0D931F",         "E3010203",         "010203",              "volume, compact profile"),
    ("0DFD19",         "E3010203",         "010203",              "security key"),
)

ERRORS = (
    # head           what the meter says
    ("10ED15",      "no data available"),
    ("808010" "8404", "tariff not implemented"),
    ("00FDC8FC8215", "no data available"),
    ("049307",      "data size not implemented"),
)

ACTIONS = (
    ("017A",         "bus address"),
    ("0C8600",       "energy"),
    ("0C8601",       "energy, add value"),
    ("0C8602",       "energy, subtract value"),
    ("8080804084FF8307", "energy, manufacturer 8307"),
    ("40DA0B",       "flow temperature, freeze"),
    ("40FE0B",       "any VIF, freeze"),
    ("04840C",       "energy, add to readout list"),
    ("01FD9A00",     "digital output"),
)
# fmt: on


def read(head, data):
    octets = unhexlify(head) + unhexlify(data)
    meaning = vif.describe(octets[: len(head) // 2])
    return meaning, measure(meaning, octets, len(head) // 2, len(octets))


def test_numbers_come_in_base_units_with_the_words_of_the_standard():
    for head, data, text, unit, quantity in NUMBERS:
        meaning, (value, error) = read(head, data)
        assert (meaning.unit, meaning.quantity) == (unit, quantity), (head, meaning)
        assert error is None, head
        assert (value and decimal(*value)) == text, (head, value)


def test_moments_texts_and_identifications():
    for head, data, text, quantity in TEXTS:
        meaning, found = read(head, data)
        assert found == (text, None), (head, found)
        assert meaning.quantity == quantity, (head, meaning.quantity)


def test_record_errors_have_words_and_no_value():
    for head, words in ERRORS:
        meaning = vif.describe(unhexlify(head))
        assert meaning.error == words, head
        assert measure(meaning, b"\x12\x34\x56\x78", 0, 4) == (None, words)


def test_towards_the_slave_the_same_codes_are_actions():
    for head, quantity in ACTIONS:
        meaning = vif.describe(unhexlify(head), True)
        assert meaning.error is None, head
        assert meaning.quantity == quantity, head


def test_function_storage_tariff_and_subunit():
    # fmt: off
    for head, function, storage, tariff, subunit in (
        ("0404",       0, 0,  0, 0),
        ("142B",       1, 0,  0, 0),
        ("222B",       2, 0,  0, 0),
        ("322B",       3, 0,  0, 0),
        ("84102B",     0, 0,  1, 0),
        ("94202B",     1, 0,  2, 0),
        ("84801004",   0, 0,  4, 0),
        ("C40704",     0, 15, 0, 0),
        ("84D04083FF0E", 0, 0, 1, 3),
    ):
        m = vif.describe(unhexlify(head))
        assert (m.function, m.storage, m.tariff, m.subunit) == (function, storage, tariff, subunit)
    # fmt: on


def test_plain_text_is_found_in_either_order():
    meaning, (value, _) = read("02FC0348522574", "3412")
    assert (meaning.unit, decimal(*value)) == ("%RH", "46.60")
    meaning, (value, _) = read("02FC7403485225", "3412")
    assert (meaning.unit, decimal(*value)) == ("%RH", "46.60")


def test_reserved_codes_are_named_as_such():
    # fmt: off
    for head, quantity in (
        ("046F",     "reserved VIF 6F"),
        ("04FB0A",   "reserved VIF 0A"),
        ("04FD77",   "reserved VIF 77"),
        ("04FDFD01", "reserved VIF 01"),
        ("049310",   "volume, reserved VIFE 10"),
        ("0493FC20", "volume, VIFE FC 20"),
    ):
        meaning, (value, error) = read(head, "01000000")
        assert (meaning.quantity, value is None, error) == (quantity, False, None), head
    # fmt: on


def test_what_is_remembered_is_what_was_described():
    for _ in range(2):
        for code in range(0x80):
            head = bytes((0x04, code))
            if code not in (0x7B, 0x7C, 0x7D, 0x7F):
                assert vif.remembered(head) == vif.describe(head)
    assert vif.remembered(b"\x04\x84\x01", True) == vif.describe(b"\x04\x84\x01", True)
    assert vif.remembered(b"\x04\x84\x01") != vif.remembered(b"\x04\x84\x01", True)


def test_what_is_kept_stays_bounded_and_right():
    for kept, limit in ((vif._kept, 49), (vif._vibs, 25)):
        most = 0
        for code in range(200):
            # Heads and VIBs that differ, more than are kept.
            head = bytes((0x04, 0x80 | code & 0x3F, 0xFF, code >> 6 | 0x80, code & 0x7F))
            vif.remembered(head)
            most = max(most, len(kept))
            assert vif.remembered(head) == vif.describe(head)
        assert most == limit and b"" not in kept
