# SPDX-License-Identifier: MIT
"""A chip: its parts, how it starts, and what a reset leaves of it.

Resets, and what reset_cause() says of them on rp2 / esp32:
    power, brownout   1 / 1; all that is not in flash or outside is lost
    external          1 / 1; the same, the reset pin
    watchdog          3 / 3; the chip's small memory stays, the clock does not
    machine           3 / 2; machine.reset(), the same
    panic             3 / 2; the interpreter itself has died
    soft              as before / 5; clock, pins and watchdog go on, all that counts is gone
"""

from .clock import Clock, Misuse
from .core import Core
from .pads import DOWN, NONE, Pad
from .serial import Serial
from .timers import ChipTime, Watchdog

BOOT_US = 300000
_NOTED = 600  # octets
COLD = ("power", "brownout", "external")
_CAUSES = {
    "rp2": {"power": 1, "brownout": 1, "external": 1, "watchdog": 3, "machine": 3, "panic": 3},
    "esp32": {"power": 1, "brownout": 1, "external": 1, "watchdog": 3, "machine": 2, "panic": 2,
              "soft": 5},
}  # fmt: skip


class Reset(BaseException):
    """Unwinds the firmware; its cause is in args[0]."""


class Stop(BaseException):
    """Unwinds the firmware at the end of the time that it was given."""


class Wire:
    """What a UART pin is connected to; written is (us, octet) of what the chip has sent last."""

    def __init__(self, line, invert, echo):
        self.line = line
        self.invert = invert
        self.echo = echo
        self.written = []

    def note(self, us, octet):
        self.written.append((us, octet))
        if len(self.written) > _NOTED:
            del self.written[: _NOTED // 2]


class Chip:
    """boots is (us, cause) of every start; crashes what was raised out of the firmware."""

    def __init__(self, variant="rp2", seed=1, clock=None):
        self.variant = variant
        self.clock = clock or Clock(seed)
        self.core = Core(self.clock)
        rp2 = variant == "rp2"
        self.PULL_AT_RESET = DOWN if rp2 else NONE
        self.INV_TX, self.INV_RX, self.INV_MASK = (1, 2, 3) if rp2 else (32, 4, 108)
        self.IRQ_RX, self.IRQ_RXIDLE, self.IRQ_TXIDLE = (0, 64, 32) if rp2 else (1, 4096, 0)
        self.epoch = 0 if rp2 else 946684800
        self.pads, self.serials, self.wires = {}, {}, {}
        self.timers = []
        self.machines = [None] * 8
        self.board = None  # the module of that name, where the test has one
        self.dma_channels = []
        self.pio_models, self.i2c_devices, self.nvs = {}, {}, {}
        self.scratch = [0] * 8
        self.boots, self.crashes = [], []
        self.running = False
        self.exact = False  # pulses are counted edge by edge
        self.collect_us = 8000  # what gc.collect() takes
        self.time = ChipTime(self)
        self.watchdog = Watchdog(self)
        self.unique_id = (
            b"\xe6\x61\x64\x08\x43\x2a\x5d\x31" if rp2 else b"\x24\x6f\x28\x01\x02\x03"
        )
        self._forget("power")

    # The world's side

    def pad(self, number):
        """The pad of a pin number."""
        if not isinstance(number, int) or not 0 <= number < (30 if self.variant == "rp2" else 40):
            raise ValueError("invalid pin")
        if number not in self.pads:
            self.pads[number] = Pad(self, number)
        return self.pads[number]

    def serial(self, number):
        if number not in ((0, 1) if self.variant == "rp2" else (1, 2)):
            raise ValueError("UART(%s) doesn't exist" % number)
        if number not in self.serials:
            self.serials[number] = Serial(self, number)
        return self.serials[number]

    def wire_uart(self, line, tx, rx, invert_tx=False, invert_rx=False, echo=False):
        """Connect two pins to a line; returns the wire of tx, which keeps what is sent."""
        self.wires[tx] = Wire(line, invert_tx, echo)
        self.wires[rx] = Wire(line, invert_rx, echo)
        return self.wires[tx]

    def serial_of(self, wire):
        """The UART that sends on the line of a wire: what its receivers do not hear."""
        for serial in self.serials.values():
            if serial.enabled and serial.tx_wire and serial.tx_wire.line is wire.line:
                return serial
        return None

    def check_uart(self, number, tx, rx):
        """Refuse pins that a UART cannot have."""
        if self.variant == "rp2":
            if tx & 3 or (tx + 4 & 8) >> 3 != number:
                raise ValueError("bad TX pin")
            if rx & 3 != 1 or (rx + 4 & 8) >> 3 != number:
                raise ValueError("bad RX pin")
        elif 1 in (tx, rx) or 3 in (tx, rx):
            raise Misuse("the console's pins")

    def run_us(self, us):
        """Time goes by; the firmware's interrupts come."""
        self.core.sleep(us)

    def run_ms(self, ms):
        self.core.sleep(ms * 1000)

    def install(self, *forget):
        """Let `import machine` and the like find this chip; see modules.install()."""
        from . import modules

        modules.install(self, forget)

    def use_programs(self):
        """Let models play the PIO programs of the firmware."""
        from .piomodels import PROGRAMS

        self.pio_models.update(PROGRAMS)

    def uninstall(self):
        self.core.forget()
        from . import modules

        modules.uninstall()

    # Resets

    def reset(self, cause):
        """What happens at a reset; where firmware runs, it ends here."""
        self._forget(cause)
        if self.running:
            raise Reset(cause)

    def _forget(self, cause):
        self.core.forget()
        for timer in self.timers:
            timer.deinit()
        for machine in self.machines:
            if machine:
                machine.close()
        self.dma_channels = []
        self.timers.clear()
        self.machines = [None] * 8
        for serial in self.serials.values():
            serial.close()
            serial.dma = None
        for pad in self.pads.values():
            pad.soft_reset() if cause == "soft" else pad.reset()
            pad.changed()
            pad.watch()
        self.cause = cause
        if cause == "soft":
            if self.variant == "esp32":
                self.reset_cause = 5
            return
        self.watchdog.stop()
        self.time.restart()
        self.started = self.clock.now
        self.reset_cause = _CAUSES[self.variant][cause]
        if cause == "machine":
            self.scratch[4] = 0
        # Reasons: timer 1, forced 2; what had reset the whole chip is kept over a watchdog's.
        self.reason = {"watchdog": 1, "panic": 1, "machine": 2}.get(cause, 0)
        if cause in COLD:
            self.scratch = [0] * 8
            self.memory = b""
            self.chip_reset = 1 << 16 if cause == "external" else 1 << 8

    # The firmware

    def boot(self, firmware, seconds, cause="power"):
        """Let firmware() run for so long, from a reset on; resets start it again.

        When it returns or raises an Exception the chip idles, as at the prompt, until its
        watchdog or somebody resets it.  Misuse ends it as an AssertionError.
        """
        from . import looping, modules

        def forget():
            modules.forget()
            looping.renew()
            modules.gc.collect()

        clock = self.clock
        end = clock.now + seconds * 1000000
        stop = clock.at(end, self._stop)
        if cause:
            self._forget(cause)
        self.running = True
        try:
            while True:
                cause = self._one_boot(firmware, forget)
                if cause is None:
                    return
        except Misuse as e:
            raise AssertionError(e.args[0]) from None
        finally:
            self.running = False
            clock.cancel(stop)
            while self.core.locks:
                self.core.unlock()

    def _one_boot(self, firmware, forget):
        """The cause of the next start, None at the end of the time."""
        forget()
        self.boots.append((self.clock.now, self.cause))
        try:
            self.core.sleep(BOOT_US)
            try:
                firmware()
            except Exception as e:
                self.crashes.append(e)
            while True:
                self.core.sleep(1000000)
        except Reset as e:
            return e.args[0]
        except Stop:
            return None

    def _stop(self, _):
        raise Stop()
