//! Updates and rollbacks at length, and what their scenarios say of an image with a defect.

use reports::{CauseKind, Verdict};

use crate::host::{Project, require_image};
use crate::typing::{Place, Typing, arrives};
use crate::updates::hold;

#[test]
fn a_person_goes_back_to_the_version_before() {
    hold("atomic", &["update", "rollback", "rollback-command"]);
}

#[test]
fn an_interrupted_update_leaves_a_whole_system() {
    hold("atomic", &["update-interrupted", "update-disk-full"]);
}

#[test]
fn nothing_restarts_unasked() {
    hold("atomic", &["no-unexpected-reboot"]);
}

#[test]
fn an_application_outlives_an_update() {
    hold("atomic", &["application-install"]);
}

#[test]
fn snapshots_are_updated_and_rolled_back() {
    hold("snapshots", &["snapshot-update", "snapshot-rollback"]);
    hold("snapshots", &["snapshot-rollback-automatic"]);
}

#[test]
fn a_person_is_told_that_an_update_needs_a_restart() {
    hold("gnome", &["update-needs-reboot-notice"]);
}

/// Three texts of 10,000 characters each.
fn ten_thousand(place: Place, input: &'static str) {
    arrives(Typing {
        place,
        input,
        length: 10_000,
        texts: 3,
    });
}

#[test]
fn ten_thousand_characters_arrive_on_a_console_through_virtio() {
    ten_thousand(Place::Console, "virtio");
}

#[test]
fn ten_thousand_characters_arrive_on_a_console_through_usb() {
    ten_thousand(Place::ConsoleOfDesktop, "usb");
}

#[test]
fn ten_thousand_characters_arrive_on_a_desktop() {
    ten_thousand(Place::Desktop, "virtio");
    ten_thousand(Place::Desktop, "usb");
}

#[test]
fn one_release_becomes_the_next() {
    hold("console-bookworm", &["migration"]);
}

#[test]
fn a_person_has_a_system_of_their_own_in_a_container() {
    hold("toolbox", &["toolbox"]);
}

/// The scenario fails on the image with the defect, and this is what it says first.
fn finds(image: &str, name: &str, kind: &CauseKind, message: &str) {
    require_image(image);
    let outcome = Project::shipped()
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
fn an_application_that_an_update_loses_is_found() {
    let message = r"the output of `systemd-sysext status` does not match `^/usr +nano\b`";
    finds(
        "atomic-forgets-applications",
        "application-install",
        &CauseKind::Command,
        message,
    );
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

#[test]
fn an_update_that_needs_a_restart_and_tells_nobody_is_found() {
    finds(
        "gnome-no-notice",
        "update-needs-reboot-notice",
        &CauseKind::Deadline,
        "gnome-restart-notice",
    );
}

#[test]
fn an_update_that_restarts_the_machine_by_itself_is_found() {
    finds(
        "gnome-restarts-itself",
        "update-needs-reboot-notice",
        &CauseKind::UnexpectedReset,
        "no step had asked for it",
    );
}

#[test]
fn a_kernel_that_an_upgrade_leaves_is_found() {
    finds(
        "console-bookworm-old-kernel",
        "migration",
        &CauseKind::Assertion,
        "runs, and the newest is",
    );
}

#[test]
fn a_user_without_ids_for_the_people_of_a_container_is_found() {
    finds(
        "toolbox-no-subids",
        "toolbox",
        &CauseKind::Assertion,
        "user has no ids to give to the people of a container",
    );
}
