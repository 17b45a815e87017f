"""Pictures for the sample press: drawn from the article's id, so that pages have one and nobody's rights are touched."""

import hashlib

WIDTH, HEIGHT = 1200, 800


def picture(id: str) -> str:
    """An SVG of hills and arches, always the same for the same id."""
    draw = hashlib.sha256(id.encode()).digest()
    hue = draw[0] * 360 // 256
    sun = 150 + draw[1] * 900 // 256
    arches = "".join(_arch(number, draw[number + 2]) for number in range(3 + draw[20] % 4))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="hsl({hue},35%,82%)"/>'
        f'<circle cx="{sun}" cy="{140 + draw[10] // 2}" r="70" fill="hsl({(hue + 40) % 360},70%,90%)"/>'
        f'<path d="M0 {520 - draw[11] // 2} Q300 {300 + draw[12] // 2} 600 {480 - draw[13] // 3} '
        f'T{WIDTH} {430 + draw[14] // 3} V{HEIGHT} H0 Z" fill="hsl({hue},25%,62%)"/>'
        f'<g fill="hsl({hue},30%,38%)">{arches}</g></svg>'
    )


def _arch(number: int, draw: int) -> str:
    left, top, width = 60 + number * 170, 420 + draw // 3, 130
    middle = left + width / 2
    return (
        f'<path d="M{left} {HEIGHT} V{top} Q{middle} {top - 110} {left + width} {top} V{HEIGHT} '
        f'h-30 V{top + 60} Q{middle} {top - 30} {left + 30} {top + 60} V{HEIGHT} Z"/>'
    )
