#!/usr/bin/env python3
"""Draws terminal text (stdin) as an SVG (stdout), for the pictures in the docs.

  tmux capture-pane -p -t demo | assets/terminal_picture.py > docs/demo.svg
"""
import sys
from xml.sax.saxutils import escape

CELL, LINE, MARGIN = 8.4, 19, 16


def main():
    lines = sys.stdin.read().rstrip("\n").split("\n")
    width = max(len(line) for line in lines) * CELL + 2 * MARGIN
    height = len(lines) * LINE + 2 * MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}">')
    print('<rect width="100%" height="100%" rx="8" fill="#1c1f2b"/>')
    print('<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">')
    for number, line in enumerate(lines):
        colour = "#f0a868" if " gets " in line else "#7fb4ca" if " sends " in line else "#d6d6e0"
        y = MARGIN + LINE * number + 14
        print(f'<text x="{MARGIN}" y="{y}" fill="{colour}" textLength="{len(line) * CELL:.0f}">{escape(line)}</text>')
    print("</g></svg>")


if __name__ == "__main__":
    main()
