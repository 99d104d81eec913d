//! Steps that need a drive or a disk that the machine does not have.

#![allow(clippy::expect_used, reason = "a test may end where it is wrong")]

mod golden;

use golden::assert_golden;
use scenarios::{Code, Diagnostic, Library, Project, Source, check_drives};

const PROJECT: &str = "\
images:
  gnome: { path: gnome.qcow2 }
  live: { path: live.iso, machine: two-disks }
  remote: { path: unknown }
  stick: { path: live.iso, machine: stick }
  seeded: { path: gnome.qcow2, machine: seeded }
machines:
  stick: { disk: { bus: usb } }
  seeded: { cdrom: seed.iso }
  two-disks: { disks: [{ size: 10G }, { size: 1G }] }
";

/// What is found in a scenario of these steps, one a line, on this image.
fn findings(image: &str, steps: &str) -> Vec<Diagnostic> {
    let lines: String = steps.lines().map(|line| format!("  {line}\n")).collect();
    let text = format!("image: {image}\nsteps:\n{lines}");
    let part = "fragment: true\nsteps: [{ media: eject }]\n";
    let (library, findings) = Library::read([
        Source::new("scenarios/a.yaml", text.as_str()),
        Source::new("scenarios/parts/eject.yaml", part),
    ]);
    assert_eq!(findings, [], "the scenario itself is right");
    let (project, findings) = Project::read(&Source::new("qa.yaml", PROJECT));
    assert_eq!(findings, [], "the project itself is right");
    let is_cd = |image: &scenarios::Image| match image.name.as_str() {
        "gnome" | "seeded" => Some(false),
        "live" | "stick" => Some(true),
        _ => None,
    };
    check_drives(&project.expect("a project"), &library, is_cd)
}

#[test]
fn what_the_machine_has_is_right() {
    for steps in [
        "- media: eject",
        "- media: { insert: other.iso }",
        "- boot: cd",
        "- boot: disk1",
        "- boot: disk2",
    ] {
        assert_eq!(findings("live", steps), [], "{steps}");
    }
    assert_eq!(findings("gnome", "- boot: disk"), []);
    // The image of a CD is no CD on a USB stick.
    assert_eq!(findings("stick", "- boot: disk"), []);
    assert_eq!(findings("stick", "- boot: cd").len(), 1);
    assert_eq!(
        findings("seeded", "- media: eject\n- boot: cd\n- boot: disk"),
        []
    );
}

#[test]
fn what_it_does_not_have_is_told_with_what_there_is() {
    for (image, name, steps) in [
        ("gnome", "media_without_a_drive", "- media: eject"),
        ("gnome", "boot_without_a_drive", "- boot: cd"),
        (
            "live",
            "boot_from_a_disk_too_many",
            "- group: { name: g, steps: [{ boot: disk3 }] }",
        ),
        ("live", "boot_from_the_image_that_is_a_cd", "- boot: disk"),
        (
            "gnome",
            "media_in_a_fragment",
            "- include: parts/eject.yaml",
        ),
    ] {
        let findings = findings(image, steps);
        assert_eq!(findings.len(), 1, "{steps}: {findings:?}");
        assert_eq!(findings[0].code, Code::NoDrive, "{steps}");
        assert_golden("drives", name, &findings);
    }
}

#[test]
fn what_may_be_for_another_machine_is_left_alone() {
    for steps in [
        "- { media: eject, when: image == 'live' }",
        "- group: { name: g, when: image == 'live', steps: [{ boot: cd }] }",
        "- { include: parts/eject.yaml, when: image == 'live' }",
        "- boot: '{{ image }}'",
    ] {
        assert_eq!(findings("gnome", steps), [], "{steps}");
    }
    assert_eq!(findings("remote", "- media: eject"), [], "nobody knows");
}
