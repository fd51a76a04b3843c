# SPDX-License-Identifier: MIT
"""What the documents of the boards say that follows from data: pins, parts, diagrams, index.

Run as a program it writes wiring.svg of each board, and the parts of each README.md, of
boards/README.md and of README.md between <!-- NAME --> and <!-- /NAME -->.
"""

import re

from boardfacts import BOARDS, FACTS, load
from importgraph import ROOT
from wiringdiagram import Diagram

# Of a Pico: number of its header by GPIO.
_GROUNDS = (3, 8, 13, 18, 23, 28, 30, 33)  # of that header, and RUN
_HEADER = dict(
    zip([*range(23), 26, 27, 28], [n for n in range(1, 35) if n not in _GROUNDS], strict=True)
)
# The gate of a coil's transistor: an RP2350's pad (erratum E9) can hold itself up against more.
_GATE = {"rp2350": "4.7 k"}

_MEANINGS = {
    "tx": "to the transceiver's receive input (TSS721A, NCN5150: RX)",
    "rx": "from the transceiver's transmit output (TSS721A, NCN5150: TX)",
    "enable": "high switches the transceiver or the bus on",
    "pulse1": "pulse input 1, contact to ground",
    "pulse2": "pulse input 2, contact to ground",
    "tariff": "optocoupler of the tariff input, conducts to ground at 230 V",
    "coil_on": "gate of the coil that closes the breaker",
    "coil_off": "gate of the coil that opens the breaker",
    "feedback": "auxiliary contact of the breaker to ground, closed while it is",
    "button": "button at the breaker, to ground",
    "lock": "jumper to ground: no writing over the bus",
    "overload": "converter of a master, low while the bus is overloaded",
    "power_good": "supervisor of the supply, high while it is sound",
    "sda": "FRAM and clock",
    "scl": "FRAM and clock",
}
_INVERTED = {"invert_tx": "tx is inverted", "invert_rx": "rx is inverted"}

# The name of a pin that a part is needed for, the part, what it is to do.
_PARTS = (
    ("tx", "TSS721A or NCN5150, with its resistors and capacitors", "M-Bus slave transceiver"),
    ("tx", "100 uF at its STC", "zeros in a row do not starve its transmitter"),
    ("tx", "digital isolator of two channels, or two fast optocouplers", "the bus floats"),
    ("pulse1", "for each pulse input 47 kohm, 1 kohm, 10 nF, a clamp against ESD", "pulse inputs"),
    ("tariff", "optocoupler for AC with reinforced isolation", "tariff input, 230 V"),
    ("tariff", "2 resistors 82 kohm, 1 W, 350 V each; fuse; MOV 275 V; 47 kohm", "the same"),
    ("coil_on", "bistable relay with two coils and an auxiliary contact", "breaker"),
    ("coil_on", "2 N-MOSFET for 3.3 V, 2 diodes, 2 times 100 ohm and GATE", "its coils"),
    ("feedback", "10 kohm", "its feedback"),
    ("sda", "FRAM MB85RC256V", "counts that outlive any power cut; may be left out"),
    ("sda", "DS3231 with a battery", "time that outlives a power cut; may be left out"),
    ("sda", "2 resistors 4.7 kohm, where no module has them", "I2C"),
)

_MAINS = """\
> **Warning: 230 V.** The tariff input and the contacts of the breaker are at the mains. They are
> for qualified persons, behind a fuse, in a closed housing, with 8 mm of creepage between
> them and everything else, also under the optocoupler and the relay. Take the mains off before
> you touch anything, the USB plug too: a fault makes all of the board live. The breaker is no
> safety switch: nothing behind it is dead because it is open.
"""


def names_of(name: str) -> dict:
    """{name of a pin: what stands at the pin of the board}."""
    board = load(name)
    first = "GP%d" if board.PORT == "rp2" else "GPIO%d"
    return {key: first % number for key, number in board.PINS.items()}


def pin_table(name: str) -> str:
    """The pins of a board as a table, from its board.py."""
    pins, names = load(name).PINS, names_of(name)
    pico = load(name).PORT == "rp2"
    head = ["name", "GPIO", *(["header pin"] if pico else []), "what"]
    lines = ["| %s |" % " | ".join(head), "|%s" % ("---|" * len(head))]
    for key, what in _MEANINGS.items():
        if key in pins:
            header = [str(_HEADER[pins[key]])] if pico else []
            lines.append("| %s |" % " | ".join(["`%s`" % key, names[key], *header, what]))
    units = "UART %d" % pins["uart"]
    if "sda" in pins:
        units += ", I2C %d" % pins.get("i2c", 0)
    more = [words for key, words in _INVERTED.items() if pins.get(key)]
    return "\n".join([*lines, "", "; ".join(["Used are " + units, *more]) + "."])


def parts_table(name: str) -> str:
    """What is to be bought beside the board."""
    board, facts = load(name), FACTS[name]
    lines = ["| part | for |", "|---|---|"]
    if facts.base:
        lines.append("| %s | the board |" % FACTS[facts.base].title)
    if facts.front != "bare":
        lines.append("| %s | M-Bus |" % facts.front)
    for key, part, what in _PARTS:
        if key in board.PINS and (key != "tx" or facts.front == "bare"):
            gate = "2 times " + _GATE.get(board.CHIP, "10 k") + "ohm"
            lines.append("| %s | %s |" % (part.replace("GATE", gate), what))
    return "\n".join(lines)


def warning(name: str) -> str:
    """About 230 V, where that is near."""
    return _MAINS.strip() if "tariff" in load(name).PINS else "No mains is near this board."


def diagram(name: str) -> str:
    """wiring.svg of a board."""
    board, facts = load(name), FACTS[name]
    gate = _GATE.get(board.CHIP, "10 k")
    return Diagram(facts.title, board.PINS, names_of(name), facts.front, gate).draw()


def index(where: str) -> str:
    """The boards as a table; where: the path from the document to boards/."""
    lines = ["| board | `BOARD=` | roles | chip | MicroPython | room for files |"]
    lines.append("|---|---|---|---|---|---|")
    for name, facts in FACTS.items():
        cells = (
            "[%s](%s%s/README.md)" % (facts.title, where, name),
            "`%s`" % name,
            ", ".join(facts.roles),
            load(name).CHIP,
            facts.image,
            "%d kB" % (facts.blocks * 4),
        )
        lines.append("| %s |" % " | ".join(cells))
    return "\n".join(lines)


def documents() -> dict:
    """{path: {name of a part: its text}} of every README with such parts."""
    found = {
        BOARDS / name / "README.md": {
            "warning": warning(name),
            "parts": parts_table(name),
            "pins": pin_table(name),
        }
        for name in FACTS
    }
    found[BOARDS / "README.md"] = {"boards": index("")}
    found[ROOT / "README.md"] = {"boards": index("boards/")}
    return found


def filled(text: str, parts: dict) -> str:
    """A document with its parts as they should be; ValueError where there is no place."""
    for name, part in parts.items():
        begin, end = "<!-- %s -->" % name, "<!-- /%s -->" % name
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError("there is not one place for " + name)
        text = re.sub(
            re.escape(begin) + ".*?" + re.escape(end),
            lambda _, whole="%s\n%s\n%s" % (begin, part, end): whole,
            text,
            flags=re.S,
        )
    return text


def main():
    """Write them."""
    for name in FACTS:
        (BOARDS / name / "wiring.svg").write_text(diagram(name), encoding="utf-8")
    for path, parts in documents().items():
        text = path.read_text(encoding="utf-8")
        path.write_text(filled(text, parts), encoding="utf-8")


if __name__ == "__main__":
    main()
