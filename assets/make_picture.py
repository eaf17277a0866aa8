#!/usr/bin/python3
"""Draws picture-wallpaper.jpg, the demo's sample file: hills in the evening. Needs Debian's python3-pil.

Every run gives the same picture (seeded); run it again only to change the picture, the result is in the tree.
"""
import math
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1920, 1200


def blend(one, two, part):
    return tuple(round(a + (b - a) * part) for a, b in zip(one, two))


def sky(draw):
    for y in range(HEIGHT):
        part = min(1.0, y / (HEIGHT * 0.75))
        top, middle, low = (22, 28, 66), (196, 92, 96), (255, 206, 138)
        colour = blend(top, middle, part * 2) if part < 0.5 else blend(middle, low, part * 2 - 1)
        draw.line([(0, y), (WIDTH, y)], fill=colour)


def stars(draw, rng):
    for _ in range(420):
        x, y = rng.randrange(WIDTH), int(HEIGHT * 0.45 * rng.random() ** 1.6)
        shade = rng.randrange(150, 256)
        draw.point((x, y), fill=(shade, shade, min(255, shade + 12)))


def ridge(rng, base, height, roughness):
    waves = [(rng.uniform(0.6, 9) * roughness, rng.uniform(0, math.tau), rng.uniform(0.3, 1)) for _ in range(9)]
    points = []
    for x in range(0, WIDTH + 4, 4):
        lift = sum(a / f * math.sin(f * x / WIDTH * math.tau + p) for f, p, a in waves)
        points.append((x, base - height * lift + rng.uniform(-1.5, 1.5) * roughness))
    return points


def main():
    rng = random.Random(3456)
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(picture)
    sky(draw)
    stars(draw, rng)
    glow = Image.new("RGB", (WIDTH, HEIGHT))
    ImageDraw.Draw(glow).ellipse((1180, 560, 1500, 880), fill=(255, 190, 120))
    glow = glow.filter(ImageFilter.GaussianBlur(90))
    picture = Image.blend(picture, Image.composite(Image.new("RGB", picture.size, (255, 214, 150)), picture,
                                                   glow.convert("L")), 0.75)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((1270, 650, 1410, 790), fill=(255, 236, 190))
    for layer in range(7):
        part = layer / 6
        points = ridge(rng, HEIGHT * (0.58 + 0.07 * layer), 26 + 16 * part, 0.8 + 0.5 * part)
        colour = blend((150, 84, 104), (14, 18, 34), part ** 0.8)
        draw.polygon([*points, (WIDTH, HEIGHT), (0, HEIGHT)], fill=colour)
    grain = Image.frombytes("L", (WIDTH, HEIGHT), rng.randbytes(WIDTH * HEIGHT))
    picture = Image.blend(picture, Image.merge("RGB", (grain, grain, grain)), 0.09)
    picture.save(Path(__file__).with_name("picture-wallpaper.jpg"), quality=93, optimize=True)


if __name__ == "__main__":
    main()
