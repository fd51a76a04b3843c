# SPDX-License-Identifier: MIT
"""`mbus flash` against MicroPython at a pty: all of it, what changed, and cut wherever it may be."""

import shutil

import pytest
from boardflash import MAIN, board, contents, firmware, heard, impatient, put, starts
from boardrig import MICROPYTHON, Board

from mbusnode import repl
from mbusnode.failure import Failure

__all__ = ("board", "impatient")  # fixtures

pytestmark = pytest.mark.skipif(not MICROPYTHON, reason="no MicroPython; see make venv")


def test_an_empty_board_is_filled_and_starts(board):
    line, told = put(board, firmware(b"one"))
    assert line == "alive b'one' first"
    assert "Raspberry Pi Pico with RP2040, MicroPython 1.28.0, image RPI_PICO" in told
    assert any(
        t.startswith("folder a: 0 files the same, 0 copied on the board, 4 sent") for t in told
    )
    found = contents(board)
    assert found.pop("active") == b"a" and found.pop("main.py") == MAIN
    assert found.pop("meter.conf") == b"first"
    assert found == {"a/" + name: octets for name, octets in firmware(b"one").files.items()}
    assert board.starts == ["power", "soft"]
    assert starts(board) == line


def test_an_update_sends_what_changed_and_keeps_what_is_stored(board):
    put(board, firmware(b"one"))
    (board.folder / "state").mkdir()
    (board.folder / "state" / "settings.0").write_bytes(b"counted")
    line, told = put(board, firmware(b"two", settings=b"other"))
    assert line == "alive b'two' first"
    assert any("3 copied on the board, 1 sent (15 octets)" in t for t in told), told
    assert [t for t in told if t.startswith("  ")] == ["  node/words.py, 15 octets"]
    # The folder before the last one serves again, and what is no more goes.
    line, told = put(board, firmware(b"two", {"node/new.py": b"1"}))
    assert any(t.startswith("folder a: 3 files the same, 1 copied") for t in told), told
    line, told = put(board, firmware(b"two"))
    assert any(t.startswith("folder b: 4 files the same, 0 copied") for t in told), told
    line, told = put(board, firmware(b"two"))
    assert any(t.endswith(", 1 removed") for t in told), told
    assert not (board.folder / "a/node/new.py").exists()
    found = contents(board)
    assert found["state/settings.0"] == b"counted" and found["meter.conf"] == b"first"
    line, _ = put(board, firmware(b"two", settings=b"other"), config=True)
    assert line == "alive b'two' other"
    assert contents(board)["state/settings.0"] == b"counted"


def test_what_runs_is_fed_and_a_host_that_goes_leaves_it_to_the_watchdog(board, monkeypatch):
    put(board, firmware(b"one"))
    monkeypatch.setattr(repl, "WATCHDOG_MS", 1500)
    device = repl.Device(board.port)
    device.stop()
    fed = board.feeds()
    device.write("x", bytes(3 * repl.CHUNK))
    assert board.feeds() - fed == 3
    assert heard(device) == "alive b'one' first"
    device.close()
    assert board.starts[-1] == "watchdog"


class Lost(repl.Device):
    """A board whose cable is pulled before, or behind, the n-th thing that is run there."""

    left, behind = 0, False

    def close(self):
        self._console.close()

    def run(self, code, timeout_s=0):
        Lost.left -= 1
        if Lost.left == 0:
            if self.behind:
                super().run(code, timeout_s)
            raise Failure("pulled")
        return super().run(code, timeout_s)


def test_a_cable_pulled_at_every_step_leaves_the_old_or_the_new_one(board, monkeypatch):
    put(board, firmware(b"0"))
    monkeypatch.setattr(repl, "Device", Lost)
    before, seen, n = 0, set(), 0
    finished = False
    while not finished:
        n += 1
        Lost.left, Lost.behind = n, n % 2
        # What a version before left in the other folder is in the way of the next one.
        build = firmware(b"%d" % n, {"node/of%d.py" % n: b"#"}, b"set%d" % (n % 3))
        try:
            put(board, build, config=True)
            finished = True
        except Failure as e:
            assert str(e) == "pulled"
        Lost.left = 0
        line = starts(board)
        old, new = "alive b'%d' " % before, "alive b'%d' " % n
        assert line.startswith((old, new)), (n, line)
        assert line.split()[-1].startswith(("set", "first"))
        if line.startswith(new):
            before = n
            seen.add("new")
    assert n > 20 and "new" in seen and before == n


def test_power_cut_at_every_change_of_the_flash(tmp_path):
    first = firmware(b"one")
    more = {"node/other.py": b"# more\n" * 9}
    second = firmware(b"two", more, b"second", MAIN + b"\n# of the second\n")
    with Board(tmp_path / "first") as board:
        put(board, first)
    ends, n = [], 0
    while not ends or ends[-1] != "done":
        n += 1
        folder = tmp_path / str(n)
        shutil.copytree(tmp_path / "first", folder)
        with Board(folder, cut_after=n) as board:
            try:
                put(board, second, config=True)
                ends.append("done")
            except Failure as e:
                assert "does not answer any more" in str(e)
                board.wait_off()
            line = starts(board)
            if ends and ends[-1] == "done":
                assert line == "alive b'two' second"
            else:
                ends.append(line)
                assert line in ("alive b'one' first", "alive b'two' first", "alive b'two' second")
        shutil.rmtree(folder)
    assert ends == sorted(ends[:-1]) + ["done"]
    assert set(ends) == {"alive b'one' first", "alive b'two' first", "alive b'two' second", "done"}
