//! The combinations of a matrix.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::chain::Chain;
use crate::finding::{Code, Diagnostic, Severity, Span, Spanned, sort};
use crate::library::Library;
use crate::project::{Entry, Matrix, Project};
use crate::value::WrittenValue;

/// The greatest number of combinations of one matrix. Combined lists multiply.
const MOST_COMBINATIONS: usize = 10_000;

/// A scenario on an image and a machine, as a matrix runs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Combination {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the image.
    pub image: String,
    /// Name of the machine.
    pub machine: String,
    /// The variables of the scenario here. They win over those of scenario, image and machine.
    pub vars: Arc<BTreeMap<String, Spanned<WrittenValue>>>,
}

impl Combination {
    /// Returns the name of its result, `scenario@image+machine`. It is unique in the matrix and can be the name of a
    /// folder.
    pub fn label(&self) -> String {
        format!("{}@{}+{}", self.scenario, self.image, self.machine)
    }

    /// Returns true if the other combination has the same image and machine.
    pub fn has_same_place(&self, other: &Self) -> bool {
        (&self.image, &self.machine) == (&other.image, &other.machine)
    }
}

impl Matrix {
    /// Returns the combinations, ordered by image and machine. The second value has all findings; if there is an error
    /// among them, the matrix must not be run.
    pub fn combinations(
        &self,
        project: &Project,
        library: &Library,
    ) -> (Vec<Combination>, Vec<Diagnostic>) {
        let mut search = Search {
            matrix: self,
            project,
            library,
            found: Vec::new(),
            spent: vec![false; self.exclude.len()],
            findings: Vec::new(),
        };
        search.take(&self.every, &self.exclude);
        for entry in &self.include {
            search.take(entry, &[]);
        }
        search.finish()
    }
}

struct Search<'m> {
    matrix: &'m Matrix,
    project: &'m Project,
    library: &'m Library,
    found: Vec<Combination>,
    /// For each `exclude`, whether it has left something out.
    spent: Vec<bool>,
    findings: Vec<Diagnostic>,
}

impl Search<'_> {
    /// Adds the combinations of an entry, without the excluded ones.
    fn take(&mut self, entry: &Entry, exclude: &[Entry]) {
        let mut vars = self.matrix.every.vars.clone();
        vars.extend(entry.vars.clone());
        let vars = Arc::new(vars);
        let scenarios = self.scenarios(entry);
        for image in &entry.images {
            // Without a machine, each scenario has its own. The order of both lists is kept.
            let machines: Vec<Option<&Spanned<String>>> = match entry.machines.as_slice() {
                [] => vec![None],
                named => named.iter().map(Some).collect(),
            };
            for machine in machines {
                for scenario in &scenarios {
                    let name = match machine {
                        Some(machine) => machine.value.clone(),
                        None => self.own_machine(scenario, image),
                    };
                    let combination = Combination {
                        scenario: scenario.clone(),
                        image: image.value.clone(),
                        machine: name,
                        vars: Arc::clone(&vars),
                    };
                    if self.is_excluded(&combination, exclude) {
                        continue;
                    }
                    let at = machine.map_or(&image.at, |machine| &machine.at);
                    if self.found.len() == MOST_COMBINATIONS {
                        let message = format!(
                            "the matrix `{}` has more than {MOST_COMBINATIONS} combinations",
                            self.matrix.name
                        );
                        let finding = Diagnostic::new(Code::InvalidValue, at, message);
                        self.findings
                            .push(finding.with_help("name fewer, or make several matrices of it"));
                        return;
                    }
                    self.add(combination, at);
                }
            }
        }
    }

    /// Returns the scenarios of an entry. Reports those that do not exist.
    fn scenarios(&mut self, entry: &Entry) -> Vec<String> {
        let named = match entry.scenarios.as_slice() {
            [] => &self.matrix.every.scenarios,
            own => own,
        };
        if named.is_empty() {
            let all = self.library.scenarios();
            return all.map(|scenario| scenario.name.clone()).collect();
        }
        let mut known = Vec::new();
        for name in named {
            match self.library.find(name) {
                Ok(_) => known.push(name.value.clone()),
                Err(error) => self.findings.push(placed(error, &name.at)),
            }
        }
        known
    }

    /// Returns the machine of a scenario if the matrix names none.
    fn own_machine(&self, scenario: &str, image: &str) -> String {
        let scenario = self.library.get(scenario);
        let chain = scenario.and_then(|scenario| Chain::to(self.library, scenario).ok());
        if let Some(machine) = chain.as_ref().and_then(Chain::machine) {
            return machine.to_owned();
        }
        let image = self.project.images.get(image);
        image.map_or_else(String::new, |image| image.machine_name().to_owned())
    }

    fn is_excluded(&mut self, combination: &Combination, exclude: &[Entry]) -> bool {
        let Combination {
            scenario,
            image,
            machine,
            ..
        } = combination;
        let mut excluded = false;
        for (entry, spent) in exclude.iter().zip(&mut self.spent) {
            if entry.matches(image, machine, scenario) {
                *spent = true;
                excluded = true;
            }
        }
        excluded
    }

    fn add(&mut self, new: Combination, at: &Span) {
        let name = &self.matrix.name;
        let image = self.project.image(&new.image);
        let machine = self.project.machine(&new.machine);
        let (Ok(image), Ok(machine)) = (image, machine) else {
            return; // Told when the project was read, or about the scenario that names it.
        };
        if let Err(error) = self.project.check_fit(image, &machine) {
            let help = format!(
                "leave the combination out: `exclude: [{{ image: {}, machine: {} }}]`",
                new.image, new.machine
            );
            self.findings.push(placed(error, at).with_help(help));
            return;
        }
        let is_there =
            |other: &Combination| other.has_same_place(&new) && other.scenario == new.scenario;
        if self.found.iter().any(is_there) {
            let message = format!(
                "the matrix `{name}` has `{}` on `{}` and `{}` twice",
                new.scenario, new.image, new.machine
            );
            let finding = Diagnostic::new(Code::MatrixTwice, at, message);
            self.findings.push(finding.with_help(
                "leave one of them out; `exclude:` takes it out of the lists, but not out of `include:`",
            ));
            return;
        }
        self.found.push(new);
    }

    fn finish(mut self) -> (Vec<Combination>, Vec<Diagnostic>) {
        let name = &self.matrix.name;
        for (entry, spent) in self.matrix.exclude.iter().zip(&self.spent) {
            let named = entry.scenarios.iter();
            let unknown = named.filter_map(|scenario| {
                let error = self.library.find(scenario).err()?;
                Some(placed(error, &scenario.at))
            });
            let before = self.findings.len();
            self.findings.extend(unknown);
            if !spent && self.findings.len() == before {
                let message = format!(
                    "nothing is left out by this: the matrix `{name}` has no such combination"
                );
                self.findings.push(
                    Diagnostic::new(Code::MatrixExclude, &entry.at, message)
                        .with_help("remove it, or correct what it names"),
                );
            }
        }
        let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
        let names_images = !(self.matrix.every.images.is_empty() && self.matrix.include.is_empty());
        if self.found.is_empty() && names_images && !self.findings.iter().any(is_error) {
            let message = format!("the matrix `{name}` has nothing to run");
            self.findings.push(
                Diagnostic::new(Code::InvalidValue, &self.matrix.at, message)
                    .with_help("leave less out by `exclude:`, or name more"),
            );
        }
        sort(&mut self.findings);
        (side_by_side(self.found), self.findings)
    }
}

/// Groups combinations by image and machine, in the order of their first appearance.
fn side_by_side(found: Vec<Combination>) -> Vec<Combination> {
    let mut groups: Vec<Vec<Combination>> = Vec::new();
    for combination in found {
        let group = groups
            .iter_mut()
            .find(|group| group.iter().any(|other| other.has_same_place(&combination)));
        match group {
            Some(group) => group.push(combination),
            None => groups.push(vec![combination]),
        }
    }
    groups.into_iter().flatten().collect()
}

fn placed(error: Diagnostic, at: &Span) -> Diagnostic {
    Diagnostic {
        at: Some(at.clone()),
        ..error
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Source;

    const PROJECT: &str = "\
images:
  gnome: { recipe: gnome, machine: desktop }
  arm: { recipe: console, arch: aarch64 }
  any: { path: any.iso }
machines:
  desktop: { preset: uefi-x86_64 }
  small: { preset: bios-x86_64 }
";

    /// The labels of a matrix and its findings.
    fn read(matrix: &str) -> (Vec<String>, Vec<String>) {
        let text = format!("{PROJECT}matrix:\n  night:\n{matrix}");
        let (project, mut findings) = Project::read(&Source::new("qa.yaml", text));
        let project = project.expect("a project");
        let (library, wrong) = Library::read([
            Source::new("login.yaml", "steps: [{ note: x }]\n"),
            Source::new("calc.yaml", "after: login\nsteps: [{ note: x }]\n"),
            Source::new("own.yaml", "machine: small\nsteps: [{ note: x }]\n"),
        ]);
        assert_eq!(wrong, []);
        let (found, wrong) = project.matrix[0].combinations(&project, &library);
        findings.extend(wrong);
        let shown = |f: &Diagnostic| {
            let help = f.help.as_deref().unwrap_or_default();
            format!("{} {f} ({help})", f.place().unwrap_or_default())
        };
        (
            found.iter().map(Combination::label).collect(),
            findings.iter().map(shown).collect(),
        )
    }

    #[track_caller]
    fn labels(matrix: &str) -> Vec<String> {
        let (labels, wrong) = read(matrix);
        assert!(wrong.is_empty(), "{wrong:?}");
        labels
    }

    #[test]
    fn every_image_is_combined_with_every_machine_and_scenario() {
        assert_eq!(
            labels(
                "    images: [gnome, any]\n    machines: [desktop, small]\n    scenarios: [login, calc]\n"
            ),
            [
                "login@gnome+desktop",
                "calc@gnome+desktop",
                "login@gnome+small",
                "calc@gnome+small",
                "login@any+desktop",
                "calc@any+desktop",
                "login@any+small",
                "calc@any+small",
            ]
        );
    }

    #[test]
    fn what_is_not_named_is_all_scenarios_on_their_own_machines_or_those_of_the_images() {
        assert_eq!(
            labels("    images: [gnome, any]\n"),
            [
                "calc@gnome+desktop",
                "login@gnome+desktop",
                "own@gnome+small",
                "calc@any+uefi-x86_64",
                "login@any+uefi-x86_64",
                "own@any+small",
            ]
        );
        assert_eq!(
            labels("    images: arm\n    scenarios: login\n"),
            ["login@arm+uefi-aarch64"],
            "the preset of the image's architecture"
        );
    }

    #[test]
    fn exclude_leaves_out_what_matches_all_that_it_names_and_include_adds_to_the_rest() {
        assert_eq!(
            labels(
                "    images: [gnome, any]
    machines: [desktop, small]
    scenarios: [login, calc]
    exclude:
      - { image: any, machine: small }
      - { scenario: calc, machine: small }
    include:
      - { image: arm }
      - { image: any, machine: small, scenario: login }
"
            ),
            [
                "login@gnome+desktop",
                "calc@gnome+desktop",
                "login@gnome+small",
                "login@any+desktop",
                "calc@any+desktop",
                "login@arm+uefi-aarch64",
                "calc@arm+uefi-aarch64",
                "login@any+small",
            ]
        );
    }

    #[test]
    fn scenarios_on_one_image_and_machine_stand_together() {
        assert_eq!(
            labels(
                "    include:
      - { image: gnome, scenario: login }
      - { image: any, scenario: login }
      - { image: gnome, scenario: calc, vars: { lang: de } }
"
            ),
            [
                "login@gnome+desktop",
                "calc@gnome+desktop",
                "login@any+uefi-x86_64"
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_what_to_do() {
        for (matrix, wrong) in [
            (
                "    images: [arm, gnome]\n    machines: desktop\n    scenarios: login\n",
                "qa.yaml:11:15 the image `arm` is for aarch64, and the machine `desktop` is x86_64 (leave the \
                combination out: `exclude: [{ image: arm, machine: desktop }]`)",
            ),
            (
                "    images: [gnome, gnome]\n    scenarios: login\n",
                "qa.yaml:10:21 the matrix `night` has `login` on `gnome` and `desktop` twice (leave one of them out; \
                `exclude:` takes it out of the lists, but not out of `include:`)",
            ),
            (
                "    images: gnome\n    scenarios: [logn]\n",
                "qa.yaml:11:17 unknown scenario `logn` (did you mean `login`?)",
            ),
            (
                "    images: gnome\n    exclude: [{ image: any }]\n",
                "qa.yaml:11:15 nothing is left out by this: the matrix `night` has no such combination (remove it, \
                or correct what it names)",
            ),
            (
                "    images: gnome\n    exclude: [{ scenario: logn }]\n",
                "qa.yaml:11:27 unknown scenario `logn` (did you mean `login`?)",
            ),
            (
                "    images: gnome\n    exclude: [{ image: gnome }]\n",
                "qa.yaml:9:3 the matrix `night` has nothing to run (leave less out by `exclude:`, or name more)",
            ),
            (
                "    images: gnome\n    include: [{ image: gnme }]\n",
                "qa.yaml:11:24 unknown image `gnme` (did you mean `gnome`?)",
            ),
        ] {
            assert_eq!(read(matrix).1, [wrong], "{matrix}");
        }
    }
}
