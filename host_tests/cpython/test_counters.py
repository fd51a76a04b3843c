# SPDX-License-Identifier: MIT
"""The master's message counters on the disk: never lower, whatever is cut, and for one alone."""

import os
import stat
import subprocess
import sys

import pytest
from cuts import Cuts, PowerCut, freed
from keyfile import OURS, keyless

from helpers import raises
from mbus.security import Key
from mbusnode import counters
from mbusnode.counters import LAST, LAST_ORDINARY, Counters, Ledger
from mbusnode.failure import Failure
from securedtelegrams import METER

TAG = bytes.fromhex("2DA4F5E2FD7E4393")
OTHER_TAG = bytes.fromhex("AF5D74DF73A600D9")


def lives(path, monkeypatch, left, act):
    """Open counters and do act(them) with a cut; whether it came to its end, and the steps."""
    with monkeypatch.context() as patch:
        cuts = Cuts(patch, left)
        try:
            act(Counters(path))
        except PowerCut:
            return False, cuts.calls
    return True, cuts.calls


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs the list of descriptors")
def test_no_counter_goes_back_whatever_write_is_cut(tmp_path, monkeypatch):
    def act(them):
        used.append(them.take())
        them.keep(len(used), TAG)
        kept.append(them.highest)

    for left in range(200):
        path = str(tmp_path / str(left) / "one")
        used, kept = [], []
        first = Counters(path)
        act(first)
        first.close()
        done, _ = lives(path, monkeypatch, left, act)
        freed()
        again = Counters(path)
        assert again.sent >= used[-1] and again.highest >= kept[-1], left
        assert again.take() > used[-1]
        again.close()
        if done:
            break
    assert 10 < left < 199


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs the list of descriptors")
@pytest.mark.parametrize("fault", ["after", "in place"])
def test_counters_that_are_stored_late_or_in_pieces_are_noticed(tmp_path, monkeypatch, fault):

    def late(self, *what):
        self.sent, self.highest, self.tag = what

    def in_place(self, sent, highest, tag):
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
            file.write(b"sent %d\nseen 0\n" % sent)
        self.sent, self.highest, self.tag = sent, highest, tag

    monkeypatch.setattr(Counters, "_store", late if fault == "after" else in_place)
    with pytest.raises((AssertionError, Failure, TypeError)):
        test_no_counter_goes_back_whatever_write_is_cut(tmp_path, monkeypatch)
    freed()


def test_they_are_on_the_disk_before_they_are_used(tmp_path):
    path = str(tmp_path / "one")
    one = Counters(path)
    assert (one.sent, one.highest, one.tag) == (0, None, None)
    assert [one.take(), one.take(), one.take(40)] == [1, 2, 41]
    one.keep(7, TAG)
    one.keep(6, OTHER_TAG)
    one.close()
    other = Counters(path)
    assert (other.sent, other.highest, other.tag) == (41, 7, TAG)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    other.close()


def test_used_up_counters_are_refused_and_one_is_left_for_another_key(tmp_path):
    one = Counters(str(tmp_path / "one"))
    assert one.take(LAST_ORDINARY - 1) == LAST_ORDINARY
    assert "used up" in str(raises(Failure, one.take))
    assert one.take(last=LAST) == LAST
    assert "used up" in str(raises(Failure, one.take, 0, LAST))
    one.close()


@pytest.mark.parametrize("text", ["", "sent 1\n", "sent 1\nseen 2\nx", "sent x\nseen 0\n", "\xff"])
def test_a_damaged_file_is_not_taken_for_none(tmp_path, text):
    path = tmp_path / "one"
    path.write_text(text)
    assert "is damaged" in str(raises(Failure, Counters, str(path)))
    path.unlink()
    Counters(str(path)).close()  # nobody holds it


def test_what_cannot_be_written_stops_everything(tmp_path, monkeypatch):
    one = Counters(str(tmp_path / "one"))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(counters, "replace", full)
    for call in (one.take, lambda: one.keep(5, TAG)):
        assert "No space left" in str(raises(Failure, call))
    assert (one.sent, one.highest) == (0, None)
    one.close()


def test_a_meter_of_another_number_goes_on(tmp_path):
    ledger = Ledger(str(tmp_path / "keys.toml"))
    old, new = ledger.of(METER, OURS), ledger.of(b"\x79" + METER[1:], OURS)
    old.keep(9, TAG)
    old.take(5)
    new.take(30)
    new.adopt(old)
    assert (new.sent, new.highest, new.tag) == (31, 9, TAG)
    ledger.close()


def test_each_number_and_key_has_counters_of_its_own_and_no_name_tells_the_key(tmp_path):
    ledger = Ledger(str(tmp_path / "keys.toml"))
    assert ledger.of(METER, OURS) is ledger.of(METER[:4], OURS)
    others = ledger.of(b"\x79" + METER[1:], OURS), ledger.of(METER, Key(bytes(16)))
    assert len({id(one) for one in (ledger.of(METER, OURS), *others)}) == 3
    for one in others:
        one.take()
    ledger.close()
    folder = tmp_path / "keys.toml.counters"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    names = sorted(path.name for path in folder.iterdir())
    keyless("\n".join(names) + "".join(path.read_text() for path in folder.iterdir()))
    assert names[0].startswith("12345678-")


OTHER_PROGRAM = """
import sys
from mbusnode.counters import Counters
from mbusnode.failure import Failure
try:
    one = Counters(sys.argv[1])
except Failure as e:
    print(e)
else:
    print("free", flush=True)
    sys.stdin.read()
"""


def test_two_programs_do_not_use_them_at_once(tmp_path):
    path = str(tmp_path / "one")
    command = [sys.executable, "-c", OTHER_PROGRAM, path]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    with subprocess.Popen(command, env=environment, **pipes) as other:
        assert other.stdout.readline() == "free\n"
        assert "another program is talking to this meter" in str(raises(Failure, Counters, path))
        other.stdin.close()
        other.wait()
    one = Counters(path)
    assert one.take() == 1
    one.close()
