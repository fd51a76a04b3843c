# SPDX-License-Identifier: MIT
"""The key file of the command line: what it says, and who may read it."""

import base64

import pytest
from commands import run
from keyfile import KEY, KEY_TEXT, NUMBER, OURS, entry, keyless, written

from helpers import raises
from mbus.header import secondary_octets
from mbusnode import keys
from mbusnode.failure import Failure
from securedtelegrams import METER


def test_a_key_is_recognised_in_every_form():
    for text in (
        KEY_TEXT,
        KEY.hex(),
        KEY.hex(" "),
        KEY.hex(":").upper(),
        KEY.hex("-"),
        ", ".join("0x%02x" % octet for octet in KEY),
        str(list(KEY)),
        ",".join(map(str, KEY)),
        repr(KEY),
        KEY.decode("latin-1"),
        base64.b64encode(KEY).decode(),
        base64.b64encode(b"x" + KEY).decode(),
        "key " + KEY.hex()[8:22],
    ):
        raises(AssertionError, keyless, "before " + text + " after")
    keyless("12345678, F8 3A, E5")


# ---- the file ----


def test_entries_are_found_by_address_and_by_number(tmp_path):
    text = entry("12345678", 3) + entry("12345678" + "0d170103", 1)
    ring = keys.load(written(tmp_path, text))
    assert ring.find(METER).level == 3
    assert ring.find(METER[:7] + b"\x03").level == 1
    assert ring.find(b"\x79" + METER[1:]) is None
    assert keys.load(written(tmp_path, entry())).find(METER).level == 2
    keyless(repr(ring.find(METER)) + repr(ring) + repr(vars(ring)))
    assert ring.strictest(secondary_octets("1234FFFFFFFFFFFF")).level == 3
    assert ring.strictest(secondary_octets("1234567FFFFFFF03")).level == 3
    assert ring.strictest(secondary_octets("1235FFFFFFFFFFFF")) is None


def test_a_key_may_be_set_apart(tmp_path):
    for text in (KEY.hex(" "), KEY.hex(":"), KEY.hex("-").upper()):
        ring = keys.load(written(tmp_path, entry(key=text)))
        block, other = bytearray(16), bytearray(16)
        ring.find(METER).key.encrypt_block(block)
        OURS.encrypt_block(other)
        assert block == other


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o610, 0o644])
def test_a_file_that_others_may_use_is_refused(tmp_path, capsys, monkeypatch, mode):
    path = written(tmp_path, entry(), mode)
    monkeypatch.setenv("MBUS_KEYS", path)
    for arguments in (
        ("read", "1", "--port", "socket://127.0.0.1:9"),
        ("decode", "E5", "--key", path),
    ):
        code, out, err = run(capsys, *arguments)
        assert (code, out) == (2, "")
        assert "%s is open to other users (mode %03o)" % (path, mode) in err
        assert "chmod 600 " + path in err
        keyless(err)


def test_a_file_of_another_user_is_refused(tmp_path, monkeypatch):
    path = written(tmp_path, entry())
    monkeypatch.setattr("os.getuid", lambda: 4711)
    assert "belongs to another user" in str(raises(Failure, keys.load, path))


def test_only_the_usual_file_may_be_absent(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("MBUS_KEYS", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert keys.load_default().find(METER) is None
    folder = tmp_path / ".config" / "mbus-node"
    folder.mkdir(parents=True)
    written(folder, entry())
    assert keys.load_default().find(METER)
    monkeypatch.setenv("MBUS_KEYS", str(tmp_path / "none.toml"))
    code, _, err = run(capsys, "read", "1", "--port", "socket://127.0.0.1:9")
    assert code == 2 and "none.toml cannot be read" in err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[%s]\nkey = %s" % (NUMBER, KEY_TEXT), "is no TOML: line 2, column "),
        ('[%s]\nkey = "%s' % (NUMBER, KEY_TEXT), "is no TOML"),
        ('%s = "x"\n%s = "x"' % (KEY_TEXT, KEY_TEXT), "is no TOML: "),
        (entry(key=KEY_TEXT[:-1]), "entry 1: a key has 32 hexadecimal digits, not 31"),
        (entry(key=KEY_TEXT[:-1] + "G"), "entry 1: a key has hexadecimal digits and nothing else"),
        (entry(level=4), "entry 1: level is a number from 0 to 3"),
        (entry() + "level = true", "entry 1: level is a number"),
        (entry() + '"%s" = 1' % KEY_TEXT, "entry 1: only these can be given: key, level"),
        (entry() + "commands = 6", "entry 1: commands is 7, or 5"),
        (entry(level=3) + "commands = 5", "entry 1: commands is 7, or 5 where the level is below"),
        (entry() + entry(KEY_TEXT), "entry 2: its name must be a secondary address"),
        (entry("1234567F"), "entry 1: its name must be"),
        (entry() + entry(NUMBER.lower()), "entry 2: this meter was there before"),
        ('12345678 = "%s"' % KEY_TEXT, "entry 1: a table with key"),
        ("[12345678]\nkey = 5", "entry 1: a table with key"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_without_repeating_it(tmp_path, text, words):
    error = raises(Failure, keys.load, written(tmp_path, text))
    assert words in str(error) and error.code == 2
    keyless(str(error) + repr(error) + repr(error.__cause__))
    assert error.__context__ is None or error.__suppress_context__


def test_a_key_in_the_place_of_an_address_is_not_repeated(capsys):
    code, out, err = run(capsys, "read", KEY_TEXT, "--port", "socket://127.0.0.1:9")
    assert (code, out) == (2, "")
    assert "an address of 32 digits: it has 16 at most" in err
    keyless(err)
