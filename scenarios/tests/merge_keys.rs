//! Anchors, aliases and merge keys of YAML in scenarios and project files.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may end where it is wrong"
)]

use scenarios::{Code, Project, Scenario, Source};

#[test]
fn a_merge_key_takes_the_fields_of_another_map() {
    let text = "\
machines:
  base: &base { preset: bios-x86_64, memory: 1G, cpus: 2 }
  more: &more { cpus: 8, tpm: true }
  large:
    memory: 4G
    <<: *base
  both: { <<: [*base, *more] }
images:
  disk: { path: a.qcow2, machine: large }
";
    let (project, findings) = Project::read(&Source::new("qa.yaml", text));
    assert_eq!(findings, []);
    let project = project.expect("a project");
    let memory = |name: &str| project.machines[name].memory_mib;
    assert_eq!(
        memory("large"),
        4 * memory("base"),
        "a field of its own wins"
    );
    assert_eq!(project.machines["large"].cpus, 2);
    assert_eq!(
        project.machines["both"].cpus, 2,
        "the first map of a list wins"
    );
    assert!(project.machines["both"].tpm);
}

#[test]
fn a_mistake_in_a_merged_map_is_told_where_it_is_written() {
    let text = "\
steps:
  - see: &look
      needle: desktop
      whithin: 5s
  - see:
      <<: *look
      for: 2s
";
    let (_, findings) = Scenario::read(&Source::new("scenarios/a.yaml", text));
    let places: Vec<_> = findings
        .iter()
        .map(|finding| (finding.code, finding.place()))
        .collect();
    // Once, although two steps have it.
    let place = Some("scenarios/a.yaml:4:7".to_owned());
    assert_eq!(places, [(Code::UnknownField, place)]);
}

#[test]
fn a_quoted_key_merges_nothing_and_text_cannot_be_merged() {
    let text = "vars: { \"<<\": x }\nsteps: [{ note: a }]\n";
    let (_, findings) = Scenario::read(&Source::new("scenarios/a.yaml", text));
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].code, Code::InvalidValue);
    let text = "vars:\n  <<: text\nsteps: [{ note: a }]\n";
    let (_, findings) = Scenario::read(&Source::new("scenarios/a.yaml", text));
    assert_eq!(findings[0].code, Code::WrongType);
    assert_eq!(findings[0].place().as_deref(), Some("scenarios/a.yaml:2:7"));
    assert!(
        findings[0].message.contains("`<<` takes a map"),
        "{findings:?}"
    );
}
