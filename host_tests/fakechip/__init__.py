# SPDX-License-Identifier: MIT
"""A chip in virtual time for the tests of both runtimes: what `machine` is on it, and its world.

    chip = Chip("rp2")                  fakechip.chip; or "esp32"
    line = Line(chip.clock)             fakechip.line: the bus, with peers of any rate
    chip.wire_uart(line, tx=4, rx=5)
    chip.pad(15).attach(Pulses(...))    fakechip.outside: pulses, mains, buttons, a relay
    chip.install()                      fakechip.modules: `import machine` now finds this chip
    chip.boot(firmware, 60)             runs firmware() for 60 s, over whatever resets it
    Device("rp2", config).run(60)       fakechip.whole: all of that, for the whole firmware

Chip.clock is the time: at(us, function, argument) and spawn(generator that yields microseconds
to wait) let the test act while the firmware runs; chip.run_ms() lets time go by where none does.

The numbers are those measured on an emulated RP2040; where nothing was measured, those of
MicroPython's source.  What the chip would refuse raises what the chip raises; what no chip
reports but a device must never do raises Misuse, which no `except Exception` catches.
"""
