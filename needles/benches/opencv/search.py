"""What os-autoinst does for one area, by OpenCV on one thread: gray and blur of the search window, then matchTemplate.

Reads a search a line, `screen<TAB>needle<TAB>x<TAB>y<TAB>width<TAB>height<TAB>margin`, and prints the least CPU time of each in ms.
"""

import functools
import sys
import time

import cv2

RUNS = 5

cv2.setNumThreads(1)


@functools.lru_cache(maxsize=16)
def picture(path):
    return cv2.imread(path)


def prepared(picture):
    return cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (3, 3), 0)


for line in sys.stdin:
    screen, needle, *numbers = line.rstrip("\n").split("\t")
    x, y, width, height, margin = map(int, numbers)
    screen = picture(screen)
    template = prepared(picture(needle)[y : y + height, x : x + width])
    rows, columns = screen.shape[:2]
    left, top = max(0, x - margin), max(0, y - margin)
    right, bottom = min(columns, x + width + margin), min(rows, y + height + margin)
    least = float("inf")
    for _ in range(RUNS):
        start = time.process_time()
        window = prepared(screen[top:bottom, left:right])
        cv2.minMaxLoc(cv2.matchTemplate(window, template, cv2.TM_SQDIFF))
        least = min(least, time.process_time() - start)
    print(least * 1000)
