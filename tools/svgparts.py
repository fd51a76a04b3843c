# SPDX-License-Identifier: MIT
"""The parts of a wiring diagram as SVG: symbols that are placed, and a page that holds them."""

from html import escape

BLACK, RED, GREY, BLUE = "#222", "#b00020", "#777", "#1a4f8b"


class Page:
    """Drawn from above and from the left; the height is what was needed."""

    def __init__(self, width: int, title: str):
        self._width, self._title, self._parts, self.height = width, title, [], 0

    def put(self, text: str, *values):
        """An element as it is."""
        self._parts.append(text % values if values else text)

    def line(self, *points, color=BLACK, dash=""):
        """A line through points (x, y)."""
        text = " ".join("%g,%g" % point for point in points)
        style = ' stroke-dasharray="%s"' % dash if dash else ""
        self.put('<polyline points="%s" fill="none" stroke="%s"%s/>', text, color, style)

    def box(self, x, y, width, height, color=BLACK, fill="none", dash=""):
        """A rectangle."""
        self.height = max(self.height, y + height)
        style = ' stroke-dasharray="%s"' % dash if dash else ""
        where = x, y, width, height, fill, color, style
        self.put('<rect x="%g" y="%g" width="%g" height="%g" fill="%s" stroke="%s"%s/>', *where)

    def text(self, x, y, words, anchor="start", color=BLACK, size=12, bold=False):
        """Words; anchor start, middle or end."""
        weight = ' font-weight="bold"' if bold else ""
        where = x, y, anchor, size, color, weight, escape(words)
        self.put(
            '<text x="%g" y="%g" text-anchor="%s" font-size="%d" fill="%s"%s>%s</text>', *where
        )

    def dot(self, x, y):
        """A junction."""
        self.put('<circle cx="%g" cy="%g" r="3" fill="%s"/>', x, y, BLACK)

    def terminal(self, x, y, words, color=BLACK):
        """A screw terminal, its name to the right."""
        self.put('<circle cx="%g" cy="%g" r="5" fill="#fff" stroke="%s"/>', x, y, color)
        self.text(x + 10, y + 4, words, color=color)

    def svg(self) -> str:
        """The page."""
        size = self._width, self.height + 16
        head = (
            "<!-- SPDX-License-Identifier: MIT; made by tools/boarddocs.py -->\n"
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" '
            'font-family="sans-serif" stroke-width="1.5">\n<title>%s</title>\n'
            '<rect width="%d" height="%d" fill="#fff"/>\n'
        )
        # Words are not to be outlined.
        head = head % (*size, escape(self._title), *size) + "<g>\n"
        return head + "\n".join(self._parts) + "\n</g>\n</svg>\n"


def resistor(page, x, y, words, color=BLACK):
    """In a wire from x to x + 40."""
    page.box(x + 6, y - 6, 28, 12, color, "#fff")
    page.line((x, y), (x + 6, y), color=color)
    page.line((x + 34, y), (x + 40, y), color=color)
    page.text(x + 20, y - 10, words, "middle", size=10, color=color)


def pull_up(page, x, y, words):
    """From a wire up to 3.3 V: 34 high."""
    page.dot(x, y)
    page.line((x, y), (x, y - 6))
    page.box(x - 5, y - 26, 10, 20, fill="#fff")
    page.line((x, y - 26), (x, y - 32))
    page.line((x - 6, y - 32), (x + 6, y - 32))
    page.text(x + 9, y - 12, words, size=10)
    page.text(x + 9, y - 25, "3.3 V", size=10, color=GREY)


def pull_down(page, x, y, words):
    """From a wire down to ground."""
    page.dot(x, y)
    page.line((x, y), (x, y + 6))
    page.box(x - 5, y + 6, 10, 18, fill="#fff")
    ground(page, x, y + 24)
    page.text(x + 9, y + 19, words, size=10)


def ground(page, x, y):
    """Ground below a wire that ends here."""
    page.line((x, y), (x, y + 5))
    for half, down in ((8, 5), (5, 8), (2, 11)):
        page.line((x - half, y + down), (x + half, y + down))


def capacitor(page, x, y, words):
    """From a wire down to ground."""
    page.dot(x, y)
    page.line((x, y), (x, y + 9))
    page.line((x - 7, y + 9), (x + 7, y + 9))
    page.line((x - 7, y + 13), (x + 7, y + 13))
    ground(page, x, y + 13)
    page.text(x + 10, y + 16, words, size=10)


def contact(page, x, y, words):
    """A contact from a wire to ground, 60 wide."""
    page.line((x, y), (x + 14, y))
    page.line((x + 14, y), (x + 40, y - 11))
    page.line((x + 40, y), (x + 58, y))
    ground(page, x + 58, y)
    page.text(x + 74, y + 4, words)


def optocoupler(page, x, y, color=RED):
    """Transistor at (x, y) to ground; its LED between (x + 70, y) and (x + 70, y + 34)."""
    page.box(x + 6, y - 12, 58, 58, fill="#fff")
    page.line((x, y), (x + 22, y), (x + 22, y + 8), (x + 16, y + 14))
    page.line((x + 16, y + 6), (x + 16, y + 28))
    page.line((x + 16, y + 20), (x + 22, y + 26), (x + 22, y + 34), (x - 4, y + 34))
    ground(page, x - 4, y + 34)
    page.line((x + 70, y), (x + 50, y), (x + 50, y + 10), color=color)
    page.line((x + 42, y + 10), (x + 58, y + 10), (x + 50, y + 24), (x + 42, y + 10), color=color)
    page.line((x + 42, y + 24), (x + 58, y + 24), color=color)
    page.line((x + 50, y + 24), (x + 50, y + 34), (x + 70, y + 34), color=color)
    page.line((x + 40, y + 17), (x + 28, y + 17), color=GREY, dash="3 2")


def coil(page, x, y, words):
    """A coil of a relay that a transistor switches, its gate in a wire at (x, y)."""
    page.box(x, y - 11, 62, 22, fill="#fff")
    page.text(x + 31, y + 4, "N-MOSFET", "middle", size=10)
    page.line((x + 62, y), (x + 76, y))
    page.box(x + 76, y - 9, 40, 18, fill="#fff")
    page.text(x + 96, y + 4, "coil", "middle", size=10)
    page.line((x + 116, y), (x + 126, y))
    page.text(x + 130, y + 4, words)


def switch(page, x, y, left, right):
    """The contact of the breaker in a line of the mains, 100 wide."""
    page.line((x, y), (x + 35, y), (x + 62, y - 12), color=RED)
    page.line((x + 62, y), (x + 100, y), color=RED)
    page.text(x - 10, y + 4, left, "end", color=RED)
    page.terminal(x, y, "", RED)
    page.terminal(x + 100, y, right, RED)
