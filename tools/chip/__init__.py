# SPDX-License-Identifier: MIT
"""A Pico that runs stock MicroPython in rp2040py, with a line, contacts and a clock of its own.

rp2040py executes the instructions.  What it leaves out, and what counts here, is put on top of
it: the UART as a PL011 on a line (uart), PIO that keeps its time while the processor sleeps
(piostep), a flash that is busy and can lose its supply (flash), a USB host that waits (usbhost).
board.Pico joins them; lines and pins are the outside; bus is a master in emulated time.

Times are microseconds of the emulated clock since power-up, as floats; 8 ns are a cycle.  All
runs in one thread, and two runs of the same script are the same to the cycle.

Not modelled: the second core, another clock of the system than 125 MHz, DMA of the UART, the
edge counters of PWM, the identification of the chip (FFh), wear of the flash, and the cache in
front of it: the flash is as fast as memory here.
"""
