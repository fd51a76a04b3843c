# SPDX-License-Identifier: MIT
"""Changes of the key file: whole or not at all, mode 600, and all else stays as it is."""

import os
import stat
import subprocess
import sys

import pytest
from keyfile import KEY, KEY_TEXT, NUMBER, entry, keyless, written

from helpers import raises
from mbus.security import Key
from mbusnode import keyfile, keys
from mbusnode.failure import Failure
from securedtelegrams import METER

OTHER = bytes(range(16))
OTHER_METER = b"\x79" + METER[1:]
OTHER_NUMBER = "123456790D170102"


def same(one, octets):
    """Whether a Key is of these octets."""
    blocks = bytearray(16), bytearray(16)
    one.encrypt_block(blocks[0])
    Key(octets).encrypt_block(blocks[1])
    return blocks[0] == blocks[1]


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_the_file_is_made_for_its_owner_alone(tmp_path, monkeypatch):
    path = str(tmp_path / "config" / "keys.toml")
    monkeypatch.setenv("MBUS_KEYS", path)
    umask = os.umask(0)
    try:
        keyfile.add(keyfile.usual_path(), METER, KEY, 3)
    finally:
        os.umask(umask)
    assert (mode(path), mode(tmp_path / "config")) == (0o600, 0o700)
    found = keys.load(path).find(METER)
    assert (found.level, found.pending, found.address) == (3, None, METER)
    assert same(found.key, KEY)


def test_a_meter_is_added_and_all_else_stays(tmp_path):
    text = "# mine\n" + entry("12345678", 3) + "  # the last"
    path = written(tmp_path, text)
    keyfile.add(path, OTHER_METER, OTHER, 2)
    with open(path) as file:
        assert file.read().startswith(text)
    assert keys.load(path).find(METER).level == 3
    assert same(keys.load(path).find(OTHER_METER).key, OTHER)
    words = str(raises(Failure, keyfile.add, path, OTHER_METER, KEY, 2))
    assert "has a key for %s already" % OTHER_NUMBER in words
    keyless(words)


@pytest.mark.parametrize("name", [NUMBER, NUMBER.lower(), '"%s"' % NUMBER, NUMBER[:8]])
def test_another_number(tmp_path, name):
    path = written(tmp_path, "# mine\n\n" + entry(name, 3) + entry("00000001"))
    keyfile.reindex(path, METER, OTHER_METER)
    ring = keys.load(path)
    assert ring.find(METER) is None
    found = ring.find(OTHER_METER)
    assert found.level == 3 and same(found.key, KEY)
    assert len(found.address) == (4 if len(name) == 8 else 8)
    with open(path) as file:
        assert file.read().startswith("# mine\n\n[")
    assert "has no key" in str(raises(Failure, keyfile.reindex, path, METER, OTHER_METER))
    keyfile.add(path, METER[: len(found.address)], OTHER, 2)
    words = str(raises(Failure, keyfile.reindex, path, OTHER_METER, METER))
    assert "has a key for " + NUMBER[: len(name.strip('"'))] in words


def test_a_key_is_pending_until_it_is_settled(tmp_path):
    for new_counts in (True, False):
        text = "# mine\r\n" + entry() + "level=3 # high\n" + entry(OTHER_NUMBER)
        path = written(tmp_path, text)
        keyfile.set_pending(path, METER, OTHER)
        found = keys.load(path).find(METER)
        assert same(found.key, KEY) and same(found.pending, OTHER)
        words = str(raises(Failure, keyfile.set_pending, path, METER, KEY))
        assert "is not settled yet" in words
        keyless(words)
        keyfile.settle(path, METER, new_counts)
        found = keys.load(path).find(METER)
        assert found.pending is None and same(found.key, OTHER if new_counts else KEY)
        assert same(keys.load(path).find(OTHER_METER).key, KEY)
        raises(Failure, keyfile.settle, path, METER, new_counts)
        with open(path, newline="") as file:
            kept = file.read()
        assert kept.startswith("# mine\r\n[") and "level=3 # high\n" in kept
        assert (KEY_TEXT in kept.split(OTHER_NUMBER)[0]) is not new_counts


def test_a_level(tmp_path):
    path = written(tmp_path, entry() + entry("00000001", 1))
    keyfile.set_level(path, METER, 3)
    keyfile.set_level(path, b"\x01\0\0\0", 2)
    ring = keys.load(path)
    assert [ring.find(a).level for a in (METER, b"\x01\0\0\0")] == [3, 2]


def test_a_meter_is_taken_out(tmp_path):
    path = written(tmp_path, "# mine\n" + entry())
    keyfile.add(path, OTHER_METER, OTHER, 2)
    keyfile.remove(path, OTHER_METER)
    with open(path) as file:
        assert file.read().rstrip() == ("# mine\n" + entry()).rstrip()
    assert "has no key" in str(raises(Failure, keyfile.remove, path, OTHER_METER))


@pytest.mark.parametrize(
    "text",
    [
        '%s = { key = "%s" }' % (NUMBER, KEY_TEXT),
        '%s.key = "%s"' % (NUMBER, KEY_TEXT),
    ],
)
def test_what_is_written_another_way_is_not_touched(tmp_path, text):
    path = written(tmp_path, text)
    for function, more in (
        (keyfile.set_pending, (OTHER,)),
        (keyfile.reindex, (OTHER_METER,)),
        (keyfile.set_level, (3,)),
    ):
        words = str(raises(Failure, function, path, METER, *more))
        assert "as the table [%s]" % NUMBER in words
        keyless(words)
    with open(path) as file:
        assert file.read() == text


def test_who_is_not_there_and_what_is_wrong_is_told(tmp_path):
    path = written(tmp_path, entry())
    for function, more in (
        (keyfile.set_pending, (OTHER,)),
        (keyfile.settle, (True,)),
        (keyfile.reindex, (METER,)),
    ):
        words = str(raises(Failure, function, path, OTHER_METER, *more))
        assert "has no key for " + OTHER_NUMBER in words
    assert "open to other users" in str(
        raises(Failure, keyfile.add, written(tmp_path, entry(), 0o644), OTHER_METER, OTHER, 2)
    )
    words = str(raises(Failure, keyfile.add, str(tmp_path), METER, OTHER, 2))
    assert "cannot be read: Is a directory" in words


@pytest.mark.parametrize("call", ["fsync", "replace", "fdopen"])
def test_what_fails_leaves_the_old_file(tmp_path, monkeypatch, call):
    path = written(tmp_path, entry())

    def fail(*arguments, **more):
        raise OSError(28, "No space left on device")

    real = getattr(os, call)
    monkeypatch.setattr(os, call, fail)
    words = str(raises(Failure, keyfile.set_pending, path, METER, OTHER))
    monkeypatch.setattr(os, call, real)
    assert "cannot be changed: No space left on device" in words
    with open(path) as file:
        assert file.read() == entry()
    assert sorted(os.listdir(tmp_path)) == ["keys.toml", "keys.toml.lock"]


class Cut(BaseException):
    """The power fails."""


def test_a_power_cut_leaves_the_old_file_or_the_new_one(tmp_path, monkeypatch):
    for call in ("open", "fsync", "replace"):
        for after in (False, True):
            path = written(tmp_path, entry())
            real = getattr(os, call)

            def cut(*arguments, call=call, after=after, real=real, **more):
                if call == "open" and not str(arguments[0]).endswith(".new"):
                    return real(*arguments, **more)
                if after:
                    real(*arguments, **more)
                raise Cut

            monkeypatch.setattr(os, call, cut)
            raises(Cut, keyfile.set_pending, path, METER, OTHER)
            monkeypatch.setattr(os, call, real)
            assert mode(path) == 0o600
            found = keys.load(path).find(METER)
            assert same(found.key, KEY)
            assert (found.pending is not None) == (call == "replace" and after)
            if found.pending is None:
                keyfile.set_pending(path, METER, OTHER)
            keyfile.settle(path, METER, True)
            assert same(keys.load(path).find(METER).key, OTHER)


def test_programs_take_turns(tmp_path):
    path = written(tmp_path, "")
    program = (
        "import sys; sys.path[:0] = %r; from mbusnode import keyfile\n"
        "for n in range(8):\n"
        "    keyfile.add(%r, bytes((n, int(sys.argv[1]), 0, 0)), bytes(16), 2)\n"
    ) % (sys.path, path)
    running = [subprocess.Popen([sys.executable, "-c", program, n]) for n in "123"]
    assert [one.wait() for one in running] == [0, 0, 0]
    ring = keys.load(path)
    assert all(ring.find(bytes((n, m, 0, 0))) for n in range(8) for m in (1, 2, 3))
