# SPDX-License-Identifier: MIT
"""The start-up configuration: defaults per meter, and words for what cannot be."""

from helpers import raises
from mbus.header import secondary_text
from node.config import Config, ConfigError, pairs


def test_defaults_depend_on_the_meter():
    for meter, primary, address, serial in (
        (1, 1, "123456780D170102", b"\x21\x43\x65\x87"),
        (2, 2, "123456790D170102", b"\x22\x43\x65\x87"),
        (23, 23, "123457000D170102", b"\x43\x43\x65\x87"),
        (250, 250, "123459270D170102", b"\x70\x45\x65\x87"),
    ):
        config = Config({"meter": str(meter)})
        assert config.primary == primary
        assert secondary_text(config.identification) == address
        assert config.serial == serial
        assert (config.baud, config.telegrams, config.echo) == (2400, 2, "auto")
        assert (config.strict, config.ack_reset_253) == (False, False)
        assert (config.profile, config.ct) == ("standard", False)


def test_every_setting_is_taken():
    config = Config(
        pairs(
            """
            # a meter
            primary = 0
            identification=00000001
            serial=99999999
            manufacturer=ABB
            version=0x33
            type = 0x20
            baud=9600
            telegrams=3
            profile=legacy
            ct=yes
            strict=yes
            ack_reset_253=yes
            echo=off
            bus=localhost:5000
            state=/tmp/x=y
            """.split("\n")
        )
    )
    assert secondary_text(config.identification) == "0000000142043320"
    assert config.serial == b"\x99\x99\x99\x99"
    assert (config.primary, config.baud, config.telegrams) == (0, 9600, 3)
    assert (config.strict, config.ack_reset_253, config.echo) == (True, True, "off")
    assert (config.profile, config.ct) == ("legacy", True)
    assert (config.bus, config.state) == ("localhost:5000", "/tmp/x=y")


def test_finished_values_are_taken_as_well_as_text():
    config = Config({"primary": 7, "baud": 300, "telegrams": 3, "strict": True})
    assert (config.primary, config.baud, config.telegrams, config.strict) == (7, 300, 3, True)


def test_a_baud_rate_may_be_left_to_the_master():
    assert Config({"baud": "auto"}).baud == 0


# fmt: off
BAD = (
    ("profile",         "Legacy",      "standard or legacy"),
    ("ct",              "1",           "yes or no"),
    ("baud",            "0",           "of one meter also auto"),
    # key               value           what the message says is allowed
    ("meter",           "0",            "1 to 1000"),
    ("primary",         "251",          "0 to 250"),
    ("primary",         "-1",           "0 to 250"),
    ("primary",         "five",         "0 to 250"),
    ("primary",         "",             "0 to 250"),
    ("identification",  "1234567",      "8 decimal digits"),
    ("identification",  "1234567A",     "8 decimal digits"),
    ("serial",          "123456789",    "8 decimal digits"),
    ("manufacturer",    "exm",          "three capital letters"),
    ("manufacturer",    "EXMA",         "three capital letters"),
    ("version",         "256",          "0 to 255"),
    ("type",            "electricity",  "a device type"),
    ("baud",            "1000",         "300, 600, 1200"),
    ("telegrams",       "1",            "2 or 3"),
    ("telegrams",       "4",            "2 or 3"),
    ("strict",          "maybe",        "yes or no"),
    ("ack_reset_253",   "1",            "yes or no"),
    ("echo",            "never",        "auto, on or off"),
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


def test_a_meter_above_250_needs_an_address_of_its_own():
    assert "primary=251" in str(raises(ConfigError, Config, {"meter": "251"}))
    assert Config({"meter": "251", "primary": "0"}).primary == 0
