//! Writes `qa.yaml` and the scenarios.

use std::collections::{BTreeMap, BTreeSet};

use super::perl::PerlFile;
use super::report::ImportReport;
use super::schedule::{Node, Tree};
use super::settings::{ImageText, Job, Jobs, MachineText, TAKEN, file_name};
use super::steps::{Entry, Module, Uses, comment, has_step, scalar, write};

/// Everything that a project is made of.
pub(super) struct Plan {
    pub(super) jobs: Jobs,
    /// The modules of each job; of the only order, where there are no jobs.
    pub(super) scheduled: Vec<Vec<String>>,
    pub(super) modules: BTreeMap<String, (PerlFile, Module)>,
    pub(super) uses: Uses,
    pub(super) needles_folder: String,
    /// Class, hook and place of the hooks in the library.
    pub(super) hooks: Vec<(String, String, String)>,
}

/// A cell of a matrix before it is written.
struct Cells {
    image: String,
    machine: String,
    scenarios: Vec<String>,
    vars: BTreeMap<String, String>,
}

/// Returns the files of the project.
pub(super) fn assemble(plan: &Plan, report: &mut ImportReport) -> BTreeMap<String, String> {
    let mut tree = Tree::default();
    let flags = |name: &str| {
        plan.modules
            .get(name)
            .map(|(_, module)| module.flags)
            .unwrap_or_default()
    };
    let mut nodes_of_jobs = Vec::new();
    for (index, modules) in plan.scheduled.iter().enumerate() {
        let suite = plan
            .jobs
            .jobs
            .get(index)
            .map_or("all", |job| job.suite.as_str());
        nodes_of_jobs.push(tree.add(suite, modules, &flags));
    }
    let scheduled: BTreeSet<String> = tree.nodes.iter().map(|node| node.module.clone()).collect();
    let unscheduled = plan
        .modules
        .keys()
        .filter(|name| !scheduled.contains(*name));
    for module in unscheduled {
        report.problems.push(format!(
            "tests/{module}.pm:1: no job runs it; it starts at power-on"
        ));
        tree.add("", std::slice::from_ref(module), &flags);
    }
    for module in &tree.cut {
        report.problems.push(format!(
            "tests/{module}.pm:1: too far down its chain; it starts at power-on"
        ));
    }
    let names = names(&tree, plan);
    let hardware = Hardware::of(plan, report);
    let mut files = scenario_files(
        plan,
        &tree,
        &names,
        &hardware.image_of_node(&nodes_of_jobs),
        report,
    );
    let matrices = matrices(plan, &hardware, &nodes_of_jobs, &names);
    report.matrices = matrices.len();
    report.jobs = plan.jobs.jobs.len();
    report.groups = plan.jobs.groups;
    files.insert(
        "qa.yaml".to_owned(),
        project_file(plan, &hardware, &matrices, report),
    );
    numbers(plan, report);
    files.insert("IMPORT.md".to_owned(), report.whole());
    files
}

/// Returns the name of each node: that of its module where that is enough.
fn names(tree: &Tree, plan: &Plan) -> Vec<String> {
    let stem = |module: &str| file_name(module.rsplit('/').next().unwrap_or(module));
    let mut stems: BTreeMap<String, usize> = BTreeMap::new();
    for module in plan.modules.keys() {
        *stems.entry(stem(module)).or_default() += 1;
    }
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for node in &tree.nodes {
        *times.entry(&node.module).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    let mut names = Vec::new();
    for node in &tree.nodes {
        let short = stem(&node.module);
        let base = match stems.get(&short) {
            Some(1) => short,
            _ => file_name(&node.module.replace('/', "-")),
        };
        let base = match times.get(node.module.as_str()) {
            Some(1) => base,
            _ => file_name(&format!("{}-{base}", node.suite)),
        };
        let mut name = base.clone();
        let mut number = 2;
        while !taken.insert(name.to_ascii_lowercase()) {
            name = format!("{base}-{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

/// The images and machines of all jobs.
struct Hardware {
    images: Vec<ImageText>,
    machines: Vec<MachineText>,
    /// The image and the machine of each job, by their names.
    of_jobs: Vec<(String, String)>,
    /// The machine of each image that was used first.
    machine_of_image: BTreeMap<String, String>,
}

impl Hardware {
    fn of(plan: &Plan, report: &mut ImportReport) -> Self {
        let mut all = Self {
            images: Vec::new(),
            machines: Vec::new(),
            of_jobs: Vec::new(),
            machine_of_image: BTreeMap::new(),
        };
        let mut problems = BTreeSet::new();
        for job in &plan.jobs.jobs {
            let image = ImageText::of(&job.settings).unwrap_or_else(|| {
                problems.insert(format!(
                    "{}: no HDD_1, ISO or KERNEL says what `{}` starts from",
                    job.place, job.suite
                ));
                ImageText {
                    name: "image".to_owned(),
                    arch: job.settings.get("ARCH").cloned().unwrap_or_default(),
                    lines: vec!["path: assets/hdd/image.qcow2".to_owned()],
                    is_disk: true,
                }
            });
            let machine = MachineText::of(&job.settings, image.is_disk);
            problems.extend(machine.problems.iter().cloned());
            let image_name = all.image(image);
            let machine_name = all.machine(machine, &job.suite);
            all.machine_of_image
                .entry(image_name.clone())
                .or_insert_with(|| machine_name.clone());
            all.of_jobs.push((image_name, machine_name));
        }
        report.problems.extend(problems);
        report.images = all.images.len();
        report.machines = all.machines.len();
        all
    }

    /// Adds an image, unless it is there. An image for another architecture is another one.
    fn image(&mut self, mut image: ImageText) -> String {
        let base = image.name.clone();
        for number in 1.. {
            match self.images.iter().find(|other| other.name == image.name) {
                Some(other) if other.lines == image.lines && other.arch == image.arch => {
                    return image.name;
                }
                Some(_) if number == 1 => image.name = file_name(&format!("{base}-{}", image.arch)),
                Some(_) => image.name = format!("{base}-{number}"),
                None => break,
            }
        }
        let name = image.name.clone();
        self.images.push(image);
        name
    }

    fn machine(&mut self, mut machine: MachineText, suite: &str) -> String {
        if let Some(same) = self.machines.iter().find(|other| {
            other.lines == machine.lines
                && (other.name == machine.name
                    || other.name.starts_with(&format!("{}-", machine.name)))
        }) {
            return same.name.clone();
        }
        let base = machine.name.clone();
        let mut number = 1;
        while self.machines.iter().any(|other| other.name == machine.name) {
            machine.name = match number {
                1 => file_name(&format!("{base}-{suite}")),
                number => file_name(&format!("{base}-{suite}-{number}")),
            };
            number += 1;
        }
        let name = machine.name.clone();
        self.machines.push(machine);
        name
    }

    /// Returns the image of each node that starts at power-on.
    fn image_of_node(&self, nodes_of_jobs: &[Vec<usize>]) -> BTreeMap<usize, String> {
        let mut images = BTreeMap::new();
        for (nodes, (image, _)) in nodes_of_jobs.iter().zip(&self.of_jobs) {
            for node in nodes {
                images.entry(*node).or_insert_with(|| image.clone());
            }
        }
        images
    }
}

fn scenario_files(
    plan: &Plan,
    tree: &Tree,
    names: &[String],
    images: &BTreeMap<usize, String>,
    report: &mut ImportReport,
) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for node in &tree.nodes {
        *times.entry(&node.module).or_default() += 1;
    }
    let usual = images.values().next().cloned();
    for (index, (node, name)) in tree.nodes.iter().zip(names).enumerate() {
        let Some((file, module)) = plan.modules.get(&node.module) else {
            continue;
        };
        let is_shared = times
            .get(node.module.as_str())
            .is_some_and(|times| *times > 1);
        let image = images.get(&index).or(usual.as_ref()).cloned();
        let image = image.unwrap_or_else(|| "image".to_owned());
        let mut lines = head(node, names, &file.path, module, &image);
        if is_shared {
            let fragment = file_name(&node.module.replace('/', "-"));
            lines.push("steps:".to_owned());
            lines.push(format!("  - include: modules/{fragment}.yaml"));
            let path = format!("scenarios/modules/{fragment}.yaml");
            files.entry(path).or_insert_with(|| {
                let mut lines = vec![
                    format!("# {}", comment(&file.path)),
                    "fragment: true".to_owned(),
                ];
                steps(&module.entries, &file.path, &mut lines);
                lines.join("\n") + "\n"
            });
        } else {
            steps(&module.entries, &file.path, &mut lines);
        }
        files.insert(format!("scenarios/{name}.yaml"), lines.join("\n") + "\n");
        report.scenarios += 1;
    }
    files
}

fn head(node: &Node, names: &[String], path: &str, module: &Module, image: &str) -> Vec<String> {
    let title = match &module.title {
        Some(title) => title.clone(),
        None => {
            let stem = node.module.rsplit('/').next().unwrap_or(&node.module);
            stem.replace('_', " ")
        }
    };
    let title = title.replace("{{", "{ {");
    let mut lines = vec![
        format!("# {}", comment(path)),
        format!("title: {}", scalar(&comment(&title))),
    ];
    match node.after.and_then(|after| names.get(after)) {
        Some(after) => lines.push(format!("after: {}", scalar(after))),
        None => lines.push(format!("image: {}", scalar(image))),
    }
    lines
}

/// Writes the steps of a module. A scenario has at least one.
fn steps(entries: &[Entry], path: &str, lines: &mut Vec<String>) {
    lines.push("steps:".to_owned());
    if !has_step(entries) {
        lines.push(format!(
            "  - note: {}",
            scalar(&format!("nothing of {path} could be told").replace("{{", "{ {"))
        ));
    }
    write(entries, 2, lines);
}

/// Returns the matrices by name: the job groups, and suites with other variables on the same cells.
fn matrices(
    plan: &Plan,
    hardware: &Hardware,
    nodes_of_jobs: &[Vec<usize>],
    names: &[String],
) -> BTreeMap<String, Vec<Cells>> {
    let mut matrices: BTreeMap<String, Vec<Cells>> = BTreeMap::new();
    for ((job, nodes), (image, machine)) in plan
        .jobs
        .jobs
        .iter()
        .zip(nodes_of_jobs)
        .zip(&hardware.of_jobs)
    {
        let scenarios: Vec<String> = nodes
            .iter()
            .filter_map(|node| names.get(*node).cloned())
            .collect();
        if scenarios.is_empty() {
            continue;
        }
        let vars = used_vars(job, &plan.uses);
        let mut name = file_name(&job.group);
        let clashes = |cells: &Cells| {
            cells.image == *image
                && cells.machine == *machine
                && cells.vars != vars
                && cells
                    .scenarios
                    .iter()
                    .any(|scenario| scenarios.contains(scenario))
        };
        let mut number = 1;
        while matrices
            .get(&name)
            .is_some_and(|cells| cells.iter().any(clashes))
        {
            name = match number {
                1 => file_name(&format!("{}-{}", job.group, job.suite)),
                number => file_name(&format!("{}-{}-{number}", job.group, job.suite)),
            };
            number += 1;
        }
        let cells = matrices.entry(name).or_default();
        let known: Vec<&String> = (cells.iter())
            .filter(|other| other.image == *image && other.machine == *machine)
            .flat_map(|other| &other.scenarios)
            .collect();
        let scenarios: Vec<String> = scenarios
            .iter()
            .filter(|one| !known.contains(one))
            .cloned()
            .collect();
        if !scenarios.is_empty() {
            cells.push(Cells {
                image: image.clone(),
                machine: machine.clone(),
                scenarios,
                vars,
            });
        }
    }
    matrices
}

/// Returns true for the name of a setting whose value nobody may see.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["SECRET", "PASSWORD", "PASSWD", "REGCODE", "TOKEN"]
        .iter()
        .any(|word| name.contains(word))
}

/// Returns the settings of a job that scenarios use as variables.
fn used_vars(job: &Job, uses: &Uses) -> BTreeMap<String, String> {
    let own = job
        .settings
        .iter()
        .filter(|(name, _)| uses.vars.contains_key(*name) && !is_secret(name));
    own.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn project_file(
    plan: &Plan,
    hardware: &Hardware,
    matrices: &BTreeMap<String, Vec<Cells>>,
    report: &mut ImportReport,
) -> String {
    let mut lines = vec![
        "# Made from a test distribution of openQA. IMPORT.md says what came over and what did not.".to_owned(),
        "scenarios: [scenarios]".to_owned(),
        format!("needles: [{}]", scalar(&plan.needles_folder)),
        String::new(),
        "images:".to_owned(),
    ];
    for image in &hardware.images {
        lines.push(format!("  {}:", scalar(&image.name)));
        lines.extend(
            image
                .lines
                .iter()
                .map(|line| format!("    {}", line.replace("{{", "{ {"))),
        );
        if let Some(machine) = hardware.machine_of_image.get(&image.name) {
            lines.push(format!("    machine: {}", scalar(machine)));
        }
    }
    if hardware.images.is_empty() {
        lines.push("  image:".to_owned());
        lines.push("    path: assets/hdd/image.qcow2".to_owned());
        report
            .to_give
            .push("the image in qa.yaml: no job says which one it is".to_owned());
    } else {
        report.to_give.push(format!(
            "the files of the images, such as {}",
            first_path(hardware)
        ));
    }
    if !hardware.machines.is_empty() {
        lines.extend([String::new(), "machines:".to_owned()]);
    }
    for machine in &hardware.machines {
        lines.push(format!("  {}:", scalar(&machine.name)));
        lines.extend(machine.lines.iter().map(|line| format!("    {line}")));
    }
    variables(plan, &mut lines, report);
    if !matrices.is_empty() {
        lines.extend([String::new(), "matrix:".to_owned()]);
    }
    for (name, cells) in matrices {
        lines.push(format!("  {}:", scalar(name)));
        lines.push("    include:".to_owned());
        for cells in cells {
            let scenarios: Vec<String> = cells.scenarios.iter().map(|name| scalar(name)).collect();
            lines.push(format!("      - image: {}", scalar(&cells.image)));
            lines.push(format!("        machine: {}", scalar(&cells.machine)));
            lines.push(format!("        scenario: [{}]", scenarios.join(", ")));
            if !cells.vars.is_empty() {
                let vars = cells
                    .vars
                    .iter()
                    .map(|(name, value)| format!("{}: {}", scalar(name), quoted(value)));
                lines.push(format!(
                    "        vars: {{ {} }}",
                    vars.collect::<Vec<_>>().join(", ")
                ));
            }
        }
    }
    lines.join("\n") + "\n"
}

/// Returns a value that stands for itself, braces and all.
fn quoted(value: &str) -> String {
    scalar(&value.replace("{{", "{{ \"{{\" }}"))
}

fn first_path(hardware: &Hardware) -> String {
    let line = hardware
        .images
        .first()
        .and_then(|image| image.lines.first());
    let path = line
        .and_then(|line| line.split_once(": "))
        .map_or("", |(_, path)| path);
    comment(path)
}

/// Writes `vars:` and `secrets:`.
fn variables(plan: &Plan, lines: &mut Vec<String>, report: &mut ImportReport) {
    let (secrets, vars): (Vec<_>, Vec<_>) =
        plan.uses.vars.iter().partition(|(name, _)| is_secret(name));
    if !vars.is_empty() {
        lines.extend([String::new(), "vars:".to_owned()]);
    }
    for (name, defaults) in vars {
        let usual = match name.as_str() {
            "user" => Some("user"),
            "realname" => Some("Test User"),
            "serialdev" => Some("ttyS0"),
            _ => None,
        };
        let value = usual
            .or(defaults.first().map(String::as_str))
            .unwrap_or_default();
        lines.push(format!("  {}: {}", scalar(name), quoted(value)));
        if defaults.len() > 1 {
            let all: Vec<&str> = defaults.iter().map(String::as_str).collect();
            report.problems.push(format!(
                "`{name}` has several values where no job has one: {}",
                all.join(", ")
            ));
        }
        if name == "user" {
            report
                .to_give
                .push("the user in `vars:` of qa.yaml".to_owned());
        }
    }
    let mut names: Vec<(&str, &str)> = secrets
        .iter()
        .map(|(name, _)| (name.as_str(), name.as_str()))
        .collect();
    if plan.uses.password {
        names.push(("password", "QA_PASSWORD"));
    }
    if !names.is_empty() {
        lines.extend([String::new(), "secrets:".to_owned()]);
    }
    for (name, variable) in names {
        lines.push(format!("  {name}: {{ env: {variable} }}"));
        report.to_give.push(format!(
            "the secret `{name}`, in the environment variable {variable}"
        ));
    }
}

/// Counts what was told, and collects what was not.
fn numbers(plan: &Plan, report: &mut ImportReport) {
    for (_, module) in plan.modules.values() {
        report.told += module.tally.told;
        report.left += module.tally.left;
        let before = report.todos.len();
        collect(&module.entries, &mut report.todos);
        report.whole_modules += usize::from(report.todos.len() == before);
    }
    let bases: BTreeSet<&String> = plan
        .modules
        .values()
        .filter_map(|(_, module)| module.base.as_ref())
        .collect();
    for (class, hook, place) in &plan.hooks {
        if bases.contains(class) {
            report.problems.push(format!(
                "{place}: openQA runs `{hook}` with each module of `{class}`"
            ));
        }
    }
    let used = |name: &str| {
        TAKEN.contains(&name)
            || plan.uses.vars.contains_key(name)
            || name.starts_with("GENERAL_HW_")
    };
    for job in &plan.jobs.jobs {
        for name in job.settings.keys().filter(|name| !used(name)) {
            *report.settings.entry(name.clone()).or_default() += 1;
        }
    }
}

fn collect(entries: &[Entry], todos: &mut Vec<(String, String, Option<String>)>) {
    for entry in entries {
        match entry {
            Entry::Step(step) => collect(step.steps.as_deref().unwrap_or_default(), todos),
            Entry::Comment(_) => {}
            Entry::Todo(todo) => {
                let source = todo.source.first().cloned().unwrap_or_default();
                todos.push((
                    format!("{}:{}", todo.file, todo.line),
                    source,
                    todo.reason.clone(),
                ));
            }
        }
    }
}
