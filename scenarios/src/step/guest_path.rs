//! The path of a file in the guest.

use std::fmt;

use crate::finding::{Diagnostic, Span};
use crate::value::{FromText, Shown, Text, not_a, show_no_secret};

/// The absolute path of a file in the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestPath(String);

impl GuestPath {
    /// Returns the path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name of the file, without its folder.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

impl FromText for GuestPath {
    fn from_text(text: &Text, at: &Span) -> Result<Self, Diagnostic> {
        show_no_secret(text, at, "the path of a file")?;
        let path = text.reveal();
        let name = path.rsplit('/').next().unwrap_or_default();
        if !path.starts_with('/') {
            return Err(not_a("an absolute path in the guest", path, at)
                .with_help("begin it with `/`: commands of the guest run in no certain folder"));
        }
        if matches!(name, "" | "." | "..") {
            return Err(not_a("the path of a file in the guest", path, at)
                .with_help("it names a folder: add the name of the file"));
        }
        if path.contains(char::is_control) {
            return Err(not_a("a path without control characters", path, at));
        }
        Ok(Self(path.to_owned()))
    }
}

impl fmt::Display for GuestPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Shown for GuestPath {
    fn shown(&self) -> String {
        self.0.clone()
    }
}
