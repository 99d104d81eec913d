//! Tests which files are told for the drive and for the guest.

use std::collections::BTreeSet;

use super::materials;

#[test]
fn the_files_of_media_are_told_unless_one_is_known_only_later() {
    let media = |steps: &str| {
        let text = format!("steps:\n{steps}");
        let materials = materials(&[("a.yaml", &text)]);
        let media = materials.into_iter().map(|material| material.media);
        media.collect::<Vec<_>>()
    };
    let some = |paths: &[&str]| {
        let paths = paths.iter().map(|path| (*path).to_owned());
        Some(paths.collect::<BTreeSet<_>>())
    };
    let told = media(
        "  - media: eject\n  - group: { name: g, steps: [{ media: { insert: a.iso } }, { media: { insert: \
        '{{ user }}.iso' } }] }\n",
    );
    assert_eq!(told, [some(&[]), some(&["a.iso", "alice.iso"])]);
    let told = media(
        "  - set: { user: bob }\n  - media: { insert: a.iso }\n  \
        - group: { name: g, steps: [{ media: { insert: '{{ user }}.iso' } }] }\n",
    );
    assert_eq!(told, [some(&[]), some(&["a.iso"]), None]);
}

#[test]
fn the_files_that_are_copied_are_told_unless_one_is_known_only_later() {
    let files = |steps: &str| {
        let text = format!("steps:\n{steps}");
        let materials = materials(&[("a.yaml", &text)]);
        let told = materials.into_iter().map(|material| material.files);
        told.collect::<Vec<_>>()
    };
    let some = |paths: &[&str]| {
        let paths = paths.iter().map(|path| (*path).to_owned());
        Some(paths.collect::<BTreeSet<_>>())
    };
    let told = files(
        "  - put: { text: a, to: /a }\n  - put: { file: 'x/{{ user }}', to: /a }\n  \
        - run: { command: id, save: user }\n  - put: { file: 'x/{{ user }}', to: /a }\n",
    );
    assert_eq!(told, [some(&[]), some(&["x/alice"]), some(&[]), None]);
}
