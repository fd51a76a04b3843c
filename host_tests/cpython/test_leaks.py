# SPDX-License-Identifier: MIT
"""Whatever the programs print, log, export, dump or keep, a key is in it where it has to be alone."""

import base64
import traceback

import pytest
from commands import run
from keyfile import KEY, KEY_TEXT, OURS, entry, keyless, written
from securedbench import bench

from helpers import raises
from mbusnode import keyfile, keys
from mbusnode.failure import Failure
from securedmeter import Owner
from securedtelegrams import METER

OTHER = bytes.fromhex("B1C2D3E4F5061728394A5B6C7D8E9FA0")

# A key in the place of something else in a file of settings.
SETTINGS = (
    'key = "%s"',
    '"%s" = 1',
    'identification = "%s"',
    'serial = "%s"',
    'manufacturer = "%s"',
    'breaker = "%s"',
    'tariff_table = "%s"',
    'tariff_table = [{at = "%s"}]',
    'tariff_table = [{key = "%s"}]',
    "[%s]\nx = 1",
    '[[meter]]\nkey = "%s"',
    '[[meter]]\nprimary = "%s"',
    "primary = %s",
    "ratio = 0x%s",
    "%s",
)


def words_of(key):
    for text in (key.hex().upper(), key.hex(), key.hex(" "), key.hex(":"), key.hex("-")):
        yield text


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_key_among_settings_is_not_repeated(tmp_path, capsys, setting):
    path = tmp_path / "meter.toml"
    for text in words_of(KEY):
        path.write_text(setting % text)
        for command in (["config", str(path)], ["simulate", "--tcp", "x", "--config", str(path)]):
            code, out, err = run(capsys, *command)
            assert code == 2, (command, out)
            keyless(out + err)
            assert str(int(KEY_TEXT, 16)) not in out + err


def test_an_export_of_a_configuration_knows_no_key(tmp_path, capsys, monkeypatch):
    path = written(tmp_path, entry())
    monkeypatch.setenv("MBUS_KEYS", path)
    file = tmp_path / "meter.toml"
    file.write_text('identification = "12345678"\n')
    for more in ([], ["--check"], ["-o", str(tmp_path / "out.conf")]):
        code, out, err = run(capsys, "config", str(file), *more)
        assert code == 0
        keyless(out + err)
    keyless((tmp_path / "out.conf").read_bytes().decode("latin-1"))


def things():
    """Objects of the tools and of the firmware that have a key."""
    one = Owner(3, KEY)
    yield one.module.keyring
    yield one.module.guard
    yield one.module
    yield one.key
    yield OURS
    one_key = keys.OneKey(OURS)
    yield one_key
    yield one_key.find(METER)
    yield keys.Ring([keys.Entry(METER, OURS, 3)])
    yield keys.Entry(METER, OURS, 3, pending=OURS)


def test_no_text_of_an_object_has_it():
    for thing in things():
        for text in (repr(thing), str(thing), "%s %r" % ((thing,), [thing]), f"{thing}"):
            keyless(text)
        named = getattr(thing, "__dict__", {})
        keyless(repr({name: repr(value) for name, value in named.items() if name != "_octets"}))


def test_no_traceback_has_it(tmp_path):
    wrong = [
        entry(key=KEY_TEXT + "0"),
        entry() + entry(),
        entry(level=9),
        KEY_TEXT,
        "[" + KEY_TEXT,
    ]
    for text in wrong:
        path = written(tmp_path, text)
        error = raises(Failure, keys.load, path)
        keyless("".join(traceback.format_exception(error)))
        for act in (
            lambda path=path: keyfile.set_pending(path, METER, OTHER),
            lambda path=path: keyfile.add(path, METER, KEY, 2),
        ):
            error = raises(Failure, act)
            keyless("".join(traceback.format_exception(error)))


def pieces(folder):
    """Every file below a folder, by its name."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_session_of_all_commands_shows_logs_and_keeps_no_key(tmp_path, capsys, monkeypatch):
    with bench(capsys, tmp_path, monkeypatch, 3) as one:
        for command in (
            "read 5",
            "read 5 --format json",
            "scan --primary 5",
            "write 5 special_1 12345678",
            "write 5 no_such 1",
            "time 5 set now",
            "breaker 5 off",
            "tariff 5",
            "key 5 show",
            "key 5 change",
            "write 5 special_1 1",
            "key 5 show",
            "events 5",
            "diag 5",
            "read 5 --format csv",
        ):
            one.run(command)
    changed = keys.load(one.path).find(METER).key._octets
    assert changed != KEY
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 3
    for key in (KEY, changed):
        keyless(one.printed, key)
        for path in files:
            if path.name != "keys.toml":
                keyless(path.read_bytes().decode("latin-1"), key)


FORMS = (
    KEY.hex(),
    KEY.hex().upper(),
    KEY.hex(" "),
    KEY.hex(":").upper(),
    KEY.hex("-"),
    ", ".join("0x%02x" % octet for octet in KEY),
    "".join("\\x%02X" % octet for octet in KEY),
    base64.b64encode(KEY).decode(),
    base64.b64encode(b"x" + KEY).decode(),
    base64.urlsafe_b64encode(b"xy" + KEY).decode(),
    str(list(KEY)),
    " ".join(map(str, KEY)),
    repr(KEY),
    KEY.decode("latin-1"),
    KEY.hex()[:12],
    KEY.hex()[-12:],
)


@pytest.mark.parametrize("form", FORMS)
def test_the_search_finds_a_key_in_each_form(form):
    with pytest.raises(AssertionError):
        keyless("meter 12345678: " + form + " and so on")
    keyless("meter 12345678: nothing, 2025-11-22T07:45, 1234.56 kWh")
