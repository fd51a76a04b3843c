# SPDX-License-Identifier: MIT
"""What `make chip` measured, as tables for people; and those of README.md."""

import re

from importgraph import ROOT

README = ROOT / "README.md"
_BLOCK = re.compile(r"(<!-- chip -->\n).*?(<!-- /chip -->)", re.DOTALL)
# Of a result: what is told in other places, or not at all.
_ASIDE = ("checks", "wrong", "replies", "error", "alive", "image", "heap", "cpu_s", "part",
          "slowest")  # fmt: skip


def replies(results: dict) -> list:
    """The table of the times from the end of a request to the begin of its answer."""
    lines = [
        "| replies in ms | answers | none | earliest | minimum | median | maximum | latest |"
        " target: median, maximum |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, result in results.items():
        for what, row in result.get("replies", {}).items():
            head = "| %s" % name + ("" if name.endswith(str(what)) else ", %s" % what)
            if row["count"]:
                text = (
                    " | %(count)d | %(unanswered)d | %(earliest_ms)s | %(minimum_ms)s |"
                    " %(median_ms)s | %(maximum_ms)s | %(latest_ms)s |"
                    " %(target_median_ms)s, %(target_maximum_ms)s |"
                )
                lines.append(head + text % row)
            else:
                lines.append(head + " | 0 | %d | | | | | | |" % row["unanswered"])
    return lines


def checks(results: dict) -> list:
    """The table of what was looked at, with its other figures."""
    lines = ["| what | checks | wrong | figures |", "|---|---|---|---|"]
    for name, result in results.items():
        figures = {key: value for key, value in result.items() if key not in _ASIDE}
        wrong = result.get("wrong", ["it broke off"])
        shown = ", ".join("%s %s" % (k.replace("_", " "), v) for k, v in figures.items())
        lines.append("| %s | %d | %d | %s |" % (name, result.get("checks", 0), len(wrong), shown))
    return lines


def table(results: dict) -> list:
    """All of it, the start in words."""
    start = (
        "Alive after %(alive_ms)d ms, first answer after %(first_answer_ms)d ms, "
        "heap %(heap_free)d of %(heap)d free." % results["start"]
    )
    return [start, "", *replies(results), "", *checks(results)]


def into_readme(results: dict):
    """Write the tables between their marks in README.md."""
    text = README.read_text(encoding="utf-8")
    part = results["start"].get("part", 1)
    said = "Made of one run of `make chip%s` with %s." % (
        "" if part == 1 else " PART=%g" % part,
        results["start"]["image"].split(";")[0],
    )
    lines = "\n".join([said, "", *table(results), ""])
    README.write_text(_BLOCK.sub(lambda m: m[1] + lines + m[2], text), encoding="utf-8")


def faults(results: dict) -> list:
    """What is wrong, a line each."""
    lines = []
    for name, result in results.items():
        lines += ["%s: %s" % (name, text) for text in result.get("wrong", ())]
        if "error" in result:
            lines.append("%s: %s" % (name, result["error"]))
    return lines
