# SPDX-License-Identifier: MIT
"""A file of settings: what is taken, and that a damaged one is never taken for a sound one."""

from helpers import raises
from mbus.timing import RATES
from node import ConfigError
from node.config import SAFE, Config
from node.configfile import MOST, first_line, settings_of
from node.configkeys import rows

LINES = b"primary=5\nbreaker=yes\ntariff_table=Mo-Fr 1-12 06:00 1; Sa 7 22:30 2\n"


def compiled():
    return first_line(LINES).encode() + b"\n" + LINES


def test_the_first_line_counts_the_settings_and_holds_a_checksum():
    assert first_line(b"primary=5\n") == "# mbus-node configuration, 1 settings, crc D6894D25"
    assert settings_of(compiled()) == {
        "primary": "5",
        "breaker": "yes",
        "tariff_table": "Mo-Fr 1-12 06:00 1; Sa 7 22:30 2",
    }


def test_a_file_that_was_cut_anywhere_is_noticed():
    whole = compiled()
    for size in range(len(whole)):
        raises(ConfigError, settings_of, whole[:size])


def test_a_file_of_which_an_octet_was_changed_gives_no_other_settings():
    whole = bytearray(compiled())
    sound = settings_of(whole)
    for at in range(len(whole)):
        for flip in (1, 0x20, 0x80):
            whole[at] ^= flip
            try:
                assert settings_of(whole) == sound, at
            except ConfigError:
                pass
            whole[at] ^= flip


def test_a_changed_or_longer_compiled_file_is_told_of():
    for octets in (
        compiled() + b"lock=yes\n",
        compiled().replace(b"primary=5", b"primary=6"),
        compiled().replace(b"\n", b"\r\n"),
        b"# mbus-node configuration\n" + LINES,
    ):
        assert "checksum" in str(raises(ConfigError, settings_of, octets))


def test_a_file_that_people_wrote_needs_no_checksum():
    assert settings_of(b"# mine\r\n\r\nprimary = 7\r\n") == {"primary": "7"}
    assert settings_of(b"primary=7\n" + b"#" * (MOST - 10)) == {"primary": "7"}
    for octets, words in (
        (b"", "no setting in it"),
        (b"# nothing\n", "no setting in it"),
        (b"primary 7\n", "'primary 7' is no setting"),
        (b"primary=7\nprimary=8\n", "primary is given twice"),
        (b"bus=\xff\n", "it is no text"),
        (b"primary=7\n" + b"#" * (MOST - 9), "it is longer than 4096 octets"),
    ):
        assert words in str(raises(ConfigError, settings_of, octets)), words


def test_the_safe_defaults_count_nothing_and_let_nobody_change_anything():
    config = Config(SAFE, True)
    assert config.damaged
    assert (config.source, config.lock, config.breaker, config.primary) == ("none", True, False, 0)


def test_the_rates_are_those_of_the_link():
    allowed = {row[0]: row[2] for row in rows()}["baud"]
    assert allowed == "|".join([str(rate) for rate in RATES]) + "|auto"
