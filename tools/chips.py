# SPDX-License-Identifier: MIT
"""What the pins of each chip can do, as data, and what is wrong with the pins of a board.

From the datasheets: pads that exist, functions that a pad can have, pads that a module needs
for itself, and pads whose level at reset decides how a chip starts (strapping).  Of the RP2350
only the functions that the RP2040 has, too.
"""

from collections import namedtuple

# port      the port of the firmware
# gpios     those that exist
# taken     {pin: what it is needed for}: strapping, flash, USB, the console
# inputs    pins that can do nothing but read, and have no pull-up
# uarts     {number: (pins for TX, pins for RX)}, i2cs {number: (pins for SDA, pins for SCL)};
#           None instead of pins where any will do.  The UART of the console is not in it.
Chip = namedtuple("Chip", "port gpios taken inputs uarts i2cs")


def _for(why, *pins):
    return dict.fromkeys(pins, why)


ANY = (None, None)
_STRAPPING = "its level at reset decides how the chip starts"
_CONSOLE = "the boot log and the console go out there"
_FLASH = "the flash is on it"
_USB = "USB is on it"
# Every fourth pin is of the same function, and the UARTs change over every eight.
_RP2_UARTS = {
    0: (frozenset((0, 12, 16, 28)), frozenset((1, 13, 17, 29))),
    1: (frozenset((4, 8, 20, 24)), frozenset((5, 9, 21, 25))),
}
_RP2_I2CS = {
    0: (frozenset(range(0, 30, 4)), frozenset(range(1, 30, 4))),
    1: (frozenset(range(2, 30, 4)), frozenset(range(3, 30, 4))),
}
_RP2 = Chip("rp2", frozenset(range(30)), {}, (), _RP2_UARTS, _RP2_I2CS)

CHIPS = {
    "rp2040": _RP2,
    "rp2350": _RP2,  # in the package of 60 pins
    "esp32": Chip(
        "esp32",
        frozenset([*range(20), *range(21, 24), *range(25, 28), *range(32, 40)]),
        {
            **_for(_STRAPPING, 0, 2, 5, 12, 15),
            **_for(_FLASH, 6, 7, 8, 9, 10, 11),
            **_for(_CONSOLE, 1, 3),
            **_for("the PSRAM of a WROVER module is on it", 16, 17),
        },
        (34, 35, 36, 37, 38, 39),
        {1: ANY, 2: ANY},
        {0: ANY, 1: ANY},
    ),
    "esp32s3": Chip(
        "esp32",
        frozenset([*range(22), *range(26, 49)]),
        {
            **_for(_STRAPPING, 0, 3, 45, 46),
            **_for(_FLASH, *range(26, 33)),
            **_for("octal flash or PSRAM is on it", *range(33, 38)),
            **_for(_USB, 19, 20),
            **_for(_CONSOLE, 43, 44),
        },
        (),
        {1: ANY, 2: ANY},
        {0: ANY, 1: ANY},
    ),
    "esp32c6": Chip(
        "esp32",
        frozenset(range(31)),
        {
            **_for(_STRAPPING, 4, 5, 8, 9, 15),
            **_for(_FLASH, *range(24, 31)),
            **_for(_USB, 12, 13),
            **_for(_CONSOLE, 16, 17),
            **_for("not every module leads it out", 10, 11, 14),
        },
        (),
        {1: ANY},
        {0: ANY},
    ),
}

# Pins that a board's chip has and the board has not, by its MicroPython image.
_PICO = _for("on a Pico it is no pin of the header", 23, 24, 25, 29)
CARRIERS = {"RPI_PICO": _PICO, "RPI_PICO_W": _PICO, "RPI_PICO2": _PICO}

# The names that firmware/port/wiring.py knows: what is no pin, and what a pin must be able to.
NUMBERS = ("uart", "i2c", "invert_tx", "invert_rx")
DRIVEN = ("tx", "coil_on", "coil_off", "enable", "sda", "scl")
PULLED_UP = ("pulse1", "pulse2", "tariff", "feedback", "button", "lock", "power_good", "overload")
PIN_NAMES = ("rx", *DRIVEN, *PULLED_UP)
_PAIRS = (("coil_on", "coil_off"), ("sda", "scl"))


def faults(board, image="") -> list:
    """What is wrong with a board module (PORT, CHIP, PINS) on a carrier, in words."""
    if board.CHIP not in CHIPS:
        return ["chip %s is unknown; known are %s" % (board.CHIP, ", ".join(CHIPS))]
    chip, pins = CHIPS[board.CHIP], board.PINS
    found = []
    if chip.port != board.PORT:
        found.append("port %s is not that of the %s, %s" % (board.PORT, board.CHIP, chip.port))
    found += ["name %s is unknown" % n for n in pins if n not in NUMBERS + PIN_NAMES]
    found += ["%s is missing" % name for name in ("uart", "tx", "rx") if name not in pins]
    for one, other in (*_PAIRS, *(pair[::-1] for pair in _PAIRS)):
        if one in pins and other not in pins:
            found.append("%s is of no use without %s" % (one, other))
    used = {}
    for name in (name for name in pins if name in PIN_NAMES):
        used.setdefault(pins[name], []).append(name)
    found += ["pin %s is used twice: %s" % (p, ", ".join(n)) for p, n in used.items() if n[1:]]
    for pin, names in used.items():
        found += _unable(chip, {**chip.taken, **CARRIERS.get(image, {})}, pin, names)
    found += _function(chip.uarts, "UART", pins, "uart", ("tx", "rx"), None)
    found += _function(chip.i2cs, "I2C", pins, "i2c", ("sda", "scl"), 0)
    return found


def _unable(chip, taken, pin, names):
    if pin not in chip.gpios:
        yield "%s: there is no pin %s" % (names[0], pin)
    elif pin in taken:
        yield "%s: pin %d is not to be had, %s" % (names[0], pin, taken[pin])
    elif pin in chip.inputs:
        for name in names:
            if name in DRIVEN:
                yield "%s: pin %d is only an input" % (name, pin)
            elif name in PULLED_UP:
                yield "%s: pin %d has no pull-up" % (name, pin)


def _function(units, what, pins, key, names, default):
    """Whether the pins of a UART or I2C can be that."""
    if names[0] not in pins:
        return
    number = pins.get(key, default)
    if number not in units:
        yield "%s %s is not to be had" % (what, number)
        return
    for name, able in zip(names, units[number], strict=True):
        if able is not None and name in pins and pins[name] not in able:
            yield "%s: pin %s cannot be %s of %s %d" % (
                name,
                pins[name],
                name.upper(),
                what,
                number,
            )
