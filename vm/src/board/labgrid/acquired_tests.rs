//! Tests of a place that is acquired.

use std::fs;

use super::*;
use crate::board::{
    all_returned,
    labgrid::{Labgrid, Mux, SerialProtocol, WriteMode, fake::Fake},
};

/// Returns a place that answers to these calls, and to those that acquire and release it.
async fn acquired(fake: &Fake, answers: &str) -> Labgrid {
    fake.answers(&format!(
        "case \"$*\" in
        *places) says places-free;;
        *acquire) says acquired;;
        *release-from*) says released;;
        {answers}
        esac"
    ));
    let owner = Owner::of_this_process("run").unwrap();
    Labgrid::acquire(&fake.spec("b1"), &owner, Duration::ZERO, |_| {})
        .await
        .unwrap()
}

#[tokio::test]
async fn each_action_is_one_call() {
    let fake = Fake::new("");
    let board = acquired(&fake, "*'power get') says power-on;; *) exit 0;;").await;
    let image = fake.folder().join("a b.img");
    fs::write(&image, "x").unwrap();
    board.power_on().await.unwrap();
    board.power_off().await.unwrap();
    board.power_cycle().await.unwrap();
    assert!(board.is_on().await.unwrap());
    board.sd_mux(Mux::Host).await.unwrap();
    board.write_image(&image, WriteMode::All).await.unwrap();
    board.write_image(&image, WriteMode::Bmap).await.unwrap();
    board.fastboot_flash("system", &image).await.unwrap();
    board.sd_mux(Mux::Dut).await.unwrap();
    let shown = image.display();
    assert_eq!(
        fake.calls()[2..],
        [
            "-p b1 power on".to_owned(),
            "-p b1 power off".to_owned(),
            "-p b1 power cycle".to_owned(),
            "-p b1 power get".to_owned(),
            "-p b1 sd-mux host".to_owned(),
            format!("-p b1 write-image --mode dd {shown}"),
            format!("-p b1 write-image --mode bmaptool {shown}"),
            format!("-p b1 fastboot flash system {shown}"),
            "-p b1 sd-mux dut".to_owned(),
        ]
    );
}

#[tokio::test]
async fn a_power_switch_says_on_or_off() {
    let fake = Fake::new("");
    let board = acquired(
        &fake,
        "*'power get') if once get; then says power-off; fi; echo perhaps; exit 0;;",
    )
    .await;
    assert!(!board.is_on().await.unwrap());
    assert_eq!(
        board.is_on().await.unwrap_err().kind,
        FaultKind::NotUnderstood
    );
}

#[tokio::test]
async fn an_exporter_that_is_killed_in_the_middle_is_named() {
    let fake = Fake::new("");
    let board = acquired(
        &fake,
        "*power*) if once on; then exit 0; fi; fails orphan;;",
    )
    .await;
    board.power_on().await.unwrap();
    let fault = board.power_off().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert_eq!(
        fault.words,
        "the labgrid exporter `exp1` of the place `b1` is gone"
    );
}

#[tokio::test]
async fn a_place_that_was_taken_away_is_told_and_not_released_from_its_new_owner() {
    let fake = Fake::new("");
    let board = acquired(&fake, "*power*) fails taken;;").await;
    let fault = board.power_on().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Held);
    assert_eq!(
        fault.words,
        "the place `b1` was taken from this run: it is acquired by qa-run1-123"
    );
    board.release().await.unwrap();
    assert!(
        fake.calls()
            .last()
            .unwrap()
            .starts_with("-p b1 release-from ")
    );
}

#[tokio::test]
async fn a_release_that_fails_is_tried_once_more() {
    let fake = Fake::new("");
    let board = acquired(&fake, "").await;
    fake.answers("fails coordinator-gone");
    assert_eq!(
        board.release().await.unwrap_err().kind,
        FaultKind::Unreachable
    );
    drop(board);
    all_returned().await;
    let releases = fake
        .calls()
        .iter()
        .filter(|call| call.contains("release-from"))
        .count();
    assert_eq!(releases, 2);
}

#[tokio::test]
async fn a_missing_image_is_told_before_anything_is_written() {
    let fake = Fake::new("");
    let board = acquired(&fake, "").await;
    let fault = board
        .write_image(Path::new("/nowhere/x.img"), WriteMode::All)
        .await
        .unwrap_err();
    assert!(
        fault
            .words
            .starts_with("there is no image to write: /nowhere/x.img"),
        "{fault:?}"
    );
    assert_eq!(fake.calls().len(), 2);
}

#[tokio::test]
async fn a_state_needs_the_file_that_has_its_strategy() {
    let fake = Fake::new("");
    let mut board = acquired(&fake, "*export*) says export;;").await;
    assert_eq!(
        board.state("shell").await.unwrap_err().kind,
        FaultKind::Refused
    );
    let file = fake.folder().join("env.yaml");
    fs::write(&file, "targets: {}").unwrap();
    let spec = LabgridSpec {
        environment: Some(file.clone()),
        ..fake.spec("b1")
    };
    board.client = Client::new(&spec, None);
    board.state("shell").await.unwrap();
    let expected = format!(
        "-c {} -p b1 -s shell export --format json -",
        file.display()
    );
    assert_eq!(fake.calls().last(), Some(&expected));
    fake.answers("fails no-strategy");
    let fault = board.state("shell").await.unwrap_err();
    assert!(
        fault
            .words
            .starts_with("labgrid cannot reach the state of the strategy: "),
        "{fault:?}"
    );
}

#[tokio::test]
async fn its_serial_line_is_that_of_the_named_resource() {
    let fake = Fake::new("");
    let mut board = acquired(
        &fake,
        "*export*) cat \"$2\" > \"$folder/env\"; says export;;",
    )
    .await;
    board.serial = Some("console".to_owned());
    let serial = board.export_serial().await.unwrap();
    assert_eq!((serial.port, serial.protocol), (21999, SerialProtocol::Raw));
    let file = fs::read_to_string(fake.folder().join("env")).unwrap();
    assert!(file.contains("\"console\""), "{file}");
}
