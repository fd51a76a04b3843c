# SPDX-License-Identifier: MIT
"""machine.mem32 of the RP2040: the registers that MicroPython has no call for."""

from .clock import Misuse

_UART = (0x40034000, 0x40038000)
_DR, _FR, _IMSC, _RIS, _ICR = 0x00, 0x18, 0x38, 0x3C, 0x44
_WATCHDOG = 0x40058000
_REASON, _SCRATCH = 0x08, 0x0C
_CHIP_RESET = 0x40064008


class Mem32:
    """mem32[address]; addresses that are not modelled are Misuse."""

    def __init__(self, chip):
        self._chip = chip

    def _serial(self, address):
        for number in (0, 1):
            if 0 <= address - _UART[number] < 0x1000:
                return self._chip.serial(number), address - _UART[number]
        raise Misuse("mem32[0x%08x] is not modelled" % address)

    def __getitem__(self, address):
        core = self._chip.core
        core.spend(2)
        n = core.open_heap()
        value = self._get(address)
        core.close_heap(n)
        return value

    def __setitem__(self, address, value):
        core = self._chip.core
        core.spend(2)
        n = core.open_heap()
        self._set(address, value)
        core.close_heap(n)

    def _get(self, address):
        chip = self._chip
        if address == _CHIP_RESET:
            return chip.chip_reset
        if address == _WATCHDOG + _REASON:
            return chip.reason
        if _WATCHDOG + _SCRATCH <= address < _WATCHDOG + _SCRATCH + 32:
            return chip.scratch[(address - _WATCHDOG - _SCRATCH) >> 2]
        serial, register = self._serial(address)
        if register == _RIS:
            return serial.ris
        if register == _FR:
            busy = 0 if serial.txdone() else 8
            return busy | (0 if serial.fifo else 16)
        if register == _IMSC:
            return 0x70 if serial.enabled else 0
        raise Misuse("mem32[0x%08x] is not modelled" % address)

    def _set(self, address, value):
        chip = self._chip
        if _WATCHDOG + _SCRATCH <= address < _WATCHDOG + _SCRATCH + 32:
            chip.scratch[(address - _WATCHDOG - _SCRATCH) >> 2] = value & 0xFFFFFFFF
            return
        serial, register = self._serial(address)
        if register != _ICR:
            raise Misuse("mem32[0x%08x] is not modelled" % address)
        serial.ris &= ~value
