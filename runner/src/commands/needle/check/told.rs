//! Shows the findings, in groups by their kind.

use serde_json::json;

use super::finding::Finding;
use crate::cli::Format;
use crate::commands::print::{print, print_json};
use crate::failure::Failure;

/// The number of findings of a group that are shown, unless all are asked for.
const MOST_SHOWN: usize = 5;

/// Returns the number of errors and of warnings.
pub(super) fn counts(findings: &[Finding]) -> (usize, usize) {
    let errors = findings
        .iter()
        .filter(|finding| finding.kind.is_error())
        .count();
    (errors, findings.len() - errors)
}

/// Prints sorted findings: in groups for people, a line each for programs. `needles` is the number of needles.
///
/// # Errors
/// When stdout is closed.
pub(super) fn tell(
    findings: &[Finding],
    needles: usize,
    format: Format,
    all: bool,
) -> Result<(), Failure> {
    match format {
        Format::Json => findings.iter().try_for_each(tell_program),
        Format::Text => {
            for group in findings.chunk_by(|a, b| a.kind == b.kind) {
                tell_group(group, all)?;
            }
            let (errors, warnings) = counts(findings);
            print(&format!(
                "{needles} needles: {errors} errors, {warnings} warnings"
            ))
        }
    }
}

fn tell_program(finding: &Finding) -> Result<(), Failure> {
    let severity = severity(finding);
    print_json(&json!({
        "severity": severity, "kind": finding.kind.name(), "file": finding.path, "problem": finding.message(),
    }))
}

fn severity(finding: &Finding) -> &'static str {
    if finding.kind.is_error() {
        "error"
    } else {
        "warning"
    }
}

fn tell_group(group: &[Finding], all: bool) -> Result<(), Failure> {
    let Some(first) = group.first() else {
        return Ok(());
    };
    print(&format!(
        "{}: {}: {}",
        severity(first),
        first.kind.headline(),
        group.len()
    ))?;
    let shown = if all { group.len() } else { MOST_SHOWN };
    for finding in group.iter().take(shown) {
        let path = finding.path.display();
        print(&format!("  {path}: {}", finding.message()))?;
    }
    if let Some(more @ 1..) = group.len().checked_sub(shown) {
        print(&format!("  and {more} more; --all shows them"))?;
    }
    Ok(())
}
