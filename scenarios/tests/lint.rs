//! What only the project as a whole shows: names, tags, variables, needles, reachability.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may end where it is wrong"
)]

#[path = "lint/fragments.rs"]
mod fragments;
#[path = "lint/habits.rs"]
mod habits;
#[path = "lint/needles.rs"]
mod needles;
#[path = "lint/project.rs"]
mod project;
#[path = "lint/variables.rs"]
mod variables;

mod golden;

use golden::assert_golden;
use scenarios::{Code, Diagnostic, Library, NeedleFacts, Project, Source, lint};

/// A project under test: by default one image, and needles `login` and `desktop`.
struct Case {
    project: Option<String>,
    files: Vec<(String, String)>,
    needles: Vec<NeedleFacts>,
}

fn needle(name: &str, tags: &[&str]) -> NeedleFacts {
    NeedleFacts {
        name: name.to_owned(),
        path: format!("needles/{name}.json"),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..NeedleFacts::default()
    }
}

impl Case {
    fn new() -> Self {
        Self {
            project: Some("images: { gnome: { recipe: gnome } }\n".to_owned()),
            files: Vec::new(),
            needles: vec![needle("login", &["login"]), needle("desktop", &["desktop"])],
        }
    }

    /// Replaces the project file.
    fn project(mut self, text: &str) -> Self {
        self.project = Some(text.to_owned());
        self
    }

    fn without_project(mut self) -> Self {
        self.project = None;
        self
    }

    /// A file below `scenarios/`.
    fn file(mut self, name: &str, text: &str) -> Self {
        self.files
            .push((format!("scenarios/{name}.yaml"), text.to_owned()));
        self
    }

    /// A scenario that looks for both needles, with more steps.
    fn steps(self, steps: &str) -> Self {
        let text = format!("title: Boot\nsteps:\n  - see: [login, desktop]\n{steps}");
        self.file("boot", &text)
    }

    fn needle(mut self, needle: NeedleFacts) -> Self {
        self.needles.push(needle);
        self
    }

    fn findings(&self) -> Vec<Diagnostic> {
        let project = self.project.as_ref().map(|text| {
            let (project, findings) = Project::read(&Source::new("qa.yaml", text.as_str()));
            assert_eq!(findings, [], "the project file itself is right");
            project.expect("a project")
        });
        let sources = self
            .files
            .iter()
            .map(|(path, text)| Source::new(path.as_str(), text.as_str()));
        let (library, findings) = Library::read(sources);
        assert_eq!(findings, [], "each file by itself is right");
        lint(project.as_ref(), &library, &self.needles)
    }

    /// Nothing is found.
    #[track_caller]
    fn clean(&self) {
        assert_eq!(self.findings(), []);
    }

    /// The check finds it, and the whole answer is the golden one.
    #[track_caller]
    fn finds(&self, code: Code, name: &str) {
        let findings = self.findings();
        assert!(
            findings.iter().any(|finding| finding.code == code),
            "{code} was not found: {findings:?}"
        );
        assert_golden("lint", name, &findings);
    }
}

#[test]
fn a_good_project_has_no_findings() {
    Case::new()
        .project("images: { gnome: { recipe: gnome, vars: { user: alice } } }\nsecrets: { password: { env: P } }\n\
            vars: { apps: [calc] }\n")
        .file("part", "fragment: true\nvars: { greeting: hello }\nsteps:\n  - type: '{{ greeting }} {{ name }}'\n")
        .file("login", "steps:\n  - see: login\n  - type: '{{ user }}{{ password }}'\n  \
            - run: { command: uname, save: kernel }\n")
        .file(
            "desktop",
            "after: login\nsteps:\n  - see: desktop\n  \
            - include: { file: part.yaml, vars: { name: '{{ kernel }}' } }\n  \
             - each: { in: apps, steps: [{ type: '{{ item }}' }] }\n  \
             - note: { text: a, when: \"kernel == 'Linux' and not seen(login)\" }\n",
        )
        .clean();
}
