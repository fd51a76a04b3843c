# SPDX-License-Identifier: MIT
"""`mbus key`: another key, whatever is lost or cut, and exactly one of the two that works."""

import os
import re
from itertools import count as numbers

import pytest
from cuts import Cuts, PowerCut, freed
from keyedmeter import KeyedMeter, change_once, right, same, written_once
from keyfile import KEY, NUMBER, OURS, entry, keyless, written
from securedbench import bench

from helpers import raises
from mbus.failures import MasterError
from mbus.secured import LAST_COUNTER
from mbus.security import Key
from mbusnode import keyfile, keys
from mbusnode.counters import LAST_ORDINARY, Ledger
from mbusnode.failure import Failure
from mbusnode.partner import Partner
from securedmeter import PowerCut as MeterCut
from securedtelegrams import METER


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_the_key_is_changed_and_the_old_one_is_worth_nothing(tmp_path, monkeypatch, level):
    path = written(tmp_path, "# mine\n" + entry(level=level))
    meter = KeyedMeter(monkeypatch, level, KEY)
    for _ in range(3):
        before = keys.load(path).find(METER).key
        change_once(meter, path)
        assert not same(right(meter, path), before)
        written_once(meter, path, "1")
    assert meter.owner.module.keyring.version == 4
    assert meter.owner.module.meter.alarms & 0x40 == 0
    folder = tmp_path / "old"
    folder.mkdir()
    old = written(folder, entry(level=level))
    words = str(raises(Failure, written_once, meter, old, "2"))
    assert "key" in words
    with open(path) as file:
        assert file.read().startswith("# mine\n[")


@pytest.mark.parametrize("level", [0, 3])
def test_one_of_the_keys_works_whatever_is_lost_on_the_line(tmp_path, monkeypatch, level):
    """From telegram n on nothing arrives any more, in either direction, for a while."""
    for what in ("request", "reply"):
        for n in range(1, 60):
            folder = tmp_path / ("%s-%d" % (what, n))
            folder.mkdir()
            path = written(folder, entry(level=level))
            meter = KeyedMeter(monkeypatch, level, KEY)
            meter.lose = dict.fromkeys(range(n, n + 12), what)
            try:
                change_once(meter, path)
                done = True
            except (MasterError, Failure):
                done = False
            total = meter.count
            meter.lose = {}
            written_once(meter, path, "1")
            right(meter, path)
            if done and total < n:
                break
        assert 10 < n < 59, (what, n)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs the list of descriptors")
@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_one_of_the_keys_works_whatever_write_of_the_master_is_cut(tmp_path, monkeypatch, level):
    news = []
    for left in numbers():
        folder = tmp_path / str(left)
        folder.mkdir()
        path = written(folder, entry(level=level))
        meter = KeyedMeter(monkeypatch, level, KEY)
        with monkeypatch.context() as patch:
            Cuts(patch, left)
            try:
                change_once(meter, path)
                done = True
            except PowerCut:
                done = False
        freed()
        written_once(meter, path, "1")
        news.append(not same(right(meter, path), OURS))
        assert meter.owner.module.error == 0
        change_once(meter, path)
        right(meter, path)
        if done:
            break
    assert len(news) > 30
    assert news == sorted(news) and not news[0] and news[-1], "old keys, then new ones"


@pytest.mark.parametrize("level", [0, 3])
def test_one_of_the_keys_works_whatever_write_of_the_meter_is_cut(tmp_path, monkeypatch, level):
    for torn in (False, True):
        for left in range(12):
            folder = tmp_path / ("%d-%s" % (left, torn))
            folder.mkdir()
            path = written(folder, entry(level=level))
            meter = KeyedMeter(monkeypatch, level, KEY)
            slots = meter.owner.slots
            slots.left, slots.torn = left, torn
            try:
                change_once(meter, path)
                done = True
            except MeterCut:
                done = False
            slots.left = None
            freed()
            meter.restart()
            written_once(meter, path, "1")
            right(meter, path)
            if done:
                break
        assert 0 < left < 11


def _in_memory(self, octets):
    self._put(self.meter.entry._replace(pending=keys.Key(octets)))


def _at_once(self, octets):
    keyfile.set_pending(self._ring.path, self.meter.entry.address, octets)
    self._put(self.meter.entry._replace(pending=keys.Key(octets)))
    keyfile.settle(self._ring.path, self.meter.entry.address, True)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs the list of descriptors")
@pytest.mark.parametrize("fault", [_in_memory, _at_once])
def test_a_new_key_that_is_not_kept_beside_the_old_one_is_noticed(tmp_path, monkeypatch, fault):
    monkeypatch.setattr(Partner, "begin_pending", fault)
    with pytest.raises((AssertionError, Failure)):
        test_one_of_the_keys_works_whatever_write_of_the_master_is_cut(tmp_path, monkeypatch, 3)
    freed()


def test_a_used_up_counter_refuses_and_another_key_helps(tmp_path, monkeypatch):
    path = written(tmp_path, entry(level=3))
    meter = KeyedMeter(monkeypatch, 3, KEY)
    meter.owner.module.keyring.accept(LAST_ORDINARY, bytes(8))
    words = str(raises(Failure, written_once, meter, path, "1"))
    assert "used up" in words and "mbus key ADDRESS change" in words
    with Ledger(path) as ledger:
        ledger.of(METER, OURS).take(LAST_ORDINARY - 1)
    meter.lose = dict.fromkeys(range(1, 400), "request")
    raises((MasterError, Failure), change_once, meter, path)
    meter.lose = {}
    change_once(meter, path)
    right(meter, path)
    written_once(meter, path, "1")
    assert meter.owner.module.keyring.highest < LAST_COUNTER // 2


def test_the_key_goes_in_mode_7_also_where_commands_go_in_mode_5(tmp_path, monkeypatch):
    path = written(tmp_path, entry(level=2) + "commands = 5\n")
    meter = KeyedMeter(monkeypatch, 2, KEY)
    change_once(meter, path)
    secured = [octets[6] for octets in meter.sent if octets[6:7] in (b"\x5b", b"\x90")]
    # The old key is proved, the new one goes out, and is proved.
    assert secured == [0x5B, 0x90, 0x5B]


def test_nobody_is_obeyed_after_ten_failures_and_that_is_told(tmp_path, monkeypatch):
    for level in (0, 3):
        folder = tmp_path / str(level)
        folder.mkdir()
        path = written(folder, entry(level=level))
        meter = KeyedMeter(monkeypatch, level, KEY)
        for _ in range(10):
            meter.owner.command("01 FD 1F 00", key=Key(bytes(16)), wait=100)
        words = str(raises(Failure, written_once, meter, path, "1"))
        assert "or it obeys nobody for a minute" in words
        for _ in range(61):
            meter.owner.rig.pass_time(1000)
        written_once(meter, path, "1")


def test_a_meter_that_is_locked_keeps_its_key(tmp_path, monkeypatch):
    for level in (0, 3):
        folder = tmp_path / str(level)
        folder.mkdir()
        path = written(folder, entry(level=level))
        meter = KeyedMeter(monkeypatch, level, KEY, lock="yes")
        words = str(raises(Failure, change_once, meter, path))
        assert "5 keeps the key that it has: access denied: it is locked" in words
        assert same(right(meter, path), OURS)


def test_a_counter_that_nothing_proves_does_not_use_ours_up(tmp_path, monkeypatch):
    for level, believed in ((1, False), (2, False), (3, True)):
        folder = tmp_path / str(level)
        folder.mkdir()
        path = written(folder, entry(level=level))
        meter = KeyedMeter(monkeypatch, level, KEY)
        meter.owner.module.keyring.accept(1 << 30, bytes(8))
        if believed:
            written_once(meter, path, "1")
            continue
        words = str(raises(Failure, written_once, meter, path, "1"))
        assert "nothing proves it" in words
        with Ledger(path) as ledger:
            assert ledger.of(METER, OURS).sent == 0


# ---- the command ----


def test_the_command_over_a_line(capsys, tmp_path, monkeypatch):
    with bench(capsys, tmp_path, monkeypatch, 3) as one:
        assert one.done("key 5 change") == "done: 5 has another key, which stands in the key file"
        with open(one.path) as file:
            key = re.search('key = "([0-9A-Fa-f]{32})"', file.read())[1]
        assert bytes.fromhex(key) != KEY
        shown = one.done("key " + NUMBER)
        for words in (
            "meter: " + NUMBER,
            "key file: a key, level 3, commands in mode 7",
            "the meter's security level: 3",
            "the meter's key version: 2",
            "the meter's command counter: ",
            "the meter's security failures: address 0, form 0, MAC 0, counter 0, decryption 0",
        ):
            assert words in shown
        one.done("breaker 5 off")
        everything = one.printed.lower()
    log = (tmp_path / "bus.log").read_text().lower()
    for text in (everything, log):
        digits = re.sub("[^0-9a-f]", "", text)
        assert key.lower()[:10] not in digits and key.lower()[-10:] not in digits


def test_a_key_is_never_given_as_an_argument(capsys, tmp_path, monkeypatch):
    with bench(capsys, tmp_path, monkeypatch, 1, mine=entry("00000001")) as one:
        for words in (KEY.hex(), "change " + KEY.hex()):
            code, said = one.run("key 5 " + words)
            assert code == 2 and "a key is never given here" in said
            keyless(said)
        code, said = one.run("key 5")
        assert code == 1 and "the key file has no key for 5" in said


def test_a_pending_key_is_kept_where_nobody_answers(tmp_path, monkeypatch):
    path = written(tmp_path, entry(level=3))
    meter = KeyedMeter(monkeypatch, 3, KEY)
    keyfile.set_pending(path, METER, bytes(range(16)))
    meter.lose = dict.fromkeys(range(1, 100), "reply")
    raises((MasterError, Failure), written_once, meter, path, "1")
    assert keys.load(path).find(METER).pending
    meter.lose = {}
    written_once(meter, path, "1")
    assert same(right(meter, path), OURS)
