# SPDX-License-Identifier: MIT
"""Which settings a device starts with: of its board, its files, and what is typed."""

import sys

import board
import pytest

from helpers import raises
from mbusnode.configuring import compiled
from meter.status import CHECKSUM
from node import ConfigError, start
from node.assembly import assemble
from node.config import Config
from slots import Slots
from stations import Line

PLACE = ("bus=x:1", "state=here")


@pytest.fixture
def configuration(monkeypatch):
    """start.configuration, which leaves the files that the other tests have imported."""
    monkeypatch.setattr(start, "forget", lambda *_: None)
    return start.configuration


@pytest.fixture
def conf(tmp_path):
    """conf(octets) gives the path of a file that holds them."""

    def write(octets, name="meter.conf"):
        path = tmp_path / name
        path.write_bytes(octets)
        return str(path)

    return write


def test_a_file_goes_before_the_board_and_what_is_typed_before_both(
    configuration, conf, monkeypatch, capsys
):
    monkeypatch.setattr(board, "CONFIG", {"bus": "b", "state": "s", "baud": "300", "type": "3"})
    path = conf(compiled({"baud": "9600", "telegrams": "3", "primary": "5"}))
    config = configuration(["primary=6", path])
    assert (config.bus, config.state, config.type) == ("b", "s", 3)
    assert (config.baud, config.telegrams, config.primary) == (9600, 3, 6)
    assert not config.damaged
    second = conf(b"# by hand\ntelegrams=2\n", "second.conf")
    assert configuration([path, second]).telegrams == 2
    assert capsys.readouterr().out == ""


def test_what_cannot_be_used_is_told_of_and_safe_defaults_take_its_place(
    configuration, conf, capsys
):
    sound = compiled({"primary": "5", "breaker": "yes", "telegrams": "3"})
    for octets, words in (
        (sound[:-1], "it was cut or changed"),
        (sound[:30], "it was cut or changed"),
        (sound[:10], "there is no setting in it"),
        (b"", "there is no setting in it"),
        (sound.replace(b"5", b"6", 1), "it was cut or changed"),
        (b"primary=5\nprimari=6\n", "unknown setting primari"),
        (b"primary=5\nbaud=7\n", "baud=7: allowed is 300, 600"),
        (b"primary=5\nprepayment=yes\n", "prepayment=yes: allowed only with breaker=yes"),
        (b"primary=5\n\xff\xff", "it is no text"),
    ):
        path = conf(octets)
        config = configuration([path, *PLACE])
        assert config.damaged, words
        assert (config.primary, config.breaker, config.telegrams) == (0, False, 2), words
        assert (config.source, config.lock) == ("none", True), words
        assert (config.bus, config.state) == ("x:1", "here")
        out = capsys.readouterr().out
        assert out.startswith("configuration %s: " % path) and words in out
        assert out.endswith("; starting with safe defaults\n") and out.count("\n") == 1


def test_a_missing_file_is_like_a_damaged_one_and_spoils_the_sound_ones(
    configuration, conf, capsys
):
    sound = conf(compiled({"primary": "5"}))
    for files in (["/no/such.conf"], [sound, "/no/such.conf"], ["/no/such.conf", sound]):
        config = configuration([*files, *PLACE])
        assert (config.damaged, config.primary, config.source) == (True, 0, "none"), files
        assert "configuration /no/such.conf: cannot be read" in capsys.readouterr().out
    config = configuration(["/no/such.conf", "primary=9", "lock=no", *PLACE])
    assert (config.damaged, config.primary, config.lock) == (True, 9, False)


def test_which_unit_it_is_outlives_settings_that_are_damaged(configuration, conf):
    unit = conf(compiled({"serial": "10000017", "manufacturer": "ABC", "version": "7"}), "unit")
    for octets in (b"primary=5\nbaud=7\n", b"", b"primary=5\nprepayment=yes\n"):
        config = configuration([conf(octets), unit, *PLACE])
        assert config.damaged and config.primary == 0 and config.source == "none"
        assert (config.serial, config.version) == (bytes.fromhex("17000010"), 7), octets
    sound = conf(compiled({"primary": "5"}))
    config = configuration([sound, conf(b"serial=", "unit"), *PLACE])
    assert config.damaged and config.primary == 0


def test_a_device_says_in_its_status_that_it_has_no_sound_configuration(configuration, conf):
    sound = conf(compiled({"source": "load_profile"}))
    module = assemble(configuration([sound, *PLACE]), Slots(), 1000)
    assert not module.meter_status() & CHECKSUM
    assert not module.status() & 0x08
    module = assemble(configuration([sound, "/no/such.conf", *PLACE]), Slots(), 1000)
    assert module.meter_status() & CHECKSUM
    assert module.status() & 0x08  # the permanent error of the header
    line = Line(module)
    assert line.send(0x53, 0, 0x51, "017A08") == "E5"
    assert (module.error, module.primary) == (0x10, 0)


def test_what_is_typed_wrong_is_an_error(configuration, conf):
    path = conf(compiled({"primary": "5"}))
    for typed, words in (
        (("primary=300",), "primary=300: allowed is 0 to 250"),
        (("prepayment=yes",), "prepayment=yes: allowed only with breaker=yes"),
        (("nonsense=1",), "unknown setting nonsense"),
    ):
        assert words in str(raises(ConfigError, configuration, [path, *typed, *PLACE]))
    assert "bus= is missing" in str(raises(ConfigError, configuration, ["state=x"]))
    assert "state= is missing" in str(raises(ConfigError, configuration, ["bus=x"]))


def test_what_is_needed_to_read_settings_only_gives_its_heap_back():
    kept = {name: sys.modules[name] for name in sys.modules if name.startswith("node.")}
    try:
        start.configuration(PLACE)
        for name in ("configkeys", "configfile"):
            assert "node." + name not in sys.modules
            assert not hasattr(sys.modules["node"], name)
        assert start.configuration(PLACE).bus == "x:1"
    finally:
        for name, module in kept.items():
            sys.modules[name] = module
            setattr(sys.modules["node"], name[5:], module)


def test_the_first_access_number_is_a_random_one(monkeypatch):
    class Port:
        ticks_ms = utc_s = reset_cause = staticmethod(lambda: 0)

    for octet in (0x00, 0x5A, 0xFF):
        monkeypatch.setattr(start.os, "urandom", lambda n, octet=octet: bytes((octet,)) * n)
        module = start._module(Port, Config({"primary": "5"}), Slots(), (None, None), None)
        assert module.access == octet
