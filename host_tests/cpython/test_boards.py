# SPDX-License-Identifier: MIT
"""The boards: their pins are such as their chips have, and what is said of them is so."""

import os
import re
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

import boarddocs
import boardfacts
import dist
from chips import CHIPS, NUMBERS, PIN_NAMES, faults
from importgraph import FIRMWARE, graph
from mbusnode.configuring import load, made
from rolefiles import role_files

BOARDS = boardfacts.BOARDS
FACTS = boardfacts.FACTS
each_board = pytest.mark.parametrize("name", sorted(FACTS))


def like(name, **pins):
    """A board with other pins; None takes one away."""
    board = boardfacts.load(name)
    pins = {**board.PINS, **pins}
    pins = {key: pin for key, pin in pins.items() if pin is not None}
    return SimpleNamespace(PORT=board.PORT, CHIP=board.CHIP, PINS=pins)


def test_every_folder_is_a_board_with_facts():
    folders = {path.parent.name for path in BOARDS.glob("*/board.py")}
    assert folders == set(FACTS) | {"desk"}


@each_board
def test_the_pins_of_a_board_are_such_as_its_chip_has(name):
    assert faults(boardfacts.load(name), FACTS[name].image) == []


# Board, pins that are not as they should be, and what is to be said of that.
FAULTS = [
    ("pico", {"lock": 10}, "pin 10 is used twice: pulse1, lock"),
    ("pico", {"sda": 4, "scl": 5}, "pin 4 is used twice: tx, sda"),
    ("pico", {"tx": 6}, "tx: pin 6 cannot be TX of UART 1"),
    ("pico", {"tx": 5, "rx": 4}, "tx: pin 5 cannot be TX of UART 1"),
    ("pico", {"uart": 0}, "rx: pin 5 cannot be RX of UART 0"),
    ("pico", {"uart": 2}, "UART 2 is not to be had"),
    ("pico", {"i2c": 1}, "scl: pin 21 cannot be SCL of I2C 1"),
    ("pico", {"scl": 22}, "scl: pin 22 cannot be SCL of I2C 0"),
    ("pico", {"lock": 30}, "lock: there is no pin 30"),
    ("pico", {"lock": -1}, "lock: there is no pin -1"),
    ("pico", {"lock": 25}, "lock: pin 25 is not to be had, on a Pico it is no pin of the header"),
    ("pico_w", {"pulse1": 29}, "pulse1: pin 29 is not to be had"),
    ("pico2", {"coil_on": 24}, "coil_on: pin 24 is not to be had"),
    ("pico", {"coil_off": None}, "coil_on is of no use without coil_off"),
    ("pico", {"sda": None}, "scl is of no use without sda"),
    ("pico", {"rx": None}, "rx is missing"),
    ("pico", {"led": 22}, "name led is unknown"),
    ("esp32", {"coil_on": 34}, "coil_on: pin 34 is only an input"),
    ("esp32", {"pulse1": 39}, "pulse1: pin 39 has no pull-up"),
    ("esp32", {"coil_on": 12}, "coil_on: pin 12 is not to be had, its level at reset"),
    ("esp32", {"lock": 0}, "lock: pin 0 is not to be had, its level at reset"),
    ("esp32", {"lock": 9}, "lock: pin 9 is not to be had, the flash is on it"),
    ("esp32", {"lock": 16}, "lock: pin 16 is not to be had, the PSRAM"),
    ("esp32", {"lock": 20}, "lock: there is no pin 20"),
    ("esp32", {"uart": 0, "tx": 1, "rx": 3}, "UART 0 is not to be had"),
    ("esp32", {"tx": 1}, "tx: pin 1 is not to be had, the boot log"),
    ("esp32s3", {"lock": 19}, "lock: pin 19 is not to be had, USB"),
    ("esp32s3", {"lock": 28}, "lock: pin 28 is not to be had, the flash"),
    ("esp32s3", {"lock": 46}, "lock: pin 46 is not to be had, its level at reset"),
    ("esp32s3", {"lock": 23}, "lock: there is no pin 23"),
    ("esp32c6", {"lock": 27}, "lock: pin 27 is not to be had, the flash"),
    ("esp32c6", {"lock": 15}, "lock: pin 15 is not to be had, its level at reset"),
    ("esp32c6", {"uart": 2}, "UART 2 is not to be had"),
    ("esp32c6", {"i2c": 1}, "I2C 1 is not to be had"),
    ("esp32c6", {"lock": 31}, "lock: there is no pin 31"),
]


@pytest.mark.parametrize(("name", "pins", "text"), FAULTS)
def test_a_pin_that_is_used_twice_or_cannot_be_that_is_refused(name, pins, text):
    found = faults(like(name, **pins), FACTS[name].image)
    assert [words for words in found if words.startswith(text)], found


def test_an_input_only_pin_may_receive():
    assert faults(like("esp32", rx=34)) == []


def test_a_board_of_another_port_or_chip_is_refused():
    board = like("pico")
    board.PORT = "esp32"
    assert faults(board) == ["port esp32 is not that of the rp2040, rp2"]
    board.CHIP = "rp2050"
    assert faults(board)[0].startswith("chip rp2050 is unknown; known are rp2040, ")


def test_the_names_of_pins_are_those_that_the_ports_use():
    sources = "".join((FIRMWARE / "port" / f).read_text() for f in ("wiring.py", "rp2.py"))
    used = set(re.findall(r'"([a-z_0-9]+)"', sources))
    listed = re.search(r"board\.PINS: (.*?)\. ", sources, re.S)[1]
    assert set(NUMBERS) | set(PIN_NAMES) == set(re.findall(r"[a-z_0-9]+", listed))
    assert set(NUMBERS + PIN_NAMES) <= used


def test_the_uart_of_an_rp2_pin_is_that_of_the_formula_of_the_datasheet():
    for number, (tx, rx) in CHIPS["rp2040"].uarts.items():
        assert tx == {pin for pin in range(0, 30, 4) if (pin + 4 & 8) >> 3 == number}
        assert rx == {pin + 1 for pin in tx}


@each_board
def test_a_hat_leaves_the_other_pins_as_its_board_has_them(name):
    if not FACTS[name].base:
        return
    own, base = boardfacts.load(name).PINS, boardfacts.load(FACTS[name].base).PINS
    front = {"uart", "tx", "rx", "enable"}
    assert {k: v for k, v in own.items() if k not in front}.items() <= base.items()
    if "module" in FACTS[name].roles:
        assert set(own) == set(base)


@each_board
def test_the_settings_that_ship_with_a_module_can_be(name):
    path = BOARDS / name / "meter.toml"
    assert path.exists() == ("module" in FACTS[name].roles)
    if path.exists():
        given, tables = load(str(path))
        assert not tables
        config = made("", {**boardfacts.load(name).CONFIG, **given})
        assert config.bus
        assert config.state
        assert not config.breaker


class Manifest:
    """What a manifest.py asks of MicroPython's build, collected."""

    def __init__(self, monkeypatch):
        self.frozen, self.included = [], []
        self._monkeypatch = monkeypatch

    def run(self, path, **options):
        names = {
            "include": self.include,
            "module": self.module,
            "freeze": self.freeze,
            "options": SimpleNamespace(defaults=lambda **_: None, **options),
        }
        before = os.getcwd()
        self._monkeypatch.chdir(path.parent)
        exec(compile(path.read_text(), str(path), "exec"), names)
        self._monkeypatch.chdir(before)

    def include(self, path, **options):
        self.included.append(path)
        if not path.startswith("$"):
            self.run(BOARDS / "manifest.py", **options)

    def module(self, name, base_path):
        assert os.path.isfile(os.path.join(base_path, name)), name
        self.frozen.append(name)

    def freeze(self, path, names):
        assert path == "$(PORT_DIR)/modules"
        self.frozen += names


@each_board
def test_a_frozen_build_freezes_what_dist_puts_on_a_device(name, monkeypatch):
    monkeypatch.syspath_prepend(str(BOARDS.parent / "tools"))
    path = BOARDS / name / "manifest.py"
    assert path.exists() == ("module" in FACTS[name].roles)
    if not path.exists():
        return
    manifest = Manifest(monkeypatch)
    manifest.run(path)
    assert "BOARD=%s " % FACTS[name].image in path.read_text()
    files = role_files(name, "module", graph())
    assert "node.registertext" in files
    firmware = [p.relative_to(FIRMWARE).as_posix() for p in files.values()]
    ports = {"rp2": ["rp2.py"], "esp32": ["flashbdev.py", "machine.py"]}
    own = ["_boot.py", "board.py", "main.py", "volume.py"]
    assert sorted(manifest.frozen) == sorted(firmware + own + ports[boardfacts.load(name).PORT])
    assert manifest.included == ["$(MPY_DIR)/extmod/asyncio", "../manifest.py"]


def test_the_boot_code_mounts_as_the_image_was_made():
    for port in ("rp2", "esp32"):
        text = (BOARDS / "frozen" / port / "_boot.py").read_text()
        progsize = int(re.search(r"mount\(\S+, (\d+)\)", text)[1])
        boards = [name for name in FACTS if port == boardfacts.load(name).PORT]
        assert {FACTS[name].progsize for name in boards} == {progsize}


def test_an_image_begins_behind_the_firmware_and_ends_with_the_flash():
    ends = {
        name: f.offset + f.blocks * boardfacts.BLOCK for name, f in FACTS.items() if not f.base
    }
    assert ends == {
        "pico": 2 << 20,
        "pico_w": 2 << 20,
        "pico2": 4 << 20,
        "esp32": 4 << 20,
        "esp32s3": 8 << 20,
        "esp32c6": 4 << 20,
    }


def test_dist_knows_every_board_that_its_help_names(capsys):
    with pytest.raises(SystemExit):
        dist.main(["--help"])
    shown = capsys.readouterr().out.replace("\n", " ")
    assert all(name in shown for name in FACTS)


@pytest.mark.parametrize("path", boarddocs.documents(), ids=lambda path: path.parent.name)
def test_what_a_readme_says_of_boards_is_made_from_data(path):
    text = path.read_text(encoding="utf-8")
    if text != boarddocs.filled(text, boarddocs.documents()[path]):
        pytest.fail("%s is out of date: .venv/bin/python tools/boarddocs.py" % path)


@each_board
def test_the_diagram_is_that_of_the_pins(name):
    drawn = (BOARDS / name / "wiring.svg").read_text(encoding="utf-8")
    assert drawn == boarddocs.diagram(name), "out of date: .venv/bin/python tools/boarddocs.py"
    words = [element.text for element in ElementTree.fromstring(drawn).iter() if element.text]
    for key, where in boarddocs.names_of(name).items():
        assert key in NUMBERS or "%s  %s" % (key, where) in words


@each_board
def test_the_mains_are_warned_of_where_they_are_near(name):
    text = (BOARDS / name / "README.md").read_text(encoding="utf-8")
    near = bool({"tariff", "coil_on"} & set(boardfacts.load(name).PINS))
    assert ("Warning: 230 V" in text) == near
    assert ("230 V" in (BOARDS / name / "wiring.svg").read_text()) == near


def test_the_pin_table_follows_the_pins(monkeypatch):
    board = like("pico", lock=22, tx=8, rx=9, invert_rx=True)
    monkeypatch.setattr(boarddocs, "load", lambda name: board)
    table = boarddocs.pin_table("pico").splitlines()
    assert "| `lock` | GP22 | 29 | jumper to ground: no writing over the bus |" in table
    assert table[-1] == "Used are UART 1, I2C 0; rx is inverted."


def test_a_place_for_what_is_made_is_there_once():
    with pytest.raises(ValueError):
        boarddocs.filled("<!-- pins -->\n", {"pins": "x"})
    text = "a\n<!-- pins -->\nold\n<!-- /pins -->\nb"
    assert boarddocs.filled(text, {"pins": "x"}) == "a\n<!-- pins -->\nx\n<!-- /pins -->\nb"
