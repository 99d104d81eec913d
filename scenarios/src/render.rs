use crate::Diagnostic;

/// Whether output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// With terminal escape sequences.
    On,
    /// Plain text.
    Off,
}

impl Diagnostic {
    /// Shows the finding with its place, its source line, a caret and the help: several lines without a line end at the end.
    pub fn render(&self, colour: Colour) -> String {
        let _ = colour;
        todo!()
    }
}
