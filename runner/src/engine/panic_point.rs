//! The point at which tests make an attempt panic.

/// Does nothing outside of tests.
#[cfg(not(test))]
pub(super) fn pass(_scenario: &str) {}

#[cfg(test)]
pub(super) use super::run::tests::pass;
