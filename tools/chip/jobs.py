# SPDX-License-Identifier: MIT
"""Measurements in processes of their own, each of which goes on from where this one is.

A chip that has booted takes minutes to get there; a fork of the process that holds it is a
second chip in that very state.
"""

import json
import os
import selectors
import sys
import time
import traceback

_NICE = 5


class Failed(dict):
    """What is left of a measurement that raised: its traceback under "error"."""


def _child(function, to):
    try:
        result = function()
    except Exception:
        result = {"error": traceback.format_exc()}
    result["cpu_s"] = round(time.process_time())
    os.write(to, json.dumps(result).encode())


def run(functions: dict, workers: int = 2, told=lambda name, result: None) -> dict:
    """{name: what the function of this name returned}, for at most so many at a time.

    "cpu_s" is added to each: the seconds of a processor that it took.

    The first is the longest: the others give way to it.  Results are dicts that JSON can hold,
    below 64 kB; told(name, result) hears of each.
    """
    waiting, results, nice = list(functions.items()), {}, 0
    with selectors.DefaultSelector() as running:
        while waiting or running.get_map():
            while waiting and len(running.get_map()) < workers:
                name, function = waiting.pop(0)
                running.register(_fork(function, nice), selectors.EVENT_READ, name)
                nice = _NICE
            for key, _ in running.select():
                running.unregister(key.fd)
                results[key.data] = result = _result(key.fd)
                told(key.data, result)
    return {name: results[name] for name in functions}


def _fork(function, nice):
    """The end of a pipe that a child's result comes out of."""
    sys.stdout.flush()
    sys.stderr.flush()
    end, to = os.pipe()
    if os.fork():
        os.close(to)
        return end
    code = 1
    try:
        os.close(end)
        os.nice(nice)
        _child(function, to)
        code = 0
    finally:
        os._exit(code)


def _result(end):
    with os.fdopen(end, "rb") as file:
        octets = file.read()
    os.wait()
    if not octets:
        return Failed(error="the process died")
    result = json.loads(octets)
    return Failed(result) if "error" in result else result
