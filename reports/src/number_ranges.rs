//! Numbers of attempts as people read them.

/// The most pieces that are listed.
const PIECES: usize = 8;

/// Returns numbers in ascending order, with neighbours drawn together: `1-16, 18, 20-40`. If there are very many
/// pieces, the last ones are only counted.
pub(crate) fn number_ranges(numbers: impl IntoIterator<Item = u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let shown = if ranges.len() > PIECES {
        PIECES - 1
    } else {
        PIECES
    };
    let mut pieces: Vec<String> = ranges
        .iter()
        .take(shown)
        .map(|(first, last)| match last.saturating_sub(*first) {
            0 => first.to_string(),
            1 => format!("{first}, {last}"),
            _ => format!("{first}-{last}"),
        })
        .collect();
    let left_out: u64 = ranges
        .iter()
        .skip(shown)
        .map(|(first, last)| u64::from(last.saturating_sub(*first)) + 1)
        .sum();
    if left_out > 0 {
        pieces.push(format!("and {left_out} more"));
    }
    pieces.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_drawn_together_and_very_many_are_counted() {
        for (numbers, text) in [
            (vec![], ""),
            (vec![3], "3"),
            (vec![1, 2], "1, 2"),
            (
                (1..=16).chain([18]).chain(20..=40).collect(),
                "1-16, 18, 20-40",
            ),
            (vec![u32::MAX, 0], "4294967295, 0"),
            (
                (0..12).map(|number| number * 2).collect(),
                "0, 2, 4, 6, 8, 10, 12, and 5 more",
            ),
        ] {
            assert_eq!(number_ranges(numbers), text);
        }
    }
}
