//! Collects the variables of a run from all its sources.

use std::collections::{BTreeMap, BTreeSet};

use crate::bounds::{MOST_TEXT, too_long};
use crate::finding::{Code, Diagnostic, Spanned, sort};
use crate::project::Project;
use crate::scenario::Scenario;
use crate::value::{
    BUILT_IN, Secret, SecretSource, Template, Text, Value, Vars, WrittenValue, is_variable,
    unknown_variable,
};

/// The sources of a run's variables. A later one wins over an earlier one:
///
/// 1. `vars:` of the project
/// 2. `vars:` of the image
/// 3. `vars:` of the machine
/// 4. `vars:` of the scenario
/// 5. `vars:` of the matrix
/// 6. `--var` of the command line
///
/// A secret belongs to the source that declares it. Its value stays secret even if a later source replaces it.
#[derive(Debug, Clone, Copy)]
pub struct VarSources<'a> {
    /// The project file, if there is one.
    pub project: Option<&'a Project>,
    /// The name of the image, if it is one of the project.
    pub image: Option<&'a str>,
    /// The name of the machine.
    pub machine: Option<&'a str>,
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The variables that the matrix sets, if one runs: [`Combination::vars`](crate::Combination::vars).
    pub matrix: Option<&'a BTreeMap<String, Spanned<WrittenValue>>>,
    /// `--var NAME=VALUE`, taken literally: `{{` has no meaning in it.
    pub command_line: &'a [(String, String)],
    /// The values of secrets by name. The caller reads them from the environment or a file.
    pub secrets: &'a BTreeMap<String, String>,
    /// The values of the built-in variables, except `attempt`.
    pub built_in: &'a [(&'static str, String)],
}

impl VarSources<'_> {
    /// Returns all variables. Values may use variables of any source.
    ///
    /// Each stage of a chain has its own variables. [`Vars::take_over`] adds those that an earlier stage has set.
    ///
    /// # Errors
    /// Every variable that uses an unknown one or itself, every secret without a value, every wrong name on the command
    /// line, and for each file the first value that makes its values too long.
    pub fn resolve(&self) -> Result<Vars, Vec<Diagnostic>> {
        match self.resolve_all() {
            (vars, findings) if findings.is_empty() => Ok(vars),
            (_, findings) => Err(findings),
        }
    }

    /// Does the same as [`VarSources::resolve`], and returns every variable. A variable that cannot have a value is
    /// empty.
    pub(crate) fn resolve_all(&self) -> (Vars, Vec<Diagnostic>) {
        let mut findings = Vec::new();
        let mut raw: BTreeMap<&str, Raw<'_>> = BTreeMap::new();
        let mut secret_names: BTreeSet<&str> = BTreeSet::new();
        for (name, value) in self.built_in {
            raw.insert(name, Raw::Literal(Text::open(value.as_str())));
        }
        let project = self.project;
        let image = self.image.and_then(|name| project?.images.get(name));
        let machine = self.machine.and_then(|name| project?.machines.get(name));
        let scenario = self.scenario;
        let places: [(Option<&WrittenVars>, &[Secret]); 5] = [
            (
                project.map(|p| &p.vars),
                project.map_or(&[], |p| &p.secrets),
            ),
            (image.map(|i| &i.vars), &[]),
            (machine.map(|m| &m.vars), &[]),
            (Some(&scenario.vars), &scenario.secrets),
            (self.matrix, &[]),
        ];
        for (vars, secrets) in places {
            for (name, value) in vars.into_iter().flatten() {
                raw.insert(name, Raw::Written(&value.value));
            }
            for secret in secrets {
                secret_names.insert(&secret.name);
                raw.insert(&secret.name, Raw::Secret(secret));
            }
        }
        for (name, value) in self.command_line {
            if let Some(finding) = wrong_name(name) {
                findings.push(finding);
            } else {
                raw.insert(name, Raw::Literal(Text::open(value.as_str())));
            }
        }
        let mut resolver = Resolver {
            raw,
            secrets: self.secrets,
            done: Vars::new(),
            made: BTreeMap::new(),
            open: Vec::new(),
            findings,
        };
        let names: Vec<&str> = resolver.raw.keys().copied().collect();
        for name in names {
            resolver.resolve(name);
        }
        for name in secret_names {
            resolver.done.make_secret(name);
        }
        sort(&mut resolver.findings);
        (resolver.done, resolver.findings)
    }
}

/// `vars:` of a file.
type WrittenVars = BTreeMap<String, Spanned<WrittenValue>>;

/// Makes the finding about a wrong name on the command line.
fn wrong_name(name: &str) -> Option<Diagnostic> {
    if BUILT_IN.contains(&name) {
        let message = format!("--var {name}: the variable is built in and cannot be set");
        return Some(Diagnostic::without_place(Code::InvalidValue, message));
    }
    if !is_variable(name) {
        let message = format!("--var {name}: this cannot be the name of a variable");
        return Some(
            Diagnostic::without_place(Code::InvalidValue, message)
                .with_help("use letters, digits, `_` and `-`, and a letter first"),
        );
    }
    None
}

/// A variable before its value is known.
enum Raw<'a> {
    Literal(Text),
    Written(&'a WrittenValue),
    Secret(&'a Secret),
}

struct Resolver<'a> {
    raw: BTreeMap<&'a str, Raw<'a>>,
    secrets: &'a BTreeMap<String, String>,
    done: Vars,
    /// The length of the values of each file.
    made: BTreeMap<String, usize>,
    /// The variables whose values are being made, the outermost first.
    open: Vec<&'a str>,
    findings: Vec<Diagnostic>,
}

impl<'a> Resolver<'a> {
    /// Gives a variable its value, after the variables that it uses. If it cannot have one, it becomes empty, with a
    /// finding. The variables that use it then have no finding.
    fn resolve(&mut self, name: &'a str) {
        if self.done.get(name).is_some() {
            return;
        }
        let value = match self.raw.get(name) {
            None => return,
            Some(Raw::Literal(text)) => Value::Text(text.clone()),
            Some(Raw::Secret(secret)) => match self.secrets.get(name) {
                Some(value) => Value::Text(Text::secret(value.as_str())),
                None => {
                    let help = match &secret.source {
                        SecretSource::Env(env) => format!("set the environment variable {env}"),
                        SecretSource::File(file) => format!("write it into the file {file}"),
                    };
                    let message = format!("the secret `{name}` has no value");
                    self.findings.push(
                        Diagnostic::new(Code::UnknownVariable, &secret.at, message).with_help(help),
                    );
                    Value::Text(Text::secret(""))
                }
            },
            Some(Raw::Written(written)) => {
                let written = *written;
                self.open.push(name);
                let value = match written {
                    WrittenValue::Text(template) => Value::Text(self.render_within(template)),
                    WrittenValue::List(items) => {
                        let items = items.iter().map(|item| self.render_within(item));
                        Value::List(items.collect())
                    }
                };
                self.open.pop();
                value
            }
        };
        if self.done.get(name).is_none() {
            self.done.shadow(name, value);
        }
    }

    /// Renders a value of a file. Returns empty text if the values of the file are too long.
    fn render_within(&mut self, template: &'a Template) -> Text {
        let text = self.render(template);
        let made = self
            .made
            .entry(template.at().file().to_owned())
            .or_default();
        let before = *made;
        *made = before.saturating_add(text.length());
        if *made <= MOST_TEXT {
            return text;
        }
        if before <= MOST_TEXT {
            let finding = too_long(template.at(), "all values of `vars:` in this file");
            self.findings.push(finding);
        }
        Text::default()
    }

    fn render(&mut self, template: &'a Template) -> Text {
        for (name, at) in template.variables() {
            if let Some(from) = self.open.iter().position(|open| *open == name) {
                let mut cycle: Vec<&str> = self.open[from..].to_vec();
                cycle.push(name);
                let message = format!("variables that need each other: {}", cycle.join(" -> "));
                self.findings
                    .push(Diagnostic::new(Code::VariableCycle, at, message));
                return Text::default();
            }
            // A long chain of variables would need a deep stack.
            if self.open.len() > 64 {
                let message = "more than 64 variables that each use the next";
                self.findings
                    .push(Diagnostic::new(Code::VariableCycle, at, message));
                return Text::default();
            }
            match self.raw.get_key_value(name).map(|(known, _)| *known) {
                Some(known) => self.resolve(known),
                None => {
                    self.findings
                        .push(unknown_variable(name, at, self.raw.keys().copied()));
                    return Text::default();
                }
            }
        }
        match template.render(&self.done) {
            Ok(text) => text,
            Err(finding) => {
                self.findings.push(finding);
                Text::default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Source;

    const PROJECT: &str = "\
vars: { a: project, b: project, c: project, d: project, e: project, g: project }
secrets: { token: { env: TOKEN } }
images:
  i: { recipe: gnome, vars: { b: image, c: image, d: image, e: image } }
machines:
  m: { vars: { c: machine, d: machine, e: machine } }
matrix:
  night: { images: i, vars: { e: matrix, g: matrix } }
";

    fn resolve(scenario: &str, command_line: &[(&str, &str)]) -> Result<String, String> {
        let (project, findings) = Project::read(&Source::new("qa.yaml", PROJECT));
        assert_eq!(findings, []);
        let (scenario, findings) = Scenario::read(&Source::new(
            "s.yaml",
            format!("{scenario}\nsteps: [{{ see: x }}]\n"),
        ));
        assert_eq!(findings, []);
        let command_line: Vec<(String, String)> = command_line
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let vars = VarSources {
            project: project.as_ref(),
            image: Some("i"),
            machine: Some("m"),
            scenario: &scenario.expect("a scenario"),
            matrix: project
                .as_ref()
                .map(|project| &project.matrix[0].every.vars),
            command_line: &command_line,
            secrets: &BTreeMap::from([("token".to_owned(), "s3".to_owned())]),
            built_in: &[("arch", "x86_64".to_owned())],
        };
        let shown = |findings: Vec<Diagnostic>| {
            let shown = findings
                .iter()
                .map(|f| format!("{} {f}", f.place().unwrap_or_default()));
            shown.collect::<Vec<_>>().join("\n")
        };
        let vars = vars.resolve().map_err(shown)?;
        let values = vars.iter().map(|(name, value)| match value {
            Value::Text(text) => format!("{name}={text}"),
            Value::List(items) => format!("{name}={items:?}"),
        });
        Ok(values.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_later_place_wins_over_an_earlier_one() {
        assert_eq!(
            resolve(
                "vars: { d: scenario, e: scenario }",
                &[("e", "cli"), ("f", "{{ a }}")]
            )
            .as_deref(),
            Ok(
                "a=project arch=x86_64 b=image c=machine d=scenario e=cli f={{ a }} g=matrix token=•••"
            )
        );
    }

    #[test]
    fn values_use_other_variables_and_secrets_taint_them() {
        assert_eq!(
            resolve(
                "vars: { x: \"{{ y }}!\", y: \"{{ a }}\", z: \"t {{ token }}\", l: [\"{{ a }}\", 2] }",
                &[],
            )
            .as_deref(),
            Ok("a=project arch=x86_64 b=image c=machine d=machine e=matrix g=matrix \
                l=[\"project\", \"2\"] token=••• x=project! y=project z=•••")
        );
    }

    #[test]
    fn a_replaced_secret_stays_secret() {
        let shown = resolve("vars: { token: open }", &[]).expect("variables");
        assert!(shown.ends_with("token=•••"), "{shown}");
        let shown = resolve("", &[("token", "open")]).expect("variables");
        assert!(shown.ends_with("token=•••"), "{shown}");
    }

    #[test]
    fn unknown_variables_and_cycles_are_all_reported() {
        assert_eq!(
            resolve(
                "vars:\n  x: \"{{ y }}\"\n  y: \"{{ x }}\"\n  z: \"{{ nope }}\"",
                &[("arch", "x"), ("1", "x")]
            ),
            Err("--var arch: the variable is built in and cannot be set\n \
                 --var 1: this cannot be the name of a variable\n\
                 s.yaml:3:7 variables that need each other: x -> y -> x\n\
                 s.yaml:4:7 unknown variable `nope`"
                .replace("                 ", "")
                .split('\n')
                .enumerate()
                .map(|(line, text)| if line == 0 {
                    format!(" {text}")
                } else {
                    text.to_owned()
                })
                .collect::<Vec<_>>()
                .join("\n"))
        );
    }

    #[test]
    fn what_a_stage_sets_is_taken_over_by_the_next() {
        let mut first = Vars::new();
        first.bind("user", Value::Text("alice".into()));
        first.set("version", "1");
        first.set("pin", Text::secret("2"));
        let mut second = Vars::new();
        second.take_over(&first);
        assert_eq!(second.names().collect::<Vec<_>>(), ["pin", "version"]);
        second.set("pin", "3");
        assert!(second.text("pin").is_some_and(Text::is_secret));
        assert_eq!(second.secret_values().collect::<Vec<_>>(), ["3"]);
    }
}
