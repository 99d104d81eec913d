//! Draws lines at the bottom of a terminal over the lines that were drawn before.

/// Returns the characters that print `text` above `lines`, over the `drawn` lines from before. The cursor ends at the
/// end of the last line.
pub(super) fn redraw(drawn: usize, text: &str, lines: &[String]) -> String {
    let up = match drawn.saturating_sub(1) {
        0 => String::new(),
        up => format!("\x1b[{up}A"),
    };
    format!("\r{up}\x1b[J{text}{}", lines.join("\n"))
}
