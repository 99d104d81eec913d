//! The columns that a text takes on a terminal, and texts that are cut to fit.

use unicode_width::UnicodeWidthStr;

/// Returns the number of columns that a line takes on a terminal. The line must have no control characters.
pub fn columns(line: &str) -> usize {
    line.width()
}

/// Cuts the end of a line so that it takes at most `width` columns. The last character says that it was cut.
///
/// ```
/// assert_eq!(reports::console::cut("see desktop", 8), "see des…");
/// ```
pub fn cut(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.to_owned();
    }
    match width {
        0 => String::new(),
        _ => format!("{}…", beginning(line, width - 1).trim_end()),
    }
}

/// Does the same as [`cut`], but cuts the middle out: names often differ at their ends.
///
/// ```
/// assert_eq!(reports::console::cut_middle("login@gnome+small", 9), "logi…mall");
/// ```
pub fn cut_middle(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.to_owned();
    }
    let Some(room) = width.checked_sub(1) else {
        return String::new();
    };
    let end = end(line, room / 2);
    format!("{}…{end}", beginning(line, room - columns(end)))
}

/// Returns as much of the beginning of a line as fits.
fn beginning(line: &str, width: usize) -> &str {
    let ends = line.char_indices().map(|(at, c)| at + c.len_utf8());
    // Characters together may be wider or narrower than each by itself.
    let fits = ends.take_while(|end| columns(&line[..*end]) <= width);
    &line[..fits.last().unwrap_or(0)]
}

/// Returns as much of the end of a line as fits.
fn end(line: &str, width: usize) -> &str {
    let starts = line.char_indices().rev().map(|(at, _)| at);
    let fits = starts.take_while(|start| columns(&line[*start..]) <= width);
    &line[fits.last().unwrap_or(line.len())..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wide_characters_take_two_columns_and_marks_none() {
        assert_eq!(columns("日本"), 4);
        assert_eq!(columns("e\u{301}"), 1);
        assert_eq!(cut("日本語", 6), "日本語");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut_middle("日本語日本語", 8), "日本…語");
    }

    #[test]
    fn a_cut_text_says_so() {
        for (width, end, middle) in [
            (0, "", ""),
            (1, "…", "…"),
            (2, "a…", "a…"),
            (3, "ab…", "a…f"),
            (5, "abcd…", "ab…ef"),
            (6, "abcdef", "abcdef"),
        ] {
            assert_eq!(cut("abcdef", width), end);
            assert_eq!(cut_middle("abcdef", width), middle);
        }
    }

    proptest! {
        #[test]
        fn what_is_cut_fits(text in "\\PC{0,40}", width in 0_usize..50) {
            let text = crate::plain_text::plain_line(&text);
            for cut in [cut(&text, width), cut_middle(&text, width)] {
                prop_assert!(columns(&cut) <= width, "{cut:?}");
            }
        }
    }
}
