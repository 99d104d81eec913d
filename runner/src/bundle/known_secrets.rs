//! The secrets whose values are known here, and those whose values are not.

use scenarios::Secret;

use crate::project::Project;

/// A shorter text is found everywhere, and is not hidden in logs either.
const SHORTEST: usize = 3;

/// A secret whose value is known here.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct KnownSecret {
    /// Its name, for people.
    pub(super) name: String,
    /// A line of its value.
    pub(super) line: String,
}

/// The secrets of a project, as far as they are known here.
#[derive(Clone, Default)]
pub(crate) struct KnownSecrets {
    known: Vec<KnownSecret>,
    unknown: Vec<String>,
}

impl KnownSecrets {
    /// Reads the secrets that the project, its scenarios and its machines name.
    pub(crate) fn of_project(project: &Project) -> Self {
        let mut secrets = Self::default();
        if let Some(file) = &project.file {
            secrets.add(project, &file.secrets);
            for machine in file.machines.values() {
                secrets.add(project, &machine.secrets());
            }
        }
        match project.library(&[]) {
            Ok((library, _)) => {
                for scenario in library.scenarios() {
                    secrets.add(project, &scenario.secrets);
                }
            }
            Err(failure) => secrets.unknown.push(format!(
                "the secrets of scenarios are not known: {}",
                failure.message()
            )),
        }
        secrets.unknown.sort();
        secrets.unknown.dedup();
        secrets
    }

    fn add(&mut self, project: &Project, declared: &[Secret]) {
        for secret in declared {
            match project.secrets(std::iter::once(secret)) {
                Ok(values) => {
                    let values = values.into_values();
                    values.for_each(|value| self.know(&secret.name, &value));
                }
                Err(failure) => self.unknown.push(format!(
                    "{}; its value could not be looked for",
                    failure.message()
                )),
            }
        }
    }

    /// Adds a value. Lines are looked for one by one, since a console shows them so.
    pub(crate) fn know(&mut self, name: &str, value: &str) {
        let lines = value.split(char::is_control).map(str::trim);
        let mut is_short = !value.is_empty();
        for line in lines.filter(|line| line.len() >= SHORTEST) {
            is_short = false;
            let known = KnownSecret {
                name: name.to_owned(),
                line: line.to_owned(),
            };
            if !self.known.contains(&known) {
                self.known.push(known);
            }
        }
        if is_short {
            self.unknown.push(format!(
                "the value of secret `{name}` is too short: it was not looked for"
            ));
        }
    }

    /// Returns the secrets whose values are known.
    pub(super) fn known(&self) -> &[KnownSecret] {
        &self.known
    }

    /// Returns true if no value is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Returns a sentence for each secret that could not be looked for.
    pub(crate) fn unknown(&self) -> &[String] {
        &self.unknown
    }
}
