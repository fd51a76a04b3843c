# SPDX-License-Identifier: MIT
"""What `make dist` puts on a device: the right files, the same each time, and they run."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from layers import MASTER_ONLY
from littlefs import LittleFS

import boardfacts
import dist
from importgraph import FIRMWARE, ROOT, loaded
from mbusnode.failure import Failure
from rolefiles import ROLES, edges, role_files

MICROPYTHON = shutil.which(
    os.environ.get("MICROPYTHON") or str(Path(sys.executable).parent / "micropython")
)
on_micropython = pytest.mark.skipif(not MICROPYTHON, reason="no MicroPython; see make venv")
COMBINATIONS = [(name, role) for name, facts in boardfacts.FACTS.items() for role in facts.roles]
BARE = [name for name, facts in boardfacts.FACTS.items() if not facts.base]


COMPILE = dist.compile_file
COMPILED = {}


def compile_once(text, name, out):
    """As dist.compile_file does, but each file only once."""
    if (text, name) not in COMPILED:
        COMPILE(text, name, out)
        COMPILED[text, name] = out.read_bytes()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(COMPILED[text, name])


@pytest.fixture(autouse=True)
def compile_each_file_once(monkeypatch):
    """There are many builds."""
    monkeypatch.setattr(dist, "compile_file", compile_once)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A function (board, role) -> folder with what was built, once."""
    done = {}

    def build(board, role="module"):
        if (board, role) not in done:
            done[board, role] = tmp_path_factory.mktemp("dist")
            dist.build(board, role, done[board, role])
        return done[board, role]

    return build


def contents(folder):
    """{path: octets} of a folder."""
    return {name: (folder / name).read_bytes() for name in dist.files_in(folder)}


@pytest.mark.parametrize(("board", "role"), COMBINATIONS)
def test_the_lists_are_those_of_the_import_graph(board, role):
    wanted = role_files(board, role)
    port = "port." + boardfacts.load(board).PORT
    assert port in wanted
    assert ROLES[role][0] + ".boot" in wanted
    for name in wanted:
        others = {other for other in edges()[name] if other in edges()}
        assert others <= set(wanted), name
    ports = {"port.rp2", "port.esp32", "port.unix", "port.cpython"}
    assert ports & set(wanted) == {port}
    if role != "reader":
        assert not MASTER_ONLY & set(wanted)


def test_a_file_that_the_import_graph_does_not_know_would_be_noticed():
    assert "mbus.vif" not in role_files("pico", "module")
    assert "mbus.vif" in loaded(["node.boot", "mbus.vif"], edges())


@pytest.mark.parametrize("board", ["pico", "esp32c6"])
def test_folder_image_and_package_hold_the_same(board, built):
    into, facts = built(board), boardfacts.FACTS[board]
    files = contents(into / board)
    firmware = {
        "a/" + path.relative_to(FIRMWARE).with_suffix(".mpy").as_posix()
        for path in role_files(board, "module").values()
    }
    assert set(files) == firmware | {"a/board.mpy", "main.py", "meter.conf", "active"}
    octets = (into / (board + ".littlefs")).read_bytes()
    assert len(octets) == facts.blocks * 4096
    assert dist.read_back(octets, facts) == files
    package = json.loads((into / (board + ".package.json")).read_text())
    assert [name for name, _ in package["urls"]] == sorted(files)
    for name, url in package["urls"]:
        assert (into / url).read_bytes() == files[name]


def test_a_disk_that_a_board_has_formatted_is_read_back():
    facts = boardfacts.FACTS["pico"]
    disk = LittleFS(block_size=boardfacts.BLOCK, block_count=facts.blocks)
    disk.mkdir("/a")
    with disk.open("/a/main.mpy", "wb") as file:
        file.write(b"firmware")
    assert disk.fs_stat().disk_version > dist._DISK, "as MicroPython makes it"
    assert dist.read_back(disk.context.buffer, facts) == {"a/main.mpy": b"firmware"}


def test_two_builds_are_the_same_bit_by_bit(built, tmp_path, monkeypatch):
    monkeypatch.setattr(dist, "compile_file", COMPILE)
    (tmp_path / "pico").mkdir()
    (tmp_path / "pico" / "left.over").write_text("of the build before")
    dist.build("pico", "module", tmp_path)
    assert contents(tmp_path) == contents(built("pico"))


def test_every_board_has_room_for_the_firmware_twice(built):
    for board in BARE:
        facts = boardfacts.FACTS[board]
        for role in facts.roles:
            _, used = dist.image(built(board, role) / board, facts)
            assert 2 * used <= facts.blocks - 16, (board, role)


def test_an_emulator_is_a_module_whose_values_a_host_sets(built):
    module = contents(built("pico") / "pico")
    emulator = contents(built("pico", "emulator") / "pico")
    assert b"source=pulse1\n" in module.pop("meter.conf")
    assert b"source=host\n" in emulator.pop("meter.conf")
    assert module == emulator


@pytest.mark.parametrize(
    ("board", "role", "text"),
    [
        ("piko", "module", "there is no board piko; there are pico, "),
        ("", "module", "say BOARD=, which board; there are pico, "),
        ("packom_master", "module", "packom M-Bus Master Hat Pico cannot be a module, but reader"),
    ],
)
def test_what_cannot_be_is_refused_in_words(board, role, text, tmp_path, capsys):
    with pytest.raises(Failure) as caught:
        dist.build(board, role, tmp_path)
    assert str(caught.value).startswith(text)
    assert dist.main([board, "--role", role]) == 2
    assert capsys.readouterr().err.startswith("dist: " + text)
    assert not list(tmp_path.iterdir())


def test_a_board_with_faulty_pins_is_not_built(monkeypatch, tmp_path):
    monkeypatch.setattr(dist, "faults", lambda board, image: ["pin 4 is used twice: tx, lock"])
    with pytest.raises(Failure, match=r"boards/pico/board\.py: pin 4 is used twice"):
        dist.build("pico", "module", tmp_path)


def test_the_size_of_the_flash_can_be_said(tmp_path):
    dist.build("esp32c6", "module", tmp_path, blocks=1536)
    assert (tmp_path / "esp32c6.littlefs").stat().st_size == 1536 * 4096


class Device:
    """The files of a build on MicroPython for the PC: only board.py and port are the PC's."""

    def __init__(self, built, folder, firmware="a"):
        self.folder = folder
        shutil.copytree(built, folder)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(20)
        where = "127.0.0.1:%d" % self.server.getsockname()[1]
        board = (ROOT / "boards/desk/board.py").read_text()
        assert '"bus": "", "state": ""' in board
        board = board.replace('"bus": "", "state": ""', '"bus": "%s", "state": "state"' % where)
        dist.compile_file(board, "board", folder / firmware / "board.mpy")
        port = (FIRMWARE / "port/unix.py").read_text(encoding="utf-8")
        dist.compile_file(port, "port.unix", folder / firmware / "port/unix.mpy")

    def __enter__(self):
        self.process = subprocess.Popen(
            [MICROPYTHON, "-X", "heapsize=384k", "main.py"],
            cwd=self.folder,
            env=dict(os.environ, MICROPYPATH=".frozen"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            self.line, _ = self.server.accept()
        except TimeoutError:
            self.line = self.server
            self.__exit__()
            pytest.fail(self.said)
        self.line.settimeout(20)
        return self

    def __exit__(self, *_):
        self.line.close()
        self.process.kill()
        self.said = self.process.communicate()[0]
        self.server.close()

    def ask(self, octets, n):
        """The n octets of the answer."""
        self.line.sendall(octets)
        answer = b""
        while len(answer) < n:
            more = self.line.recv(n - len(answer))
            assert more, self.process.communicate()[0]
            answer += more
        return answer


NKE, REQ_UD2 = b"\x10\x40\x00\x40\x16", b"\x10\x5b\x00\x5b\x16"


@on_micropython
@pytest.mark.parametrize("board", ["pico", "esp32"])
def test_a_module_boots_from_exactly_these_files_and_is_read(board, built, tmp_path):
    with Device(built(board) / board, tmp_path / "device") as device:
        assert device.ask(NKE, 1) == b"\xe5"
        head = device.ask(REQ_UD2, 19)
    assert head[0] == head[3] == 0x68
    assert head[6:11] == b"\x72\x78\x56\x34\x12"
    assert device.said.startswith("alive 123456780D170102 primary=0 ")
    assert "safe defaults" not in device.said


@on_micropython
def test_a_missing_configuration_is_noticed_and_the_module_answers(built, tmp_path):
    device = Device(built("pico") / "pico", tmp_path / "device")
    (device.folder / "meter.conf").unlink()
    with device:
        assert device.ask(NKE, 1) == b"\xe5"
    assert device.said.startswith("configuration meter.conf: cannot be read")
    assert "safe defaults" in device.said


@on_micropython
def test_the_folder_that_active_names_is_started(built, tmp_path):
    device = Device(built("pico") / "pico", tmp_path / "device")
    (device.folder / "a").rename(device.folder / "b")
    (device.folder / "active").write_text("b")
    with device:
        assert device.ask(NKE, 1) == b"\xe5"


# One that is cut in the middle can hang MicroPython's loader, so an update has to compare.
@on_micropython
@pytest.mark.parametrize("octets", [None, b"", b"M\x05\x00\x1fxxxxx"])
def test_the_other_folder_takes_the_place_of_a_damaged_one(octets, built, tmp_path):
    device = Device(built("pico") / "pico", tmp_path / "device")
    shutil.copytree(device.folder / "a", device.folder / "b")
    (device.folder / "active").write_text("b")
    damaged = device.folder / "b/node/boot.mpy"
    damaged.unlink()
    if octets is not None:
        damaged.write_bytes(octets)
    with device:
        assert device.ask(NKE, 1) == b"\xe5"
    assert device.said.startswith("firmware in folder b:\n")
    assert "\nalive 123456780D170102 " in device.said


@on_micropython
def test_a_reader_boots_from_exactly_these_files(built, tmp_path):
    with Device(built("pico", "reader") / "pico", tmp_path / "device") as device:
        first = device.line.recv(5)
    assert first in (b"\x10\x40\xfd\x3d\x16", b"\x10\x40\x01\x41\x16"), device.said
