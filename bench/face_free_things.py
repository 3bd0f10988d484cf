"""Things without a face, some of which people and programs take for one: sockets, cars, clocks, masks."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench.face_free_patterns import Drawing, Rng, fractal, grid, mix, places, plain, random_colour
from core.mask_rendering import ASTRONAUT_LANDMARKS, WEARINGS, draw_mask, random_style

_SKIN = ((236, 188, 160), (198, 140, 104), (120, 78, 54), (250, 214, 190))
_WORDS = "the mask of a crowd lies on paper while rain falls over roofs and nobody looks at prices".split()


def eyes(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = plain(h, w, random_colour(rng))
    for x, y in places(h, w, 160, rng):
        r = int(rng.integers(8, 26))
        for side in (-2 * r, 2 * r):
            for radius, colour in (
                (r, (250, 250, 250)),
                (r // 2, random_colour(rng)),
                (r // 4, (10, 10, 10)),
            ):
                cv2.circle(picture, (x + side, y), radius, colour, cv2.FILLED, cv2.LINE_AA)
    return picture


def leaves(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = plain(h, w, (24, 40, 18))
    for _ in range(900):
        middle, turn = (int(rng.integers(w)), int(rng.integers(h))), int(rng.integers(180))
        colour = (int(rng.integers(30, 130)), int(rng.integers(80, 190)), int(rng.integers(20, 70)))
        long = int(rng.integers(10, 34))
        cv2.ellipse(picture, middle, (long, long // 3), turn, 0, 360, colour, cv2.FILLED, cv2.LINE_AA)
    return picture


def windows(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = plain(h, w, (26, 30, 52))
    left = 0
    while left < w:
        wide, top = int(rng.integers(70, 150)), int(rng.integers(h // 8, h // 2))
        picture[top:, left : left + wide - 6] = random_colour(rng, 40, 80)
        for y in range(top + 12, h, 34):
            for x in range(left + 10, left + wide - 24, 26):
                picture[y : y + 20, x : x + 14] = (240, 214, 140) if rng.random() < 0.5 else (60, 66, 84)
        left += wide
    return picture


def sockets(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = plain(h, w, random_colour(rng, 150))
    for x, y in places(h, w, 200, rng, 0.1):
        cv2.rectangle(picture, (x - 62, y - 62), (x + 62, y + 62), (238, 236, 230), cv2.FILLED)
        cv2.circle(picture, (x, y), 46, (206, 204, 198), cv2.FILLED, cv2.LINE_AA)
        for side in (-18, 18):
            cv2.circle(picture, (x + side, y), 6, (24, 24, 24), cv2.FILLED, cv2.LINE_AA)
        cv2.line(picture, (x, y + 26), (x, y + 40), (120, 120, 118), 5)
    return picture


def cars(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = plain(h, w, (120, 122, 126))
    for x, y in places(h, w, 230, rng, 0.1):
        cv2.rectangle(picture, (x - 90, y - 40), (x + 90, y + 70), random_colour(rng), cv2.FILLED)
        cv2.rectangle(picture, (x - 66, y - 86), (x + 66, y - 40), (54, 66, 80), cv2.FILLED)
        cv2.rectangle(picture, (x - 40, y + 26), (x + 40, y + 48), (20, 20, 22), cv2.FILLED)
        for side in (-66, 66):
            cv2.circle(picture, (x + side, y), 18, (246, 244, 220), cv2.FILLED, cv2.LINE_AA)
            cv2.rectangle(picture, (x + side - 20, y + 70), (x + side + 20, y + 92), (18, 18, 18), cv2.FILLED)
    return picture


def newspaper(h: int, w: int, rng: Rng) -> np.ndarray:
    page = Image.new("RGB", (w, h), (238, 234, 222))
    pen, size = ImageDraw.Draw(page), int(rng.integers(11, 20))
    font = ImageFont.load_default(size)
    for left in range(12, w - 150, 210):
        for top in range(14, h - size, round(1.4 * size)):
            pen.text((left, top), " ".join(rng.choice(_WORDS, 260 // size)), fill=(30, 30, 30), font=font)
        pen.rectangle((left + 195, 0, w, h), fill=(238, 234, 222))
    return np.array(page)


def table(h: int, w: int, rng: Rng) -> np.ndarray:
    sheet = Image.new("RGB", (w, h), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for top in range(0, h, 24):
        for left in range(0, w, 80):
            shade = random_colour(rng, 200, 255) if top == 0 or rng.random() < 0.1 else (255, 255, 255)
            pen.rectangle((left, top, left + 80, top + 24), fill=shade, outline=(190, 190, 190))
            pen.text((left + 8, top + 4), f"{rng.normal(0, 900):.2f}", fill=(20, 20, 20), font=font)
    return np.array(sheet)


def line_chart(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = plain(h, w, (255, 255, 255))
    for y in range(40, h, 60):
        cv2.line(picture, (40, y), (w - 20, y), (225, 225, 225), 1)
    for _ in range(5):
        x = np.arange(40, w - 20, 6)
        y = np.clip(h / 2 + np.cumsum(rng.normal(0, 9, len(x))), 10, h - 10)
        cv2.polylines(
            picture, [np.stack([x, y], 1).astype(np.int32)], False, random_colour(rng), 2, cv2.LINE_AA
        )
    return picture


def contours(h: int, w: int, rng: Rng) -> np.ndarray:
    height = fractal(h, w, rng, 2.2)
    ground = mix(height, (150, 196, 130), (214, 180, 130))
    ground[(height * 22) % 1 < 0.08] = (120, 92, 60)
    ground[height < 0.3] = (150, 196, 226)
    return ground


def maze(h: int, w: int, rng: Rng) -> np.ndarray:
    picture, ink, size = plain(h, w, (240, 240, 240)), random_colour(rng, 0, 120), int(rng.integers(14, 30))
    for y in range(0, h, size):
        for x in range(0, w, size):
            rise = size * int(rng.integers(2))
            cv2.line(picture, (x, y + rise), (x + size, y + size - rise), ink, 4, cv2.LINE_AA)
    return picture


def codes(h: int, w: int, rng: Rng) -> np.ndarray:
    """Two-dimensional codes, with the three squares in their corners."""
    picture = plain(h, w, (232, 232, 228))
    for x, y in places(h, w, 200, rng, 0.1):
        code = rng.integers(0, 2, (21, 21)).astype(np.uint8)
        for corner in (code[:7, :7], code[:7, -7:], code[-7:, :7]):
            corner[:], corner[1:6, 1:6], corner[2:5, 2:5] = 0, 1, 0
        large = 255 * np.kron(code, np.ones((6, 6), np.uint8))
        part = picture[max(0, y - 63) : y + 63, max(0, x - 63) : x + 63]
        part[:] = large[: part.shape[0], : part.shape[1], None]
    return picture


def mountains(h: int, w: int, rng: Rng) -> np.ndarray:
    _x, y = grid(h, w)
    picture = mix(y, (110, 160, 220), (240, 226, 214))
    for n in range(4):
        ridge = 0.3 + 0.17 * n + 0.25 * (fractal(1, w, rng, 1.4)[0] - 0.5)
        picture[y > ridge] = np.array((150, 160, 176)) - 34 * n
    return picture + 16 * fractal(h, w, rng, 0.8)[..., None]


def sea(h: int, w: int, rng: Rng) -> np.ndarray:
    x, y = grid(h, w)
    sun, below = np.hypot(x - rng.uniform(0.3, 1), y - 0.38), y > 0.5
    picture = mix(np.exp(-((sun / 0.09) ** 4)), (236, 150, 90), (255, 244, 200))
    waves = np.sin(90 / (y - 0.44).clip(0.05) + 14 * fractal(h, w, rng, 1.2))
    picture[below] = mix((waves + 1) / 2, (20, 44, 90), (120, 140, 170))[below]
    return picture


def ovals(h: int, w: int, rng: Rng) -> np.ndarray:
    """Of the size and colour of a face, with nothing in them."""
    picture = mix(fractal(h, w, rng), random_colour(rng), random_colour(rng))
    for x, y in places(h, w, 190, rng):
        skin, long = _SKIN[rng.integers(len(_SKIN))], int(rng.integers(30, 80))
        cv2.ellipse(picture, (x, y), (int(0.75 * long), long), 0, 0, 360, skin, cv2.FILLED, cv2.LINE_AA)
    return picture


def masks(h: int, w: int, rng: Rng) -> np.ndarray:
    """Worn by nobody, on a wall."""
    wall = mix(fractal(h, w, rng), random_colour(rng, 90), random_colour(rng, 90)).astype(np.uint8)
    for x, y in places(h, w, 220, rng, 0.1):
        points = (np.array(ASTRONAUT_LANDMARKS) - (222, 130)) * rng.uniform(0.7, 1.5) + (x, y)
        at = tuple((float(a), float(b)) for a, b in points)
        wall = draw_mask(wall, at, WEARINGS[0], random_style(rng), rng)
    return wall


def balls(h: int, w: int, rng: Rng) -> np.ndarray:
    x, y = grid(h, w)
    picture = mix(y, random_colour(rng, 120), random_colour(rng, 60, 160))
    for _ in range(9):
        radius, a, b = rng.uniform(0.05, 0.2), rng.uniform(0, w / h), rng.random()
        lit = 1 - np.hypot(x - a + 0.35 * radius, y - b + 0.35 * radius) / (1.6 * radius)
        inside = np.hypot(x - a, y - b) < radius
        picture[inside] = mix(lit.clip(0, 1) ** 1.5, random_colour(rng, 10, 150), (255, 250, 240))[inside]
    return picture


def clocks(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = plain(h, w, random_colour(rng))
    for x, y in places(h, w, 230, rng, 0.1):
        cv2.circle(picture, (x, y), 86, (60, 44, 30), cv2.FILLED, cv2.LINE_AA)
        cv2.circle(picture, (x, y), 76, (246, 240, 226), cv2.FILLED, cv2.LINE_AA)
        marks = [(2 * np.pi * hour / 12, 62, 72, 4) for hour in range(12)]
        hands = [(rng.uniform(0, 2 * np.pi), 0, length, 6) for length in (40, 60)]
        for turn, inner, outer, thick in (*marks, *hands):
            way = np.array((np.sin(turn), -np.cos(turn)))
            start, end = ((np.array((x, y)) + r * way).astype(int).tolist() for r in (inner, outer))
            cv2.line(picture, start, end, (30, 30, 30), thick, cv2.LINE_AA)
    return picture


def buttons(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = plain(h, w, random_colour(rng))
    for x, y in places(h, w, 120, rng):
        paint, r = random_colour(rng, 60), int(rng.integers(24, 44))
        cv2.circle(picture, (x + 3, y + 4), r, (30, 30, 30), cv2.FILLED, cv2.LINE_AA)
        cv2.circle(picture, (x, y), r, paint, cv2.FILLED, cv2.LINE_AA)
        for dx, dy in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
            cv2.circle(
                picture, (x + dx * r // 4, y + dy * r // 4), r // 7, (20, 20, 20), cv2.FILLED, cv2.LINE_AA
            )
    return picture


def books(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = plain(h, w, (70, 46, 28))
    for shelf in range(0, h, 150):
        left = 4
        while left < w:
            wide, top = int(rng.integers(14, 44)), shelf + int(rng.integers(8, 50))
            picture[top : shelf + 138, left : left + wide - 2] = random_colour(rng)
            picture[top + 20 : top + 30, left + 3 : left + wide - 5] = (220, 200, 150)
            left += wide
    return picture


def keyboard(h: int, w: int, rng: Rng) -> np.ndarray:
    board = Image.new("RGB", (w, h), random_colour(rng, 20, 70))
    pen, font = ImageDraw.Draw(board), ImageFont.load_default(20)
    for row, top in enumerate(range(10, h, 56)):
        for left in range(10 + 14 * (row % 3), w, 56):
            pen.rounded_rectangle((left, top, left + 48, top + 48), 7, fill=(225, 225, 222))
            pen.text((left + 16, top + 10), chr(int(rng.integers(65, 91))), fill=(40, 40, 40), font=font)
    return np.array(board)


def wheels(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = mix(fractal(h, w, rng, 1), (110, 110, 108), (150, 150, 146))
    for x, y in places(h, w, 220, rng, 0.1):
        spokes = int(rng.integers(5, 12))
        for radius, paint in ((92, (20, 20, 22)), (62, (170, 172, 178)), (54, (50, 50, 54))):
            cv2.circle(picture, (x, y), radius, paint, cv2.FILLED, cv2.LINE_AA)
        for turn in np.arange(spokes) * 2 * np.pi / spokes:
            end = (round(x + 58 * np.cos(turn)), round(y + 58 * np.sin(turn)))
            cv2.line(picture, (x, y), end, (190, 192, 196), 9, cv2.LINE_AA)
    return picture


def flowers(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = leaves(h, w, rng)
    for x, y in places(h, w, 110, rng):
        paint, petals, r = random_colour(rng, 120, 255), int(rng.integers(5, 12)), int(rng.integers(14, 30))
        for turn in np.arange(petals) * 360 / petals:
            middle = (round(x + r * np.cos(np.radians(turn))), round(y + r * np.sin(np.radians(turn))))
            cv2.ellipse(picture, middle, (r, r // 3), turn, 0, 360, paint, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(picture, (x, y), r // 2, (230, 180, 40), cv2.FILLED, cv2.LINE_AA)
    return picture


THINGS: tuple[Drawing, ...] = (
    eyes,
    leaves,
    windows,
    sockets,
    cars,
    newspaper,
    table,
    line_chart,
    contours,
    maze,
    codes,
    mountains,
    sea,
    ovals,
    masks,
    balls,
    clocks,
    buttons,
    books,
    keyboard,
    wheels,
    flowers,
)
