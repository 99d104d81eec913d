//! The readers that are fuzzed, and their first inputs.

mod openqa;
mod words;

use needles::{Needle, Picture, picture_problems};
use reports::console::SummaryStyle;
use reports::{Run, read_log};
use scenarios::{
    Assigned, Colour, Diagnostic, Library, Plan, Project, Scenario, Source, Vars, expand, lint,
};

/// A reader of what others write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A scenario, and a project file.
    Yaml,
    /// The JSON of a needle.
    Needle,
    /// A picture of a needle or a screenshot.
    Picture,
    /// A picture of the screen as QEMU writes it.
    Screendump,
    /// The control connection of QEMU.
    Qmp,
    /// The agent in the guest.
    Agent,
    /// The serial console.
    Serial,
    /// The event log of a run.
    EventLog,
    /// A test distribution of openQA: its modules, and its job groups.
    Openqa,
}

impl Target {
    pub(crate) const ALL: [Self; 9] = [
        Self::Yaml,
        Self::Needle,
        Self::Picture,
        Self::Screendump,
        Self::Qmp,
        Self::Agent,
        Self::Serial,
        Self::EventLog,
        Self::Openqa,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Needle => "needle",
            Self::Picture => "picture",
            Self::Screendump => "screendump",
            Self::Qmp => "qmp",
            Self::Agent => "agent",
            Self::Serial => "serial",
            Self::EventLog => "event-log",
            Self::Openqa => "openqa",
        }
    }

    /// The folders with what it begins with, relative to this package.
    pub(crate) fn corpus(self) -> &'static [&'static str] {
        match self {
            Self::Yaml => &["fuzz/yaml", "../scenarios"],
            Self::Needle => &["fuzz/needle"],
            Self::Picture => &["fuzz/picture"],
            Self::Screendump => &["fuzz/screendump"],
            Self::Qmp => &["fuzz/qmp"],
            Self::Agent => &["fuzz/agent"],
            Self::Serial => &["fuzz/serial"],
            Self::EventLog => &["fuzz/event-log"],
            Self::Openqa => &["fuzz/openqa"],
        }
    }

    /// Pieces that its inputs are made of.
    pub(crate) fn words(self) -> &'static [&'static str] {
        words::of(self)
    }

    /// Gives the reader the bytes. What comes of it, in few words; equal where they were taken in the same way.
    pub(crate) async fn run(self, bytes: &[u8]) -> String {
        let vm =
            |told: std::io::Result<String>| told.unwrap_or_else(|error| format!("host: {error}"));
        match self {
            Self::Yaml => yaml(bytes),
            Self::Needle => needle(bytes),
            Self::Picture => picture(bytes),
            Self::Screendump => vm::fuzz_targets::screendump(bytes),
            Self::Qmp => vm(vm::fuzz_targets::qmp(bytes).await),
            Self::Agent => vm(vm::fuzz_targets::agent(bytes).await),
            Self::Serial => vm(vm::fuzz_targets::serial(bytes).await),
            Self::EventLog => event_log(bytes),
            Self::Openqa => openqa::import(bytes),
        }
    }
}

/// The kinds of findings, whatever names they tell.
fn kinds(findings: &[Diagnostic]) -> String {
    let mut kinds: Vec<&str> = findings.iter().map(|finding| finding.code.name()).collect();
    kinds.dedup();
    kinds.truncate(6);
    kinds.join(" ")
}

/// Everything that is done with a file before a machine starts, and what steps become as they run.
fn yaml(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let source = Source::new("scenarios/a.yaml", text.as_ref());
    let (_, mut findings) = Scenario::read(&source);
    let (project, more) = Project::read(&Source::new("qa.yaml", text.as_ref()));
    findings.extend(more.into_iter().take(3));
    let (library, _) = Library::read([
        source,
        Source::new(
            "scenarios/b.yaml",
            "fragment: true\nvars: { v: x }\nsteps: [{ type: \"{{ v }}\" }]",
        ),
    ]);
    findings.extend(lint(project.as_ref(), &library, &[]));
    for finding in findings.iter().take(20) {
        assert!(!finding.render(Colour::Off).is_empty());
    }
    if let Some(project) = &project {
        for matrix in &project.matrix {
            let _ = matrix.combinations(project, &library);
        }
    }
    let mut lines = 0;
    if let Ok(plan) = Plan::new(&library, &[]) {
        for chain in plan.chains() {
            let mut vars = Vars::new();
            for stage in chain.stages {
                let mut assigned = Assigned::new();
                for step in expand(&stage, &library, &vars).unwrap_or_default() {
                    let _ = step.key_material(&vars, &mut assigned);
                    if let Ok(rendered) = step.render(&vars) {
                        lines += rendered.line.len().min(9);
                        if let scenarios::Action::Set(set) = rendered.action {
                            for (name, value) in set.vars {
                                let _ = vars.assign(name, value);
                            }
                        }
                    }
                }
            }
        }
    }
    format!("{} {}", kinds(&findings), lines.min(40))
}

fn needle(bytes: &[u8]) -> String {
    match Needle::from_json("n", bytes) {
        Ok(needle) => {
            let picture = Picture::from_rgb(64, 48, vec![7; 64 * 48 * 3]);
            let problems = picture.map_or(0, |picture| picture_problems(&needle, &picture).len());
            format!(
                "{} {} {problems}",
                needle.areas().len().min(9),
                needle.tags().len().min(9)
            )
        }
        Err(error) => error
            .to_string()
            .chars()
            .filter(char::is_ascii_alphabetic)
            .take(60)
            .collect(),
    }
}

fn picture(bytes: &[u8]) -> String {
    let read = match bytes.starts_with(b"P6") {
        true => Picture::from_ppm(bytes),
        false => Picture::from_png(bytes),
    };
    match read {
        Ok(picture) => {
            if picture.rgb().len() < 1 << 20 {
                assert_eq!(Picture::from_png(&picture.to_png()).as_ref(), Ok(&picture));
            }
            format!("{}x{}", picture.width().min(99), picture.height().min(99))
        }
        Err(error) => error
            .to_string()
            .chars()
            .filter(|c| !c.is_ascii_digit())
            .take(60)
            .collect(),
    }
}

fn event_log(bytes: &[u8]) -> String {
    let log = match read_log(bytes) {
        Ok(log) => log,
        Err(error) => {
            let text = error.to_string();
            return text
                .chars()
                .filter(|c| !c.is_ascii_digit())
                .take(60)
                .collect();
        }
    };
    let run = Run::of(&log.entries);
    let page = reports::html(&run, &reports::Earlier::default()).map_or(0, |page| page.len());
    let junit = reports::junit(&run, "results").len();
    let style = SummaryStyle {
        colour: false,
        width: 80,
        rows: None,
        report: None,
    };
    let summary = reports::console::summary(&run, style);
    // No text makes a report that nobody can open.
    assert!(page + junit + summary.len() < 200 * bytes.len() + (1 << 20));
    let verdicts: Vec<_> = run
        .scenarios
        .iter()
        .map(|scenario| scenario.verdict.word())
        .collect();
    format!(
        "{verdicts:?} {} {}",
        log.torn_line.is_some(),
        run.scenarios.len()
    )
}
