//! The matcher's formulas once more, as short and slow as they can be written.

use needles::{Picture, Rect};

/// Gray and blurred levels of a whole picture, the exclude rectangles painted green.
pub(crate) fn levels(picture: &Picture, painted: &[Rect]) -> Vec<Vec<i64>> {
    let (width, height) = (i64::from(picture.width()), i64::from(picture.height()));
    let mirror = |at: i64, length: i64| {
        if length == 1 {
            0
        } else if at < 0 {
            -at
        } else if at >= length {
            2 * length - 2 - at
        } else {
            at
        }
    };
    let gray = |x: i64, y: i64| {
        let (x, y) = (mirror(x, width), mirror(y, height));
        let inside = |r: &Rect| {
            i64::from(r.x) <= x && x < r.right() && i64::from(r.y) <= y && y < r.bottom()
        };
        let pixel = &picture.rgb()[((y * width + x) * 3) as usize..];
        let [r, g, b] = if painted.iter().any(inside) {
            [0, 255, 0]
        } else {
            [0, 1, 2].map(|i| i64::from(pixel[i]))
        };
        (3735 * b + 19235 * g + 9798 * r + 16384) >> 15
    };
    let blurred = |x: i64, y: i64| {
        let kernel = |d: i64| 2 - d.abs();
        let terms = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy)));
        (terms
            .map(|(dx, dy)| kernel(dx) * kernel(dy) * gray(x + dx, y + dy))
            .sum::<i64>()
            + 8)
            >> 4
    };
    (0..height)
        .map(|y| (0..width).map(|x| blurred(x, y)).collect())
        .collect()
}

/// The best place of the area in the frame, and its sum of squared differences: (sum, squared distance, y, x).
pub(crate) fn best(
    frame: &[Vec<i64>],
    needle: &[Vec<i64>],
    area: Rect,
    margin: i64,
) -> Option<(i64, i64, i64, i64)> {
    let (x0, y0) = (i64::from(area.x), i64::from(area.y));
    let (w, h) = (i64::from(area.width), i64::from(area.height));
    let (width, height) = (frame[0].len() as i64, frame.len() as i64);
    let places = (0..=height - h).flat_map(|y| (0..=width - w).map(move |x| (x, y)));
    let near = places.filter(|(x, y)| (x - x0).abs() <= margin && (y - y0).abs() <= margin);
    let sum = |x: i64, y: i64| {
        let pixels = (0..h).flat_map(|v| (0..w).map(move |u| (u, v)));
        pixels
            .map(|(u, v)| {
                (frame[(y + v) as usize][(x + u) as usize]
                    - needle[(y0 + v) as usize][(x0 + u) as usize])
                    .pow(2)
            })
            .sum::<i64>()
    };
    near.map(|(x, y)| (sum(x, y), (x - x0).pow(2) + (y - y0).pow(2), y, x))
        .min()
}
