# SPDX-License-Identifier: MIT
"""provision, diag and harden with the whole firmware on a board at a pty."""

import os
import re
import shutil
import socket
import stat
import time

import pytest
from boardflash import impatient, put
from boardrig import MICROPYTHON, Board
from commands import run
from keyfile import KEY, keyless

import dist
from importgraph import FIRMWARE, ROOT
from mbus.header import secondary_octets
from mbusnode import builds, keys, onboard, provisioning, repl

__all__ = ("impatient",)  # a fixture

pytestmark = pytest.mark.skipif(not MICROPYTHON, reason="no MicroPython; see make venv")

UNIT = ("--serial", "10000017", "--manufacturer", "ABC", "--version", "7")
ADDRESS = "1000001743040702"


@pytest.fixture(scope="module")
def bus():
    """Where the board's bus is: a line that nobody talks on."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield "127.0.0.1:%d" % server.getsockname()[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory, bus):
    """What make dist makes for a Pico; only board and port are the PC's."""
    into = tmp_path_factory.mktemp("build")
    dist.build("pico", "module", into)
    board = (ROOT / "boards/desk/board.py").read_text()
    board = board.replace('"bus": "", "state": ""', '"bus": "%s", "state": "state"' % bus)
    (into / "board.py").write_text(board)
    dist.compile_file(board, "board", into / "pico/a/board.mpy")
    port = (FIRMWARE / "port/unix.py").read_text(encoding="utf-8")
    dist.compile_file(port, "port.unix", into / "pico/a/port/unix.mpy")
    facts = dist.check("pico", "module")
    text = dist.package(into / "pico", "module", facts)
    (into / "pico.package.json").write_text(text)
    return into


@pytest.fixture
def board(built, tmp_path):
    shutil.copytree(built / "pico", tmp_path / "flash")
    with Board(tmp_path / "flash") as board:
        yield board


@pytest.fixture
def key_file(tmp_path, monkeypatch):
    """Where the key file is going to be; the key that is made is KEY."""
    path = tmp_path / "host" / "keys.toml"
    monkeypatch.setenv("MBUS_KEYS", str(path))
    monkeypatch.setattr(provisioning.secrets, "token_bytes", lambda n: KEY[:n])
    return path


def provision(capsys, board, *arguments):
    return run(capsys, "provision", "--port", board.port, *arguments)


def test_the_whole_firmware_is_flashed_and_runs(built, tmp_path):
    with Board(tmp_path / "empty") as board:
        line, told = put(board, builds.load(built, "pico"))
        assert line.startswith("alive 123456780D170102 primary=0 ")
        line, told = put(board, builds.load(built, "pico"))
        assert any(re.match(r"folder b: 0 files the same, \d+ copied .* 0 sent", t) for t in told)


def test_a_unit_is_written_once(board, capsys):
    code, out, err = provision(capsys, board, *UNIT)
    assert (code, err) == (0, ""), err
    assert out.startswith("written: serial 10000017, manufacturer ABC, version 7, identif")
    assert "\nalive %s primary=0 " % ADDRESS in out
    unit = (board.folder / "unit.conf").read_bytes()
    code, out, err = provision(capsys, board, *UNIT[:1], "10000018", *UNIT[2:])
    assert (code, out) == (1, "")
    assert (
        "was provisioned before, which is done once: identification 10000017, serial 1000" in err
    )
    assert (board.folder / "unit.conf").read_bytes() == unit
    # What is refused leaves the module running.
    while board.starts != ["power", "soft", "soft"]:
        assert board.starts[2:] == []
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give --serial, --manufacturer and --version, or --key"),
        (("--serial", "1"), "--manufacturer, --version missing"),
        ((*UNIT[:3], "abc", *UNIT[4:]), "manufacturer=abc: allowed is three capital letters"),
        (("--serial", "1", *UNIT[2:]), "=1: allowed is 8 decimal digits"),
        ((*UNIT[:5], "256"), "version=256: allowed is 0 to 255"),
        ((*UNIT, "--level", "3"), "--level goes with --key"),
        (("--no-pause",), "give --serial"),
        (("--key", "--no-pause"), "--no-pause goes with --level"),
        (("--key", "--remove-key"), "--remove-key goes alone"),
        (("--level", "1", "--remove-key"), "--remove-key goes alone"),
    ],
)
def test_what_cannot_be_a_unit_is_refused(board, capsys, arguments, words):
    code, out, err = provision(capsys, board, *arguments)
    assert (code, out) == (2, "") and words in err
    assert board.starts == ["power"]


def test_a_key_is_printed_once_and_kept_for_the_owner_alone(board, capsys, key_file):
    code, out, err = provision(capsys, board, *UNIT, "--key", "--level", "3")
    assert (code, err) == (0, ""), err
    assert out.count(KEY.hex().upper()) == 1
    line = next(line for line in out.splitlines() if KEY.hex().upper() in line)
    assert line == "key of %s, printed this once: %s" % (ADDRESS, KEY.hex().upper())
    keyless(out.replace(line, ""))
    keyless(board.said.decode("latin-1"))
    assert stat.S_IMODE(os.stat(key_file).st_mode) == 0o600
    found = keys.load(str(key_file)).find(secondary_octets(ADDRESS))
    assert (found.level, found.pending) == (3, None)
    with onboard.opened(board.port) as device:
        onboard.use_program(device)
        device.run(provisioning._KEYRING)
        assert device.value("(_k.level,_k.version,_k.secured)") == (3, 1, True)
    code, out, err = provision(capsys, board, "--key")
    assert (code, out) == (1, "") and "has a key already" in err and "mbus key" in err
    keyless(err)


def ring_of(board):
    """(level, version, whether there is a key, whether failures pause) of the board."""
    with onboard.opened(board.port) as device:
        onboard.use_program(device)
        device.run(provisioning._KEYRING)
        return device.value("(_k.level,_k.version,_k.secured,_k.pauses)")


def test_the_level_is_changed_and_the_key_taken_away_by_this_tool_alone(board, capsys, key_file):
    address = secondary_octets("123456780D170102")
    code, out, err = provision(capsys, board, "--level", "1")
    assert (code, out) == (1, "") and "no key that could have another level" in err
    assert provision(capsys, board, "--key", "--level", "3", "--no-pause")[0] == 0
    assert ring_of(board) == (3, 1, True, False)
    code, out, err = provision(capsys, board, "--level", "1")
    assert (code, err) == (0, "") and out.startswith("its level is 1 now\nalive ")
    keyless(out)
    assert ring_of(board) == (1, 1, True, True)
    assert keys.load(str(key_file)).find(address).level == 1
    code, out, err = provision(capsys, board, "--remove-key")
    assert (code, err) == (0, "") and out.startswith("it has no key any more\nalive ")
    assert ring_of(board) == (0, 1, False, True)
    assert keys.load(str(key_file)).find(address) is None


def test_a_key_that_the_board_refuses_is_not_kept(board, capsys, key_file, monkeypatch):
    monkeypatch.setattr(provisioning, "_PROVISION", "%s,%d,%r\nraise OSError(28)")
    code, out, err = provision(capsys, board, "--key")
    assert code == 1 and "the board took no key: OSError: " in err
    keyless(out + err)
    assert KEY.hex() not in key_file.read_text()


def test_a_board_that_is_lost_meanwhile_gets_a_key_next_time(board, capsys, key_file, monkeypatch):
    real = repl.Device.run

    def lost(self, code, timeout_s=0):
        if "_k.provision" in code:
            raise provisioning.Failure("unplugged")
        return real(self, code, timeout_s)

    monkeypatch.setattr(repl.Device, "run", lost)
    code, out, err = provision(capsys, board, "--key")
    assert code == 1 and "Whether it has the key is not known" in err
    keyless(out + err)
    monkeypatch.setattr(repl.Device, "run", real)
    code, out, err = provision(capsys, board, "--key")
    assert (code, err) == (0, "") and out.count(KEY.hex().upper()) == 1
    found = keys.load(str(key_file)).find(secondary_octets("123456780D170102"))
    assert (found.level, found.pending) == (2, None)


def test_a_key_file_that_is_wrong_is_told_before_anything_is_done(board, capsys, key_file):
    key_file.parent.mkdir()
    key_file.write_text("")
    key_file.chmod(0o644)
    code, _, err = provision(capsys, board, *UNIT, "--key")
    assert code == 2 and "chmod 600" in err
    assert board.starts == ["power"] and not (board.folder / "unit.conf").exists()


def test_diag_shows_how_it_fares_and_lets_it_go_on(board, capsys):
    provision(capsys, board, *UNIT)
    code, out, err = run(capsys, "diag", "--port", board.port)
    assert (code, err) == (0, ""), err
    lines = dict(line.split(": ", 1) for line in out.splitlines())
    assert lines["board"] == "Raspberry Pi Pico with RP2040, MicroPython 1.28.0, image RPI_PICO"
    assert lines["firmware"].endswith(", in folder a")
    assert lines["provisioned"].endswith(", serial 10000017, manufacturer ABC, version 7")
    assert lines["settings"] == "meter.conf"
    assert lines["started by"] == "unknown"  # a PC does not know
    assert lines["since then"] == "0 replies too late, 0 line errors, 0 saves failed"
    assert re.match(r"\d+, 0 of them by the watchdog", lines["starts"])
    assert lines["crashes"] == "0" and re.match(r"1408 kB, \d+ kB free", lines["flash"])
    assert re.match(r"[1-9]\d* records, 0 damaged, [1-9]\d* saves", lines["storage"])
    assert lines["runs again"].startswith("alive " + ADDRESS)


def test_diag_shows_the_crashes(board, capsys):
    with onboard.opened(board.port) as device:
        onboard.use_program(device)
        device.run(
            "from node.health import Health\n_h=Health(Store(_o.load,_o.save))\n"
            "try:1/0\nexcept Exception as e:_h.crashed(e)"
        )
        onboard.begin(device)
    (board.folder / "meter.conf").write_bytes(b"# mbus-node configuration, 1 settings\nx=1\n")
    code, out, _ = run(capsys, "diag", "--port", board.port)
    assert code == 0 and "\ncrashes: 1\ncrash 0: " in out and "ZeroDivisionError" in out
    assert "settings: meter.conf is damaged" in out
    assert "provisioned: no" in out


def test_diag_needs_to_be_told_what_is_at_the_port(capsys, monkeypatch):
    monkeypatch.setenv("MBUS_PORT", "/dev/ttyUSB0")
    code, _, err = run(capsys, "diag")
    assert code == 2 and "which meter?" in err


def test_what_is_no_module_of_ours_is_told(tmp_path, capsys):
    with Board(tmp_path / "empty") as board:
        for command in (("provision", *UNIT), ("diag",), ("harden",)):
            code, _, err = run(capsys, *command, "--port", board.port)
            assert code == 2 and "there is no module of ours on this board" in err


# ---- harden ----


def test_a_device_is_hardened_by_its_number_alone(board, capsys):
    for number in ((), ("87654321",)):
        code, out, err = run(capsys, "harden", *number, "--port", board.port)
        assert code == 2 and "mbus harden 12345678 --port " + board.port in err
        for chip in ("RP2040", "RP2350", "ESP32", "BOOTSEL", "esptool erase_flash"):
            assert chip in out
    assert not (board.folder / "hardened").exists()
    (board.folder / "boot.py").write_text("# comment\nimport webrepl\nwebrepl.start()\n")
    (board.folder / "webrepl_cfg.py").write_text("PASS = 'x'\n")
    code, out, err = run(capsys, "harden", "12345678", "--port", board.port)
    assert (code, err) == (0, ""), err
    assert "nothing that is typed there is heard" in out and "\nalive 12345678" in out
    left = {path.name for path in board.folder.iterdir()}
    assert "hardened" in left and not {"boot.py", "webrepl_cfg.py"} & left


def test_a_hardened_device_hears_nothing(board, capsys, monkeypatch):
    run(capsys, "harden", "12345678", "--port", board.port)
    monkeypatch.setattr(repl, "_STOP_S", 0.1)
    for command in (("diag",), ("provision", *UNIT), ("harden", "12345678")):
        code, _, err = run(capsys, *command, "--port", board.port)
        assert code == 1 and "A board that was hardened never answers here" in err
    board.restart()
    code, _, err = run(capsys, "diag", "--port", board.port)
    assert code == 1


def test_boot_code_of_others_is_not_judged(board, capsys):
    (board.folder / "boot.py").write_text("import machine\n")
    code, _, err = run(capsys, "harden", "12345678", "--port", board.port)
    assert code == 1 and "boot.py on the board has code of its own" in err
    assert "import machine" in err and not (board.folder / "hardened").exists()


def test_a_hardened_device_that_fails_starts_again_without_a_prompt(board):
    (board.folder / "hardened").write_bytes(b"")
    main = board.folder / "main.py"
    main.write_text(main.read_text().replace("_AGAIN_S = 10", "_AGAIN_S = 0.2"))
    shutil.rmtree(board.folder / "a")
    device = repl.Device(board.port)
    board.restart()
    said = b""
    while board.starts.count("reset") < 2:
        said += device._console.read_until(1, b"\n", timeout=0.2)
        device._console.serial.write(b"\x03\r\x01")
    assert b">>>" not in said and b"raw REPL" not in said
    assert board.starts[1:4] == ["power", "reset", "reset"]
    device.close()
