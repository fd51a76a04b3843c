# SPDX-License-Identifier: MIT
"""`mbus flash` where it cannot be done, in words; nothing whole is lost."""

import hashlib
import os
import tty

import pytest
from boardflash import MAIN, board, contents, firmware, heard, impatient, put, starts
from boardrig import MICROPYTHON, Board
from commands import run

import boardfacts
import dist
from helpers import raises
from mbusnode import flashing, repl
from mbusnode.failure import Failure

__all__ = ("board", "impatient")  # fixtures

pytestmark = pytest.mark.skipif(not MICROPYTHON, reason="no MicroPython; see make venv")


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"image": "RPI_PICO_W"}, "what was built for pico needs the image RPI_PICO"),
        ({"version": "1.24.1"}, "MicroPython 1.25 or newer is needed, image RPI_PICO"),
        ({"mpy": 5}, "which loads .mpy files of version 5; these are of version 6"),
        ({"image": ""}, "image ?; what was built for pico needs"),
    ],
)
def test_a_board_it_is_not_for_is_refused(tmp_path, about, words):
    with Board(tmp_path / "flash", **about) as board:
        assert words in str(raises(Failure, put, board, firmware(b"one")))
        assert contents(board) == {}


def test_an_esp32_is_flashed_the_same_way_from_1_26_on(tmp_path):
    build = firmware(b"one")._replace(board="esp32s3", image="ESP32_GENERIC_S3")
    about = {"image": "ESP32_GENERIC_S3-SPIRAM_OCT", "machine": "Generic ESP32S3 module"}
    with Board(tmp_path / "old", version="1.25.0", **about) as board:
        assert "MicroPython 1.26 or newer is needed" in str(raises(Failure, put, board, build))
    with Board(tmp_path / "new", version="1.26.0", **about) as board:
        assert put(board, build)[0] == "alive b'one' first"


def test_a_flash_without_room_is_told_of_and_replacing_works(tmp_path):
    big = {"node/big.py": b"#" * 40_000}
    with Board(tmp_path / "flash", blocks=36) as board:
        put(board, firmware(b"one", big))
        before = contents(board)
        other = firmware(b"two", {"node/big.py": b"##" * 20_000})
        words = str(raises(Failure, put, board, other))
        assert "no room on the board: " in words and "Nothing was changed." in words
        assert contents(board) == before
        assert starts(board) == "alive b'one' first"
        line, _ = put(board, other, replace=True)
        assert line == "alive b'two' first"
        assert not (board.folder / "b").exists()


def test_a_flash_that_fills_all_the_same_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr(flashing, "fits", lambda *_: None)
    with Board(tmp_path / "flash", blocks=36) as board:
        put(board, firmware(b"one"))
        other = firmware(b"two", {"node/big.py": b"##" * 90_000})
        words = str(raises(Failure, put, board, other))
        assert words == "the flash of the board is full; the firmware it had is unchanged"
        assert starts(board) == "alive b'one' first"


def test_firmware_that_does_not_start_goes_back(board):
    put(board, firmware(b"one"))
    for broken in (
        {"node/boot.py": b"import nothing_of_that_name\n"},
        {"node/boot.py": b"def main(files):\n    1 / 0\n"},
        {"node/boot.py": b"def main(files):\n    import time\n    time.sleep(60)\n"},
    ):
        words = str(raises(Failure, put, board, firmware(b"two", broken, main=MAIN + b"#\n")))
        assert words.startswith("the new firmware did not say that it is alive")
        assert words.endswith("The old one runs again: alive b'one' first"), words
        assert starts(board) == "alive b'one' first"
        assert contents(board)["main.py"] == MAIN


def test_octets_that_are_not_those_sent_never_count(board, monkeypatch):
    put(board, firmware(b"one"))
    real = repl.Device.write

    def wrong(self, path, octets):
        real(self, path, octets[:-1] + b"?" if path.endswith("words.py") else octets)

    monkeypatch.setattr(repl.Device, "write", wrong)
    words = str(raises(Failure, put, board, firmware(b"two")))
    assert "b/node/words.py on the board is not what was sent" in words
    assert starts(board) == "alive b'one' first"


def test_what_a_board_said_before_its_power_failed_is_not_heard_behind_that(board):
    put(board, firmware(b"one"))
    device = repl.Device(board.port)
    device.stop()
    device.close()
    device = repl.Device(board.port)
    board._wait(lambda: board.starts[-1] == "soft")
    board._wait(lambda: board.said.endswith(b"first \r\n"))
    board.restart()
    assert heard(device) == "alive b'one' first"
    device.close()


# ---- the command ----


@pytest.fixture
def built(tmp_path):
    """What make dist makes, of few files."""
    build, into = firmware(b"one"), tmp_path / "build"
    files = {"a/" + name: octets for name, octets in build.files.items()}
    files.update(build.root, active=b"a")
    for name, octets in files.items():
        path = into / "pico" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)
    facts = boardfacts.FACTS["pico"]
    (into / "pico.package.json").write_text(dist.package(into / "pico", "module", facts))
    return into


def flash(capsys, built, port, *more):
    """The command: exit code, what it printed."""
    return run(capsys, "flash", "--board", "pico", "--port", port, "--build", str(built), *more)


def test_the_command(board, built, capsys):
    code, out, err = flash(capsys, built, board.port)
    assert (code, err) == (0, ""), err
    lines = out.splitlines()
    assert lines[0] == "stopping what runs on the board"
    assert lines[-2:] == ["folder a counts now; starting it", "alive b'one' first"]
    assert {**contents(board), "x": b""} == {
        **{p.relative_to(built / "pico").as_posix(): p.read_bytes()
           for p in (built / "pico").rglob("*") if p.is_file()}, "x": b""}  # fmt: skip
    (board.folder / "meter.conf").write_bytes(b"of its own")
    assert flash(capsys, built, board.port)[1].endswith("alive b'one' of its own\n")
    assert flash(capsys, built, board.port, "--config")[1].endswith("alive b'one' first\n")


def test_a_build_that_is_not_there_or_not_whole_is_told_of(board, built, capsys):
    for spoil, words in (
        ((built / "pico/a/node/words.py").unlink, "No such file"),
        (lambda: (built / "pico.package.json").write_text("{}"), "is not what make dist makes"),
        ((built / "pico.package.json").unlink, "No such file"),
    ):
        spoil()
        code, out, err = flash(capsys, built, board.port)
        assert (code, out) == (2, "") and words in err and "make dist BOARD=pico" in err


def test_ports_that_cannot_be_used_are_told_of(board, built, capsys, monkeypatch):
    code, _, err = flash(capsys, built, str(built / "ttyACM0"))
    assert code == 2 and "ttyACM0 cannot be opened: it is not there; " in err
    assert "which port? there " in flash(capsys, built, "")[2]
    held = repl.Device(board.port)
    assert "another program uses it" in flash(capsys, built, board.port)[2]
    held.close()
    monkeypatch.setattr(
        repl.serial, "serial_for_url", lambda *_, **more: raised(PermissionError(13, "no"))
    )
    assert "be a member of its group" in flash(capsys, built, board.port)[2]


def raised(error):
    raise error


def test_a_port_where_nothing_answers_is_told_of(built, capsys, monkeypatch):
    monkeypatch.setattr(repl, "_STOP_S", 0.05)
    silent, quiet = os.openpty()
    tty.setraw(quiet)
    code, _, err = flash(capsys, built, os.ttyname(quiet))
    assert code == 1 and "does not answer as MicroPython does" in err and "hardened" in err
    os.close(silent)
    os.close(quiet)


def test_digests(board):
    device = repl.Device(board.port)
    device.stop()
    octets = bytes(range(256)) * 9
    device.write("x", octets)
    assert device.digest("x") == hashlib.sha256(octets).hexdigest()
    assert device.read("x") == octets and device.digest("y") is None
    device.close()
