//! The repository's own project.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may end where it is wrong"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use scenarios::{Action, Library, NeedleFacts, Plan, Project, Source, TagQuery, Target, lint};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn project() -> Project {
    let text = fs::read_to_string(root().join("qa.yaml")).expect("qa.yaml");
    let (project, findings) = Project::read(&Source::new("qa.yaml", text));
    assert_eq!(findings, []);
    project.expect("a project")
}

fn library() -> Library {
    let folder = root().join("scenarios");
    let files = fs::read_dir(folder).expect("the folder of scenarios");
    let sources = files
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let text = fs::read_to_string(&path).expect("a scenario");
            Source::new(format!("scenarios/{name}"), text)
        });
    let (library, findings) = Library::read(sources);
    assert_eq!(findings, []);
    library
}

/// The tags that the scenarios look for, each on a needle of its own.
fn needles_of(library: &Library) -> Vec<NeedleFacts> {
    let mut tags: BTreeSet<String> = BTreeSet::new();
    let mut add = |query: &TagQuery<scenarios::Written>| {
        for set in &query.any_of {
            let set = set.ready().expect("a tag without variables");
            tags.extend(set.tags().iter().cloned());
        }
    };
    for step in library
        .scenarios()
        .chain(library.fragments())
        .flat_map(|scenario| scenario.all_steps())
    {
        match &step.action {
            Action::See(see) => add(&see.needle),
            Action::Press(press) => press.until.iter().for_each(&mut add),
            Action::Click(click) => {
                click.until.iter().for_each(&mut add);
                match &click.target {
                    Target::Needle { needle, .. } => add(needle),
                    Target::At { .. } => {}
                }
            }
            _ => {}
        }
    }
    tags.into_iter()
        .map(|tag| NeedleFacts {
            name: tag.clone(),
            path: format!("needles/{tag}.json"),
            tags: vec![tag],
            ..NeedleFacts::default()
        })
        .collect()
}

#[test]
fn the_shipped_scenarios_have_no_findings() {
    let library = library();
    let needles = needles_of(&library);
    assert!(needles.len() >= 10, "{needles:?}");
    assert_eq!(lint(Some(&project()), &library, &needles), []);
}

#[test]
fn the_shipped_scenarios_start_where_the_login_ended() {
    let library = library();
    let plan = Plan::new(&library, &[]).expect("a plan");
    let names = |nodes: &[scenarios::PlanNode]| -> Vec<String> {
        nodes
            .iter()
            .map(|node| node.scenario.name.clone())
            .collect()
    };
    let first = [
        ("application-install", "atomic"),
        ("board-boot", "console-riscv64"),
        ("console-login", "console"),
        ("gnome-login", "gnome"),
        ("install", "live-installer"),
        ("installer-start", "debian-installer"),
        ("kde-login", "kde"),
        ("migration", "console-bookworm"),
        ("no-unexpected-reboot", "atomic"),
        ("update", "atomic"),
        ("rollback-automatic", "atomic"),
        ("snapshot-update", "snapshots"),
        ("snapshot-rollback-automatic", "snapshots"),
        ("toolbox", "toolbox"),
        ("update-disk-full", "atomic"),
        ("update-interrupted", "atomic"),
    ];
    assert_eq!(names(&plan.roots), first.map(|(name, _)| name));
    let after = |name: &str| {
        let root = plan.roots.iter().find(|root| root.scenario.name == name);
        names(&root.expect("a scenario from power-on").next)
    };
    assert_eq!(
        after("gnome-login"),
        [
            "gnome-calculator",
            "gnome-logout",
            "gnome-text-editor",
            "update-needs-reboot-notice"
        ]
    );
    assert_eq!(after("kde-login"), ["kde-konsole", "kde-logout"]);
    assert_eq!(after("installer-start"), ["installer-debian"]);
    for chain in plan.chains() {
        let image = project().image_for(&chain).expect("an image").name.clone();
        let login = chain.stages[0].name.as_str();
        assert!(first.contains(&(login, image.as_str())), "{login}: {image}");
    }
}

#[test]
fn the_password_is_a_variable_that_is_typed_as_a_secret() {
    assert!(project().vars.contains_key("password"));
    let library = library();
    for name in ["gnome-login", "console-login"] {
        let steps = library.find(name).expect("a scenario").all_steps();
        let typed: Vec<_> = steps
            .iter()
            .filter_map(|step| match &step.action {
                Action::Type(typed)
                    if typed
                        .text
                        .template()
                        .variables()
                        .any(|(v, _)| v == "password") =>
                {
                    Some(typed.secret)
                }
                _ => None,
            })
            .collect();
        assert_eq!(typed, [true], "{name}");
    }
}
