# SPDX-License-Identifier: MIT
"""The settings of a meter: defaults, every value there is, and words for what cannot be."""

from helpers import raises
from mbus.header import secondary_text
from node import ConfigError
from node.config import Config
from node.configfile import pairs
from node.configkeys import rows


def test_numbers_depend_on_the_meter():
    for meter, address, serial in (
        (1, "123456780D170102", b"\x21\x43\x65\x87"),
        (2, "123456790D170102", b"\x22\x43\x65\x87"),
        (23, "123457000D170102", b"\x43\x43\x65\x87"),
        (1000, "123466770D170102", b"\x20\x53\x65\x87"),
    ):
        config = Config({"meter": str(meter)})
        assert secondary_text(config.identification) == address
        assert config.serial == serial
        assert config.primary == 0


# fmt: off
VALUES = (
    # key                 default            another text     what it becomes
    ("meter",             1,                 "1000",          1000),
    ("primary",           0,                 "250",           250),
    ("manufacturer",      0x170D,            "ABB",           0x0442),
    ("version",           1,                 "0x33",          0x33),
    ("type",              2,                 "0xfF",          255),
    ("baud",              2400,              "38400",         38400),
    ("telegrams",         2,                 "3",             3),
    ("profile",           "standard",        "legacy",        "legacy"),
    ("phases",            3,                 "1",             1),
    ("source",            "pulse1",          "load_profile",  "load_profile"),
    ("pulse1_unit",       "kWh",             "kWh",           "kWh"),
    ("pulse1_weight",     (1000, 1),         "1000/3",        (1000, 3)),
    ("pulse2_unit",       "none",            "m3",            "m3"),
    ("pulse2_weight",     (1000, 1),         "4294967295/1",  (0xFFFFFFFF, 1)),
    ("period_min",        15,                "5",             5),
    ("tariff_source",     0,                 "bus",           1),
    ("tariff_inverted",   False,             "yes",           True),
    ("tariff_table",      (),                "Mo 1 00:00 4",  ((1, 1, 0, 4),)),
    ("dst",               "none",            "eu",            "eu"),
    ("utc_offset_min",    60,                "-720",          -720),
    ("debit_day",         1,                 "0",             0),
    ("debit_minute",      0,                 "1439",          1439),
    ("tariff_input",      "auto",            "level",         "level"),
    ("breaker",           False,             "yes",           True),
    ("relay_ms",          200,               "30",            30),
    ("relay_spacing_s",   10,                "3600",          3600),
    ("reconnect",         "remote",          "manual",        "manual"),
    ("lock",              False,             "yes",           True),
    ("save_min",          15,                "1440",          1440),
    ("save_pulses",       100,               "30000",         30000),
    ("strict",            False,             "yes",           True),
    ("ack_reset_253",     False,             "yes",           True),
    ("echo",              "auto",            "off",           "off"),
    ("reply_bits",        11,                "33",            33),
    ("bus",               "",                "localhost:5000", "localhost:5000"),
    ("state",             "",                "state/x=y",      "state/x=y"),
)
# These go only with others.
TOGETHER = (
    ("ct",                False,   {"ct": "yes"},                               True),
    ("ratio",             5,       {"ct": "yes", "ratio": "6000"},              6000),
    ("source",            "pulse1", {"source": "pulse2", "pulse2_unit": "kWh"}, "pulse2"),
    ("tariff_source",     0,       {"tariff_source": "clock", "tariff_table": "Su 12 23:59 1"}, 2),
    ("broadcast_breaker", False,   {"breaker": "yes", "broadcast_breaker": "yes"}, True),
    ("prepayment",        False,   {"breaker": "yes", "prepayment": "yes"},     True),
    ("threshold_opens",   False,   {"breaker": "yes", "threshold_opens": "yes"}, True),
)
# fmt: on


def test_every_setting_has_its_default_and_takes_another():
    plain = Config({})
    for key, default, text, value in VALUES:
        assert getattr(plain, key) == default, key
        assert getattr(Config({key: text}), key) == value, key
    for key, default, given, value in TOGETHER:
        assert getattr(plain, key) == default, key
        assert getattr(Config(given), key) == value, key
    tested = [row[0] for row in VALUES] + [row[0] for row in TOGETHER]
    tested += ["identification", "serial"]
    for row in rows():
        assert row[0] in tested, row[0]
    assert not plain.damaged


def test_the_identity_is_made_of_four_settings():
    given = "identification=00000001", "serial=99999999", "manufacturer = ABB", "version=0x33"
    config = Config(pairs(given + ("# nothing", "", "type = 0x20")))
    assert secondary_text(config.identification) == "0000000142043320"
    assert config.serial == b"\x99\x99\x99\x99"


def test_finished_values_are_taken_as_well_as_text():
    config = Config({"primary": 7, "baud": 300, "telegrams": 3, "strict": True})
    assert (config.primary, config.baud, config.telegrams, config.strict) == (7, 300, 3, True)


def test_a_baud_rate_may_be_left_to_the_master():
    assert Config({"baud": "auto"}).baud == 0


# fmt: off
BAD = (
    # key               value           what the message says is allowed
    ("profile",         "Legacy",       "standard or legacy"),
    ("ct",              "1",            "no or yes"),
    ("baud",            "0",            "19200, 38400 or auto"),
    ("meter",           "0",            "1 to 1000"),
    ("primary",         "251",          "0 to 250"),
    ("primary",         "-1",           "0 to 250"),
    ("primary",         "five",         "0 to 250"),
    ("primary",         "",             "0 to 250"),
    ("primary",         "0x",           "0 to 250"),
    ("primary",         "1_0",          "0 to 250"),
    ("primary",         "+1",           "0 to 250"),
    ("primary",         "1.0",          "0 to 250"),
    ("primary",         "00000000001",  "0 to 250"),
    ("identification",  "1234567",      "8 decimal digits"),
    ("identification",  "1234567A",     "8 decimal digits"),
    ("serial",          "123456789",    "8 decimal digits"),
    ("manufacturer",    "exm",          "three capital letters"),
    ("manufacturer",    "EXMA",         "three capital letters"),
    ("version",         "256",          "0 to 255"),
    ("type",            "electricity",  "0 to 255"),
    ("baud",            "1000",         "300, 600, 1200"),
    ("telegrams",       "1",            "2 or 3"),
    ("telegrams",       "4",            "2 or 3"),
    ("strict",          "maybe",        "no or yes"),
    ("ack_reset_253",   "1",            "no or yes"),
    ("echo",            "never",        "auto, on or off"),
    ("phases",          "2",            "1 or 3"),
    ("ratio",           "4",            "5 to 6000"),
    ("ratio",           "6001",         "5 to 6000"),
    ("source",          "fixed",        "pulse1, pulse2, load_profile, host or none"),
    ("pulse1_unit",     "kwh",          "none, kWh, m3 or l"),
    ("pulse1_weight",   "0",            "PULSES/UNITS"),
    ("pulse1_weight",   "1000/",        "PULSES/UNITS"),
    ("pulse1_weight",   "1000/0",       "PULSES/UNITS"),
    ("pulse2_weight",   "4294967296",   "PULSES/UNITS"),
    ("pulse2_weight",   "1/2/3",        "PULSES/UNITS"),
    ("period_min",      "10",           "5, 15, 30 or 60"),
    ("tariff_source",   "2",            "input, bus or clock"),
    ("dst",             "us",           "none or eu"),
    ("utc_offset_min",  "841",          "-720 to 840"),
    ("debit_day",       "32",           "0 to 31"),
    ("debit_minute",    "1440",         "0 to 1439"),
    ("reconnect",       "local",        "remote or manual"),
    ("save_min",        "0",            "1 to 1440"),
    ("save_pulses",     "0",            "1 to 30000"),
    ("bus",             "a\nlock=no",   "one line"),
    ("state",           " here",        "one line"),
)
# fmt: on


def test_bad_settings_are_named_with_value_and_what_is_allowed():
    for key, value, words in BAD:
        message = str(raises(ConfigError, Config, {key: value}))
        for part in (key, value, words):
            assert part in message, (key, value, message)


def test_unknown_settings_and_lines_are_named():
    message = str(raises(ConfigError, Config, {"adress": "5"}))
    assert "adress" in message and "primary" in message
    assert "hello" in str(raises(ConfigError, pairs, ["hello"]))
    assert "primary is given twice" in str(raises(ConfigError, pairs, ["primary=1", "primary=1"]))


# fmt: off
NOT_TOGETHER = (
    ({"prepayment": "yes"},                          "prepayment=yes: allowed only with breaker=yes"),
    ({"threshold_opens": "yes"},                     "threshold_opens=yes: allowed only with breaker"),
    ({"broadcast_breaker": "yes"},                   "broadcast_breaker=yes: allowed only with break"),
    ({"source": "pulse2"},                           "source=pulse2: allowed only with pulse2_unit=kWh"),
    ({"pulse1_unit": "l"},                           "source=pulse1: allowed only with pulse1_unit=kWh"),
    ({"ct": "yes", "phases": "1"},                   "ct=yes: allowed only with phases=3"),
    ({"ratio": "100"},                               "ratio=100: allowed only with ct=yes"),
    ({"tariff_source": "clock"},                     "tariff_source=clock: allowed only with a tariff_table"),
    ({"prepayment": "yes", "breaker": "yes", "tariff_table": "Mo 1 00:00 1"},
                                                     "prepayment=yes: allowed only with no tariff_table"),
)
# fmt: on


def test_settings_that_cannot_be_together_are_named():
    for given, words in NOT_TOGETHER:
        assert words in str(raises(ConfigError, Config, given)), words
    assert Config({"source": "none", "pulse1_unit": "l"}).pulse1_unit == "l"
    assert Config({"prepayment": "no"}).prepayment is False
