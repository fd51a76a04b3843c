# SPDX-License-Identifier: MIT
"""The wiring diagram of a board, drawn from its PINS: one panel for each thing that is wired.

Each wire runs straight from the board at the left to its panel at the right.
"""

from svgparts import (
    BLUE,
    GREY,
    RED,
    Page,
    capacitor,
    coil,
    contact,
    ground,
    optocoupler,
    pull_down,
    pull_up,
    resistor,
    switch,
)

_WIDTH = 900
_BOARD, _EDGE, _PANEL, _RIGHT = 20, 190, 230, 884
_STEP = 62  # from wire to wire
_ISOLATION = 470


class Diagram:
    """One board: pins are its PINS, names what stands beside each, front the M-Bus side."""

    def __init__(self, title, pins, names, front, gate_ohm):
        self.page = Page(_WIDTH, "Wiring of " + title)
        self.pins, self._names, self._front, self._gate = pins, names, front, gate_ohm
        self._y = 50
        self.page.text(_BOARD, 28, "Wiring: " + title, size=16, bold=True)

    def wire(self, name, y, to):
        """A wire from the board to x."""
        self.page.text(_EDGE - 6, y + 4, "%s  %s" % (name, self._names[name]), "end")
        self.page.line((_EDGE, y), (to, y), color=BLUE)

    def panel(self, title, rows, warn=False, more=0):
        """A frame for so many wires, and more below them; returns their y."""
        top = self._y
        height = 40 + _STEP * rows + more
        color, fill = (RED, "#fff4f4") if warn else (GREY, "#fbfbfb")
        self.page.box(_PANEL, top, _RIGHT - _PANEL, height, color, fill)
        self.page.text(_PANEL + 10, top + 18, title, bold=True, color=RED if warn else "#222")
        self._y = top + height + 12
        return [top + 66 + _STEP * i for i in range(rows)]

    def isolation(self, first, last, x=_ISOLATION):
        """The line between the two sides."""
        self.page.line((x, first - 40), (x, last + 40), color=GREY, dash="6 4")
        self.page.text(x + 6, first - 32, "isolation", size=10, color=GREY)

    def bus(self):
        """The transceiver, or what is fitted instead."""
        names = [name for name in ("tx", "rx", "enable") if name in self.pins]
        bare = self._front == "bare"
        ys = self.panel("M-Bus" if bare else "M-Bus: " + self._front, len(names))
        if bare:
            return self._transceiver(ys)
        page, top, height = self.page, ys[0] - 26, ys[-1] - ys[0] + 52
        page.box(430, top, 210, height, fill="#fff")
        page.text(535, top + height / 2 + 4, self._front, "middle")
        for name, y in zip(names, ys, strict=True):
            self.wire(name, y, 430)
        self._terminals(640, ys)
        return None

    def _transceiver(self, ys):
        page, (first, last) = self.page, (ys[0], ys[1])
        page.box(420, first - 26, 100, last - first + 52, fill="#fff")
        page.text(464, (first + last) / 2, "digital", "end", size=11)
        page.text(476, (first + last) / 2, "isolator", size=11)
        page.box(570, first - 26, 100, last - first + 52, fill="#fff")
        page.text(620, first - 10, "TSS721A or", "middle", size=11)
        page.text(620, first + 4, "NCN5150", "middle", size=11)
        for name, y, theirs in (("tx", first, "RX"), ("rx", last, "TX")):
            self.wire(name, y, 420)
            page.text(424, y + 16, "in" if name == "tx" else "out", size=10, color=GREY)
            page.line((520, y), (570, y), color=BLUE)
            page.text(575, y + 16, theirs, size=11)
        self.isolation(first, last)
        page.line((670, first + 20), (700, first + 20))
        page.text(648, first + 24, "STC", size=10)
        capacitor(page, 700, first + 20, "100 uF")
        self._terminals(670, ys)

    def _terminals(self, x, ys):
        for y, words in ((ys[0], "M-Bus"), (ys[1], "M-Bus, any polarity")):
            self.page.line((x, y), (x + 70, y))
            self.page.terminal(x + 75, y, words)

    def pulses(self):
        """Contacts or outputs that count."""
        names = [name for name in ("pulse1", "pulse2") if name in self.pins]
        if not names:
            return
        ys = self.panel("Pulse inputs: contacts or open collectors to ground, 25 Hz", len(names))
        for name, y in zip(names, ys, strict=True):
            self.wire(name, y, 330)
            capacitor(self.page, 290, y, "10 nF")
            resistor(self.page, 330, y, "1 k")
            self.page.line((370, y), (520, y))
            pull_up(self.page, 410, y, "47 k")
            self.page.terminal(525, y, "")
            contact(self.page, 530, y, "of the meter, its cable up to 20 m")

    def tariff(self):
        """The mains behind an optocoupler."""
        if "tariff" not in self.pins:
            return
        (y,) = self.panel("Tariff input: 230 V, for qualified persons only", 1, True, 36)
        page = self.page
        self.wire("tariff", y, 420)
        pull_up(page, 330, y, "47 k")
        optocoupler(page, 420, y)
        self.isolation(y, y + 14, 457)
        page.line((490, y), (650, y), color=RED)
        resistor(page, 506, y, "82 k, 1 W", RED)
        resistor(page, 570, y, "82 k, 1 W", RED)
        resistor(page, 650, y, "fuse", RED)
        page.line((490, y + 34), (690, y + 34), color=RED)
        page.box(624, y + 6, 12, 22, RED, "#fff")
        page.line((630, y), (630, y + 6), color=RED)
        page.line((630, y + 28), (630, y + 34), color=RED)
        page.text(618, y + 21, "MOV", "end", size=10, color=RED)
        page.text(330, y + 62, "optocoupler: two LEDs (for AC), reinforced isolation", size=11)
        page.terminal(695, y, "L, switched: 230 V~", RED)
        page.terminal(695, y + 34, "N", RED)

    def relay(self):
        """The breaker and its contact."""
        if "coil_on" not in self.pins:
            return
        rows = 3 if "feedback" in self.pins else 2
        title = "Breaker: bistable relay with two coils; 230 V at its contacts, no safety switch"
        ys = self.panel(title, rows, warn=True)
        page = self.page
        for name, y, words in (
            ("coil_on", ys[0], "closes; a diode across it, the relay's supply behind"),
            ("coil_off", ys[1], "opens; a diode across it, the relay's supply behind"),
        ):
            self.wire(name, y, 280)
            resistor(page, 280, y, "100")
            page.line((320, y), (400, y))
            pull_down(page, 345, y, self._gate)
            coil(page, 400, y, words)
        if rows == 3:
            self.wire("feedback", ys[2], 420)
            pull_up(page, 264, ys[2], "10 k")
            contact(page, 420, ys[2], "auxiliary contact")
        switch(page, 660, ys[-1], "L", "load")

    def contacts(self):
        """Button, jumper, supply."""
        words = {
            "button": ("button at the breaker", True),
            "lock": ("jumper against writing over the bus", True),
            "power_good": ("supervisor of the supply, high while it is sound", False),
        }
        names = [name for name in words if name in self.pins]
        if not names:
            return
        ys = self.panel("Button, jumper, supply: each may be left out", len(names))
        for name, y in zip(names, ys, strict=True):
            text, closes = words[name]
            self.wire(name, y, 420)
            if closes:
                contact(self.page, 420, y, text)
            else:
                self.page.box(420, y - 12, 300, 24, fill="#fff")
                self.page.text(428, y + 4, text)

    def chips(self):
        """FRAM and clock on I2C."""
        if "sda" not in self.pins:
            return
        ys = self.panel("I2C, 400 kHz: memory without wear, and a clock with a battery", 2)
        page = self.page
        for name, y in zip(("sda", "scl"), ys, strict=True):
            self.wire(name, y, 640)
            pull_up(page, 330, y, "4.7 k")
            page.dot(420, y)
        for x, first, second in ((440, "FRAM", "MB85RC256V, 50h"), (640, "clock", "DS3231, 68h")):
            page.box(x, ys[0] - 24, 150, ys[1] - ys[0] + 48, fill="#fff")
            page.text(x + 75, ys[0] + 26, first, "middle")
            page.text(x + 75, ys[0] + 44, second, "middle", size=11)
            page.text(x + 6, ys[0] + 4, "SDA", size=10)
            page.text(x + 6, ys[1] + 4, "SCL", size=10)
        for y in ys:
            page.line((590, y), (640, y), color=BLUE)
        page.line((790, ys[1]), (815, ys[1]))
        page.text(800, ys[1] - 8, "battery", size=10)
        ground(page, 815, ys[1])

    def draw(self) -> str:
        """All of it as SVG."""
        for part in (self.bus, self.pulses, self.tariff, self.relay, self.contacts, self.chips):
            part()
        page = self.page
        page.box(_BOARD, 50, _EDGE - _BOARD, self._y - 62, fill="none")
        page.text(_BOARD + 8, 68, "board", bold=True)
        page.text(
            _BOARD, self._y + 8, "Ground of the board and of all panels is one, but for", size=11
        )
        page.text(_BOARD + 290, self._y + 8, "what is behind an isolation.", size=11)
        page.height = max(page.height, self._y + 12)
        return page.svg()
