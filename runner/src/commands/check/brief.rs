//! Puts findings about many needles into a few lines, so that those about scenarios stay on the screen.

use std::collections::BTreeSet;

use scenarios::{Code, Diagnostic, Severity};

/// So many findings of a group are shown as they are.
const MOST_WHOLE: usize = 2;

/// A group of findings about needles that is shown in one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    /// Needles that no scenario looks for.
    Unused,
    /// Broken needles that no scenario looks for.
    UnusedBroken(Severity),
    /// Names that several needles have.
    SameName,
    /// Likely mistakes in needles that a scenario looks for.
    Doubtful,
}

impl Group {
    /// Returns the group of a finding. Errors in what a scenario uses, and findings about other files, have none.
    fn of(finding: &Diagnostic, unused: &BTreeSet<String>) -> Option<Self> {
        // A finding with a place is about a scenario or the project file.
        let file = finding.file.as_ref().filter(|_| finding.at.is_none())?;
        let is_warning = finding.severity == Severity::Warning;
        if finding.code == Code::UnusedNeedle {
            Some(Self::Unused)
        } else if finding.code == Code::DuplicateName && is_warning {
            Some(Self::SameName)
        } else if finding.code != Code::BrokenNeedle {
            None
        } else if unused.contains(file) {
            Some(Self::UnusedBroken(finding.severity))
        } else {
            is_warning.then_some(Self::Doubtful)
        }
    }

    /// Returns the line for so many findings.
    fn line(self, findings: &[Diagnostic]) -> Diagnostic {
        let count = findings.len();
        let files: BTreeSet<_> = findings
            .iter()
            .filter_map(|one| one.file.as_ref())
            .collect();
        let needles = files.len();
        let (severity, code, message) = match self {
            Self::Unused => (
                Severity::Warning,
                Code::UnusedNeedle,
                format!("no scenario looks for {needles} needles"),
            ),
            Self::UnusedBroken(severity) => (
                severity,
                Code::BrokenNeedle,
                format!("{needles} needles that no scenario looks for have {count} mistakes"),
            ),
            Self::SameName => (Severity::Warning, Code::DuplicateName, same_names(findings)),
            Self::Doubtful => (
                Severity::Warning,
                Code::BrokenNeedle,
                format!("{needles} needles that scenarios look for have {count} likely mistakes"),
            ),
        };
        Diagnostic {
            severity,
            ..Diagnostic::without_place(code, message)
        }
    }
}

/// Returns the first of these findings with both paths, and the number of the others.
fn same_names(findings: &[Diagnostic]) -> String {
    let first = findings.first().map_or("", |first| first.message.as_str());
    let more = findings.len().saturating_sub(1);
    format!("{first}; {more} more needles have the name of another one")
}

/// Returns the findings with one line for each large group about needles, after all others. `unused` has the files of
/// needles that no scenario looks for.
pub(super) fn brief(findings: &[Diagnostic], unused: &BTreeSet<String>) -> Vec<Diagnostic> {
    let groups: Vec<Option<Group>> = findings
        .iter()
        .map(|finding| Group::of(finding, unused))
        .collect();
    let of = |wanted: Group| -> Vec<Diagnostic> {
        let of_group = findings.iter().zip(&groups);
        let of_group = of_group.filter(|(_, group)| **group == Some(wanted));
        of_group.map(|(finding, _)| finding.clone()).collect()
    };
    let all: BTreeSet<Group> = groups.iter().copied().flatten().collect();
    let (short, long): (Vec<_>, Vec<_>) = all
        .into_iter()
        .map(|group| (group, of(group)))
        .partition(|(_, findings)| findings.len() <= MOST_WHOLE);
    let stays = |group: &Option<Group>| match group {
        None => true,
        Some(group) => short.iter().any(|(other, _)| other == group),
    };
    let whole = findings.iter().zip(&groups);
    let whole = whole.filter(|(_, group)| stays(group));
    let whole = whole.map(|(finding, _)| finding.clone());
    let lines = long.iter().map(|(group, findings)| group.line(findings));
    let mut told: Vec<Diagnostic> = whole.chain(lines).collect();
    if let (Some(last), false) = (told.last_mut(), long.is_empty()) {
        last.help = Some("`qa check --all` lists them, `qa needle check` says more".to_owned());
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(code: Code, severity: Severity, file: &str) -> Diagnostic {
        Diagnostic {
            severity,
            ..Diagnostic::about_file(code, file, "wrong")
        }
    }

    #[test]
    fn only_large_groups_are_put_into_a_line_and_errors_in_use_stay() {
        let unused: BTreeSet<String> = (0..9).map(|n| format!("{n}.json")).collect();
        let mut findings = Vec::new();
        for n in 0..5 {
            let file = format!("{n}.json");
            findings.push(about(Code::UnusedNeedle, Severity::Warning, &file));
            findings.push(about(Code::BrokenNeedle, Severity::Warning, &file));
            let used = format!("used-{n}.json");
            findings.push(about(Code::BrokenNeedle, Severity::Error, &used));
        }
        findings.push(about(Code::DuplicateName, Severity::Warning, "used-1.json"));
        findings.push(Diagnostic::without_place(Code::UnknownImage, "no image"));
        let told: Vec<String> = brief(&findings, &unused)
            .iter()
            .map(|finding| finding.message.clone())
            .collect();
        assert_eq!(
            told,
            [
                "wrong",
                "wrong",
                "wrong",
                "wrong",
                "wrong",
                "wrong",
                "no image",
                "no scenario looks for 5 needles",
                "5 needles that no scenario looks for have 5 mistakes",
            ]
        );
    }
}
