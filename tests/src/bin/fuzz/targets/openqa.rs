//! A test distribution of openQA.

use std::collections::BTreeSet;

use scenarios::{Code, Distribution, Library, OpenqaFile, Project, Source, import_openqa, lint};

/// Gives the bytes to the import as every kind of file. Whatever comes of it has no errors.
pub(super) fn import(bytes: &[u8]) -> String {
    let file = |path: &str| OpenqaFile {
        path: path.to_owned(),
        content: bytes.to_vec(),
    };
    let paths = [
        "main.pm",
        "tests/a.pm",
        "tests/b.pm",
        "lib/c.pm",
        "job_groups/d.yaml",
        "schedule/e.yaml",
    ];
    let imported = import_openqa(&Distribution {
        files: paths.map(file).to_vec(),
        needles: vec![BTreeSet::from(["desktop".to_owned()])],
        needles_folder: "needles".to_owned(),
        problems: Vec::new(),
    });
    let source = |path: &str| Source::new(path, imported.files[path].as_str());
    let (project, mut findings) = Project::read(&source("qa.yaml"));
    let scenarios = imported
        .files
        .keys()
        .filter(|path| path.ends_with(".yaml") && *path != "qa.yaml");
    let (library, more) = Library::read(scenarios.map(|path| source(path)));
    findings.extend(more);
    findings.extend(lint(project.as_ref(), &library, &[]));
    // There are no facts about needles here.
    findings.retain(|finding| finding.is_error() && finding.code != Code::UnknownTag);
    assert!(findings.is_empty(), "{findings:?}");
    let report = &imported.report;
    assert!(report.page("IMPORT.md").lines().count() <= 24);
    format!(
        "{} {} {}",
        report.told.min(40),
        report.left.min(40),
        report.jobs.min(9)
    )
}
