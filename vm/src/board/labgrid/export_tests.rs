//! Tests of the serial line of a place.

use std::fs;

use super::*;
use crate::board::labgrid::{LabgridSpec, fake::Fake};

async fn exported(fake: &Fake, resource: Option<&str>) -> Result<SerialExport, BoardFault> {
    SerialExport::of(&Client::new(&fake.spec("b1"), None), "b1", resource).await
}

#[tokio::test]
async fn the_address_comes_while_the_program_runs_and_ends_with_its_value() {
    // As the real one does: no line end, and then it lives on.
    let fake = Fake::new(
        "cat \"$recordings/export\"; echo Waiting >&2; cat \"$4\" > \"$folder/env\"; exec sleep 1000",
    );
    let mut serial = exported(&fake, None).await.unwrap();
    assert_eq!(
        (&*serial.host, serial.port, serial.speed),
        ("127.0.0.1", 21999, 115_200)
    );
    assert_eq!(serial.protocol, SerialProtocol::Raw);
    let lost = tokio::time::timeout(Duration::from_millis(20), serial.lost()).await;
    assert!(lost.is_err(), "{lost:?}");
}

#[tokio::test]
async fn a_program_that_ends_later_is_told() {
    let fake = Fake::new("says export");
    let mut serial = exported(&fake, None).await.unwrap();
    assert_eq!(serial.lost().await.kind, FaultKind::Unreachable);
}

#[tokio::test]
async fn the_file_for_labgrid_names_the_place_and_the_resource() {
    let fake = Fake::new("cat \"$2\" >> \"$folder/env\"; echo >> \"$folder/env\"; says export");
    exported(&fake, None).await.unwrap();
    exported(&fake, Some("uart\"1")).await.unwrap();
    let files = fs::read_to_string(fake.folder().join("env")).unwrap();
    let expected = "\
        {\"targets\":{\"main\":{\"drivers\":[{\"SerialDriver\":{}}],\
        \"resources\":{\"RemotePlace\":{\"name\":\"b1\"}}}}}\n\
        {\"targets\":{\"main\":{\"drivers\":[{\"SerialDriver\":{\"bindings\":{\"port\":\"uart\\\"1\"}}}],\
        \"resources\":{\"RemotePlace\":{\"name\":\"b1\"}}}}}\n";
    assert_eq!(files, expected);
}

#[tokio::test]
async fn the_file_of_the_site_comes_first() {
    let fake = Fake::new(
        "case \"$*\" in *site.yaml*) echo '{\"LG__CLIENT_PID\": \"1\"}'; exit 0;; *) says export;; esac",
    );
    let file = fake.folder().join("site.yaml");
    fs::write(&file, "targets: {}").unwrap();
    let spec = LabgridSpec {
        environment: Some(file),
        ..fake.spec("b1")
    };
    // It has no serial line, so labgrid is asked for one.
    let serial = SerialExport::of(&Client::new(&spec, None), "b1", None)
        .await
        .unwrap();
    assert_eq!(serial.port, 21999);
    assert_eq!(fake.calls().len(), 2);
}

#[tokio::test]
async fn failures_and_garbage_are_faults() {
    let rows = [
        (
            "fails orphan",
            FaultKind::Unreachable,
            "the labgrid exporter `exp1` of the place `b1` is gone",
        ),
        (
            "fails serial-two 2",
            FaultKind::Refused,
            "the place `b1` has several resources to reach the serial line with",
        ),
        (
            "echo '<html>'; exit 0",
            FaultKind::NotUnderstood,
            "`labgrid-client` gave an export in an unknown form: <html>",
        ),
        (
            "yes garbage",
            FaultKind::NotUnderstood,
            "`labgrid-client` gave an export in an unknown form: garbage",
        ),
        (
            "echo '{\"LG_PROTOCOL\": \"raw\", \"LG_HOST\": \"h\", \"LG_PORT\": \"99999\", \
            \"LG_SPEED\": \"1\"}'; exit 0",
            FaultKind::NotUnderstood,
            "`labgrid-client` gave the serial line in an unknown form: ",
        ),
        (
            "echo '{\"LG_A_PROTOCOL\": \"raw\", \"LG_B_PROTOCOL\": \"raw\"}'; exit 0",
            FaultKind::Refused,
            "the environment file has several serial lines: `LG_A`, `LG_B`",
        ),
    ];
    for (answers, kind, words) in rows {
        let fake = Fake::new(answers);
        let fault = exported(&fake, None).await.unwrap_err();
        assert_eq!(fault.kind, kind, "{answers}: {fault:?}");
        assert!(fault.words.starts_with(words), "{answers}: {fault:?}");
    }
}
