//! Draws lines at the bottom of a terminal over the lines that were drawn before.

/// The size of a terminal in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// Returns the characters that print `text` above `lines`, over the `drawn` lines from before. The cursor ends at the
/// end of the last line.
pub(super) fn redraw(drawn: usize, text: &str, lines: &[String]) -> String {
    let up = match drawn.saturating_sub(1) {
        0 => String::new(),
        up => format!("\x1b[{up}A"),
    };
    format!("\r{up}\x1b[J{text}{}", lines.join("\n"))
}

/// Cuts a line so that the terminal does not wrap it. A wrapped line cannot be drawn over.
pub(super) fn fit(line: &str, width: usize) -> String {
    if line.chars().count() < width {
        return line.to_owned();
    }
    let mut cut: String = line.chars().take(width.saturating_sub(2)).collect();
    cut.push('…');
    cut
}
