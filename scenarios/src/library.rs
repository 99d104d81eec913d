//! All scenarios and fragments of a project.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::finding::{Code, Diagnostic, Source, did_you_mean, sort};
use crate::scenario::Scenario;
use crate::step::Action;

/// The scenarios and fragments of a project.
#[derive(Debug, Clone, Default)]
pub struct Library {
    /// Sorted by name, then by path.
    files: Vec<Arc<Scenario>>,
    /// True if some file, or a part of one, could not be read.
    has_gaps: bool,
}

impl Library {
    /// Reads files and reports every error in them. A file with errors is kept as far as it could be read.
    pub fn read(files: impl IntoIterator<Item = Arc<Source>>) -> (Self, Vec<Diagnostic>) {
        let mut read = Vec::new();
        let mut findings = Vec::new();
        for source in files {
            let (scenario, found) = Scenario::read(&source);
            read.extend(scenario.map(Arc::new));
            findings.extend(found);
        }
        read.sort_by(|a, b| (&a.name, a.source.path()).cmp(&(&b.name, b.source.path())));
        let library = Self {
            files: read,
            has_gaps: !findings.is_empty(),
        };
        let scenarios: Vec<&Arc<Scenario>> = library.scenarios().collect();
        for pair in scenarios.windows(2) {
            if pair[0].name == pair[1].name {
                let message = format!("two scenarios are called `{}`", pair[1].name);
                findings.push(
                    Diagnostic::new(Code::DuplicateName, &pair[1].at, message).with_help(format!(
                        "rename one of the files; the other is {}",
                        pair[0].source.path()
                    )),
                );
            }
        }
        sort(&mut findings);
        (library, findings)
    }

    /// Returns true if some file, or a part of one, could not be read. The missing part may use what nothing else uses.
    pub(crate) fn has_gaps(&self) -> bool {
        self.has_gaps
    }

    /// Returns the scenarios without fragments, sorted by name.
    pub fn scenarios(&self) -> impl Iterator<Item = &Arc<Scenario>> {
        self.files.iter().filter(|file| !file.fragment)
    }

    /// Returns the fragments, sorted by name.
    pub fn fragments(&self) -> impl Iterator<Item = &Arc<Scenario>> {
        self.files.iter().filter(|file| file.fragment)
    }

    /// Returns the paths of all files that `files` include, directly or through other files. The paths need not exist.
    pub fn included_by<'s>(
        &'s self,
        files: impl Iterator<Item = &'s Scenario>,
    ) -> BTreeSet<String> {
        let mut included = BTreeSet::new();
        let mut todo: Vec<&Scenario> = files.collect();
        while let Some(file) = todo.pop() {
            for step in file.all_steps() {
                if let Action::Include(include) = &step.action
                    && included.insert(include.path())
                {
                    todo.extend(self.file(&include.path()).map(Arc::as_ref));
                }
            }
        }
        included
    }

    /// Returns the scenario of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Scenario>> {
        self.scenarios().find(|scenario| scenario.name == name)
    }

    /// Returns the scenario or fragment at this path.
    pub fn file(&self, path: &str) -> Option<&Arc<Scenario>> {
        self.files.iter().find(|file| file.source.path() == path)
    }

    /// Returns the scenario of this name.
    ///
    /// # Errors
    /// There is none. The finding names the nearest name.
    pub fn find(&self, name: &str) -> Result<&Arc<Scenario>, Diagnostic> {
        self.get(name).ok_or_else(|| {
            Diagnostic::without_place(Code::UnknownScenario, format!("unknown scenario `{name}`"))
                .with_help(self.help_for(name))
        })
    }

    pub(crate) fn help_for(&self, name: &str) -> String {
        if self.fragments().any(|fragment| fragment.name == name) {
            return format!("`{name}` is a fragment: it is only there to be included");
        }
        did_you_mean(
            name,
            self.scenarios().map(|scenario| scenario.name.as_str()),
        )
        .unwrap_or_else(|| {
            let names: Vec<&str> = self
                .scenarios()
                .map(|scenario| scenario.name.as_str())
                .take(12)
                .collect();
            if names.is_empty() {
                "there are no scenarios".to_owned()
            } else {
                format!(
                    "there are {}{}",
                    names.join(", "),
                    if self.scenarios().count() > 12 {
                        ", ..."
                    } else {
                        ""
                    }
                )
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_every_file_is_reported_and_good_files_are_kept() {
        let (library, findings) = Library::read([
            Source::new("s/b.yaml", "steps:\n  - sea: x\n  - click: { nedle: y }\n"),
            Source::new("s/a.yaml", "steps:\n  - see: x\n"),
            Source::new("s/c.yaml", "steps: [\n"),
        ]);
        let shown: Vec<String> = findings
            .iter()
            .map(|f| format!("{} {f}", f.place().unwrap_or_default()))
            .collect();
        assert_eq!(
            shown,
            [
                "s/b.yaml:2:5 unknown verb `sea`",
                "s/b.yaml:3:14 unknown field `nedle` in `click`",
                "s/c.yaml:1:8 a `[` that is never closed",
            ]
        );
        assert!(library.get("a").is_some());
        assert!(library.get("c").is_none());
    }

    #[test]
    fn two_files_of_one_name_are_an_error() {
        let (_, findings) = Library::read([
            Source::new("s/x/a.yaml", "steps: [{ see: x }]\n"),
            Source::new("s/a.yaml", "steps: [{ see: x }]\n"),
        ]);
        assert_eq!(findings[0].to_string(), "two scenarios are called `a`");
        assert_eq!(findings[0].place().as_deref(), Some("s/x/a.yaml:1:1"));
    }

    #[test]
    fn an_unknown_name_says_the_nearest() {
        let (library, _) = Library::read([
            Source::new("gnome-login.yaml", "steps: [{ see: x }]\n"),
            Source::new("part.yaml", "fragment: true\nsteps: [{ see: x }]\n"),
        ]);
        let help = |name: &str| {
            library
                .find(name)
                .expect_err("an error")
                .help
                .unwrap_or_default()
        };
        assert_eq!(help("gnome-logn"), "did you mean `gnome-login`?");
        assert_eq!(help("kde"), "there are gnome-login");
        assert_eq!(
            help("part"),
            "`part` is a fragment: it is only there to be included"
        );
    }
}
