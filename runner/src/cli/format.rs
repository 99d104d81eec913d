//! The output formats of results.

use clap::ValueEnum;

/// The output formats of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs, on stdout
    Json,
}
