//! What must hold meanwhile.

use std::collections::BTreeMap;

use scenarios::{KeyMaterial, Library, Render, Source, watches};

use super::vars;

/// What counts of the watches of a scenario.
fn watched(yaml: &str) -> Vec<KeyMaterial> {
    let text = format!("watch:\n  - {yaml}\nsteps: [{{ see: a }}]\n");
    let (library, findings) = Library::read([Source::new("a.yaml", text)]);
    assert_eq!(findings, []);
    let scenario = library.get("a").expect("the scenario");
    watches(None, scenario)
        .iter()
        .map(|watch| watch.render(&vars()).expect("a watch").key_material())
        .collect()
}

#[test]
fn everything_of_a_watch_but_its_name_counts() {
    let mut known: BTreeMap<[u8; 32], &str> = BTreeMap::new();
    for yaml in [
        "serial: a",
        "serial: b",
        "needle: a",
        "needle: b",
        "needle: a b",
        "needle: [a, b]",
        "reboots: any",
        "reboots: expected-only",
        "{ run: a, every: 1s }",
        "{ run: b, every: 1s }",
        "{ run: a, every: 2s }",
        "{ run: a, every: 1s, exit: 1 }",
        "{ run: a, every: 1s, exit: any }",
        "{ run: a, every: 1s, user: bob }",
        "panic",
        "journal: a",
        "journal: b",
        "{ journal: a, every: 1s }",
        "failed-units",
        "{ failed-units: { except: a.service }, name: x }",
        "{ failed-units: { except: [a.service, b.service] }, name: x }",
        "{ failed-units: ~, every: 1s }",
        "coredumps",
        "{ coredumps: { except: a }, name: x }",
        "segfault: a",
        "segfault: [a, b]",
        "{ segfault: a, every: 1s }",
    ] {
        let before = known.insert(watched(yaml)[0].digest, yaml);
        assert_eq!(before, None, "the same as {yaml}");
    }
    assert_eq!(
        watched("{ serial: alice, name: x }"),
        watched("{ serial: '{{ user }}', name: y }")
    );
    assert_eq!(
        watched("panic"),
        watched("serial: Kernel panic - not syncing"),
        "a word stands for what it means"
    );
    let looks = &watched("needle: [crash, busy now]")[0].looks;
    assert!(looks.include(&["crash".to_owned()]));
    assert!(!looks.include(&["busy".to_owned()]));
}
