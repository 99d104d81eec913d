//! Updates and rollbacks at length, and what their scenarios say of an image with a defect.

use reports::{CauseKind, Verdict};

use crate::desktop::shipped;
use crate::host::require_image;

/// All these hold, each from power-on of a fresh disk or from where another one ended.
fn hold(image: &str, names: &[&str]) {
    require_image(image);
    let args = [names, &["--cold"]].concat();
    let outcome = shipped(names).run(&args).exits_with(0);
    for name in names {
        assert_eq!(outcome.verdict(name).0, Verdict::Passed, "{name}");
    }
}

#[test]
fn whole_systems_are_updated_and_rolled_back() {
    hold("atomic", &["update", "rollback", "rollback-command"]);
    hold("atomic", &["rollback-automatic"]);
}

#[test]
fn an_interrupted_update_leaves_a_whole_system() {
    require_image("atomic");
    let names = ["update-interrupted", "update-disk-full"];
    // The steps around each power cut are a fragment.
    let outcome = shipped(&["update-interrupted", "update-disk-full", "update-power-cut"])
        .run(&names)
        .exits_with(0);
    for name in names {
        assert_eq!(outcome.verdict(name).0, Verdict::Passed, "{name}");
    }
}

#[test]
fn nothing_restarts_unasked() {
    hold("atomic", &["no-unexpected-reboot"]);
}

#[test]
fn snapshots_are_updated_and_rolled_back() {
    hold("snapshots", &["snapshot-update", "snapshot-rollback"]);
    hold("snapshots", &["snapshot-rollback-automatic"]);
}

/// The scenario fails on the image with the defect, and this is what it says first.
fn finds(image: &str, name: &str, kind: &CauseKind, message: &str) {
    require_image(image);
    let outcome = shipped(&[name])
        .run(&[name, "--image", image])
        .exits_with(1);
    let (verdict, cause) = outcome.verdict(name);
    let cause = cause.unwrap();
    assert_eq!((verdict, &cause.kind), (Verdict::Failed, kind), "{cause:?}");
    assert!(cause.message.contains(message), "{cause:?}");
}

#[test]
fn an_update_that_nobody_counts_is_found() {
    let message = r"the output of `ls /efi/EFI/Linux` does not match `^atomic_3\+3-0\.efi$`";
    finds(
        "atomic-no-rollback",
        "rollback-automatic",
        &CauseKind::Command,
        message,
    );
}

#[test]
fn a_usr_that_can_be_written_is_found() {
    let message = "findmnt --noheadings --output OPTIONS --target /usr` does not match `^ro";
    finds(
        "atomic-writable-usr",
        "update",
        &CauseKind::Command,
        message,
    );
}

#[test]
fn lost_data_is_found() {
    let message = "`cat /home/user/notes` ended with status 1";
    finds("atomic-loses-data", "update", &CauseKind::Command, message);
}

#[test]
fn a_restart_that_nobody_asked_for_is_found() {
    finds(
        "atomic-restarts",
        "no-unexpected-reboot",
        &CauseKind::UnexpectedReset,
        "no step had asked for it",
    );
}

#[test]
fn a_health_check_that_finds_everything_good_is_found() {
    finds(
        "snapshots-no-rollback",
        "snapshot-rollback-automatic",
        &CauseKind::Assertion,
        "A snapshot in which greeting.service failed is found good",
    );
}
