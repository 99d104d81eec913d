//! Makes a project of a distribution.

use std::collections::{BTreeMap, BTreeSet};

use super::perl::{Expression, PerlFile, Statement, StatementKind};
use super::project::{Plan, assemble};
use super::report::ImportReport;
use super::schedule::{from_list, from_yaml, load_tests};
use super::settings::{Document, Jobs, Settings, get, jobs};
use super::steps::{Facts, Module, Uses, tell, word};

/// A file of a distribution.
#[derive(Debug, Clone)]
pub struct OpenqaFile {
    /// The path, relative to the distribution, with `/` between its parts.
    pub path: String,
    /// The content.
    pub content: Vec<u8>,
}

/// A test distribution of openQA, as far as the caller has read it.
#[derive(Debug, Clone, Default)]
pub struct Distribution {
    /// Modules, libraries, YAML and JSON files. The JSON files of needles are not among them.
    pub files: Vec<OpenqaFile>,
    /// The tags of each needle.
    pub needles: Vec<BTreeSet<String>>,
    /// The folder of needles for `qa.yaml`, relative to the project.
    pub needles_folder: String,
    /// The files that the caller could not read, as sentences with their path.
    pub problems: Vec<String>,
}

/// The project that was made.
#[derive(Debug)]
pub struct Imported {
    /// The files by their path, relative to the project.
    pub files: BTreeMap<String, String>,
    /// The numbers of the import, and all that did not come over.
    pub report: ImportReport,
}

/// Makes a project of a distribution.
///
/// It never fails: whatever cannot be read or told is in the report.
#[must_use]
pub fn import_openqa(distribution: &Distribution) -> Imported {
    let mut report = ImportReport {
        needles: distribution.needles.len(),
        problems: distribution.problems.clone(),
        ..ImportReport::default()
    };
    let parts = Parts::read(distribution, &mut report);
    let mut jobs = jobs(&parts.documents);
    report.problems.append(&mut jobs.problems);
    report.problems.extend(bound_together(&jobs));
    let screen = jobs
        .jobs
        .first()
        .map_or((1024, 768), |job| screen(&job.settings));
    let facts = Facts {
        needles: distribution.needles.clone(),
        consoles: consoles(&parts.library),
        library: parts.library,
        screen,
    };
    let mut uses = Uses::default();
    let mut modules: BTreeMap<String, (PerlFile, Module)> = BTreeMap::new();
    for file in parts.modules {
        let module = tell(&file, &facts, &mut uses);
        let path = file
            .path
            .strip_suffix(".pm")
            .unwrap_or(&file.path)
            .to_owned();
        modules.insert(below_tests(&path).to_owned(), (file, module));
    }
    let scheduled = schedules(
        &jobs,
        &parts.documents,
        &parts.mains,
        &facts.library,
        &modules,
        &mut report,
    );
    let plan = Plan {
        jobs,
        scheduled,
        modules,
        uses,
        needles_folder: distribution.needles_folder.clone(),
        hooks: hooks(&facts.library),
    };
    let files = assemble(&plan, &mut report);
    Imported { files, report }
}

/// Returns what is lost of jobs that need each other.
fn bound_together(jobs: &Jobs) -> BTreeSet<String> {
    let mut lost = BTreeSet::new();
    for job in &jobs.jobs {
        let get = |name: &str| job.settings.get(name).filter(|value| !value.is_empty());
        let maker = get("HDD_1").and_then(|disk| {
            let made =
                |other: &&super::settings::Job| other.settings.get("PUBLISH_HDD_1") == Some(disk);
            Some((jobs.jobs.iter().find(made)?, disk))
        });
        if let Some((maker, disk)) = maker {
            lost.insert(format!(
                "{}: `{}` starts from `{disk}`, the disk that `{}` leaves: keep that disk, or write `after:`",
                job.place, job.suite, maker.suite
            ));
        }
        if let Some(others) = get("PARALLEL_WITH") {
            lost.insert(format!(
                "{}: `{}` runs together with `{others}`; a scenario here has one machine",
                job.place, job.suite
            ));
        }
    }
    lost
}

/// Returns what follows `tests/` in a path.
fn below_tests(path: &str) -> &str {
    match path.strip_prefix("tests/") {
        Some(rest) => rest,
        None => path.split_once("/tests/").map_or(path, |(_, rest)| rest),
    }
}

/// The files of a distribution by what they are.
struct Parts {
    modules: Vec<PerlFile>,
    library: Vec<PerlFile>,
    /// Each `main.pm`.
    mains: Vec<PerlFile>,
    documents: Vec<(String, Document)>,
}

impl Parts {
    fn read(distribution: &Distribution, report: &mut ImportReport) -> Self {
        let mut parts = Self {
            modules: Vec::new(),
            library: Vec::new(),
            mains: Vec::new(),
            documents: Vec::new(),
        };
        for file in &distribution.files {
            let path = &file.path;
            let name = path.rsplit('/').next().unwrap_or(path);
            let is_below = |folder: &str| {
                path.starts_with(&format!("{folder}/")) || path.contains(&format!("/{folder}/"))
            };
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            match ending {
                "pm" if name == "main.pm" => parts.mains.push(PerlFile::read(path, &file.content)),
                "pm" if is_below("tests") => {
                    parts.modules.push(PerlFile::read(path, &file.content))
                }
                "pm" => parts.library.push(PerlFile::read(path, &file.content)),
                "py" | "lua" if is_below("tests") => {
                    report
                        .problems
                        .push(format!("{path}:1: a module in another language than Perl"));
                }
                "yaml" | "yml" | "json" => {
                    match Document::read(path, &String::from_utf8_lossy(&file.content)) {
                        Ok(document) => parts.documents.push((path.clone(), document)),
                        Err(problem) => report.problems.push(problem),
                    }
                }
                _ => {}
            }
        }
        report.modules = parts.modules.len();
        parts
    }
}

/// Returns the size of the screen that needles of a job have.
fn screen(settings: &Settings) -> (u32, u32) {
    let number = |name: &str, usual| {
        let value = settings
            .get(name)
            .and_then(|value| value.parse::<u32>().ok());
        value
            .filter(|value| (200..=8192).contains(value))
            .unwrap_or(usual)
    };
    (number("XRES", 1024), number("YRES", 768))
}

/// Finds `add_console('root-console', 'tty-console', {tty => 2})` in the library.
fn consoles(library: &[PerlFile]) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    for file in library {
        for statement in &file.statements {
            add_consoles(statement, &mut found);
        }
    }
    found
}

fn add_consoles(statement: &Statement, found: &mut BTreeMap<String, u32>) {
    match &statement.kind {
        StatementKind::Sub { body, .. }
        | StatementKind::Block(body)
        | StatementKind::Unknown(body) => {
            body.iter()
                .for_each(|statement| add_consoles(statement, found));
        }
        StatementKind::Each { body, .. } => body
            .iter()
            .for_each(|statement| add_consoles(statement, found)),
        StatementKind::If {
            branches,
            otherwise,
        } => {
            let bodies = branches.iter().flat_map(|branch| &branch.body);
            bodies
                .chain(otherwise.iter().flatten())
                .for_each(|statement| add_consoles(statement, found));
        }
        StatementKind::Expression(Expression::Method {
            name, arguments, ..
        }) if name == "add_console" => {
            let (Some(name), Some(Expression::Hash(options))) =
                (arguments.first().and_then(word), arguments.get(2))
            else {
                return;
            };
            for pair in options.chunks(2) {
                if let [key, Expression::Number(number)] = pair
                    && word(key) == Some("tty")
                    && let Ok(number) = number.parse()
                {
                    found.entry(name.to_owned()).or_insert(number);
                }
            }
        }
        StatementKind::Expression(_) | StatementKind::Return(_) | StatementKind::Use(_) => {}
    }
}

/// Returns the hooks of the base classes in the library: class, hook and place.
fn hooks(library: &[PerlFile]) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for file in library {
        let class = file
            .statements
            .iter()
            .find_map(|statement| match &statement.kind {
                StatementKind::Use(words)
                    if words.first().is_some_and(|word| word == "package") =>
                {
                    words.get(1).cloned()
                }
                _ => None,
            });
        let Some(class) = class else {
            continue;
        };
        for statement in &file.statements {
            if let StatementKind::Sub { name, .. } = &statement.kind
                && name.ends_with("_hook")
            {
                found.push((
                    class.clone(),
                    name.clone(),
                    format!("{}:{}", file.path, statement.line),
                ));
            }
        }
    }
    found
}

/// Returns the modules of each job in their order. Modules that do not exist are left out and reported.
fn schedules(
    jobs: &Jobs,
    documents: &[(String, Document)],
    mains: &[PerlFile],
    library: &[PerlFile],
    modules: &BTreeMap<String, (PerlFile, Module)>,
    report: &mut ImportReport,
) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut problems = BTreeSet::new();
    for job in &jobs.jobs {
        let mut found = Vec::new();
        let mut listed = modules_of(&job.settings, documents, mains, library, &mut found);
        problems.extend(found);
        listed.retain(|module| {
            let exists = modules.contains_key(module);
            if !exists {
                problems.insert(format!(
                    "{}: the module `{module}` does not exist",
                    job.place
                ));
            }
            exists
        });
        if listed.is_empty() {
            problems.insert(format!(
                "{}: nothing says which modules `{}` runs",
                job.place, job.suite
            ));
        }
        all.push(listed);
    }
    // Without any job, `main.pm` or the only schedule still says an order.
    if jobs.jobs.is_empty() {
        let mut found = Vec::new();
        let mut listed = modules_of(&Settings::new(), documents, mains, library, &mut found);
        problems.extend(found);
        listed.retain(|module| modules.contains_key(module));
        all.push(listed);
    }
    report.problems.extend(problems);
    all
}

fn modules_of(
    settings: &Settings,
    documents: &[(String, Document)],
    mains: &[PerlFile],
    library: &[PerlFile],
    problems: &mut Vec<String>,
) -> Vec<String> {
    if let Some(list) = settings.get("SCHEDULE") {
        return from_list(list);
    }
    if let Some(path) = settings.get("YAML_SCHEDULE") {
        let wanted = documents
            .iter()
            .find(|(own, _)| own == path || own.ends_with(&format!("/{path}")));
        return match wanted {
            Some((path, document)) => {
                let mut settings = settings.clone();
                let vars = get(&document.root, "vars");
                for (name, value) in vars.map(super::settings::entries).unwrap_or_default() {
                    if let Some(value) = super::settings::text(value) {
                        settings
                            .entry(name.name.clone())
                            .or_insert_with(|| value.to_owned());
                    }
                }
                from_yaml(path, document, &settings, problems)
            }
            None => {
                problems.push(format!("{path}: the schedule does not exist"));
                Vec::new()
            }
        };
    }
    let distri = settings
        .get("DISTRI")
        .map(|distri| format!("products/{distri}/main.pm"));
    let of_distri = mains
        .iter()
        .find(|main| Some(&main.path) == distri.as_ref());
    let main = of_distri
        .or_else(|| mains.iter().find(|main| main.path == "main.pm"))
        .or(mains.first());
    if let Some(main) = main {
        let (modules, found) = load_tests(main, library, settings);
        problems.extend(found);
        return modules;
    }
    let mut schedules = documents
        .iter()
        .filter(|(_, document)| get(&document.root, "schedule").is_some());
    match (schedules.next(), schedules.next()) {
        (Some((path, document)), None) => from_yaml(path, document, settings, problems),
        _ => Vec::new(),
    }
}
