"""Where a label may stand in a picture: beside its point, and on no line and no other label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels


@dataclass(frozen=True, eq=False, slots=True)
class Polyline:
    """A drawn line: pixel coordinates, x rising."""

    x: np.ndarray
    y: np.ndarray

    def touches(self, box: Box) -> bool:
        """True when the line passes through the box. Between two pixel columns a line covers all heights from one to the
        other, so steep stretches count too.
        """
        left, right = max(np.floor(box[0]), self.x[0]), min(np.ceil(box[2]), self.x[-1])
        if left >= right:
            return False
        # the corners and the ends of the line count as columns of their own, or the tip of a spike could be missed
        inside = self.x[(self.x >= left) & (self.x <= right)]
        heights = np.interp(np.union1d(np.append(np.arange(np.ceil(left), right), (left, right)), inside), self.x, self.y)
        upper, lower = np.minimum(heights[:-1], heights[1:]), np.maximum(heights[:-1], heights[1:])
        return bool(np.any((upper <= box[3]) & (lower >= box[1])))


def overlap(a: Box, b: Box) -> bool:
    """True when two boxes share any area."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def place(point: tuple[float, float], size: tuple[float, float], lines: Sequence[Polyline], taken: Sequence[Box], room: Box) -> Box | None:
    """The first free place for a label of `size` (width, height) near `point`: under it, over it, then the corners, then the
    same further away. None when there is none: a label that does not fit is dropped.
    """
    w, h = size
    x, y = point
    for gap in (0.55 * h, 1.0 * h, 1.7 * h, 2.6 * h):
        for dx, dy in ((0.0, 1.0), (0.0, -1.0), (1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)):
            left = x - w / 2 + dx * (w / 2 + gap * 0.6)
            top = y + gap if dy > 0 else y - gap - h
            box = (left, top, left + w, top + h)
            fits = box[0] >= room[0] and box[1] >= room[1] and box[2] <= room[2] and box[3] <= room[3]
            if fits and not any(line.touches(box) for line in lines) and not any(overlap(box, other) for other in taken):
                return box
    return None


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights as near to the wanted ones as can be, at least `gap` apart and between `low` and `high` (as far as there is room for all).
    The order of the heights is kept.

    Neighbours that are too close become one pile around their mean, and piles that meet become one.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    half = gap / 2
    piles: list[list[float]] = []  # middle, members, sum of the wanted
    for i in order:
        piles.append([wanted[i], 1.0, wanted[i]])
        while True:
            middle, n, total = piles[-1]
            middle = min(max(total / n, low + n * half), high - n * half)
            piles[-1][0] = middle
            if len(piles) < 2 or piles[-2][0] + piles[-2][1] * half <= middle - n * half + 1e-9:
                break
            above = piles.pop(-2)
            piles[-1] = [0.0, above[1] + n, above[2] + total]
    tops = [middle - n * half + half + k * gap for middle, n, _ in piles for k in range(int(n))]
    placed = dict(zip(order, tops, strict=True))
    return [placed[i] for i in range(len(wanted))]
