//! Images on the KVM.

use std::{path::PathBuf, time::Duration};

use serde_json::json;

use super::super::{
    super::{
        fake::{FakeKvmd, refused},
        spec::KvmdLimits,
    },
    *,
};
use crate::board::http::{Limits, fake_site::Reply};

fn image(size: usize) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.iso");
    std::fs::write(&path, vec![b'x'; size]).unwrap();
    (folder, path)
}

#[tokio::test]
async fn an_image_is_written_in_place_of_an_earlier_one_and_connected() {
    let fake = FakeKvmd::start().await;
    let kvmd = fake.connect().await.unwrap();
    for (size, cdrom) in [(300, true), (500, false)] {
        let (_folder, path) = image(size);
        kvmd.write_medium(&path, "qa.iso", cdrom).await.unwrap();
        let state = fake.msd();
        assert_eq!(state["storage"]["images"]["qa.iso"]["size"], size);
        let drive = &state["drive"];
        assert_eq!(
            (&drive["cdrom"], &drive["rw"]),
            (&json!(cdrom), &json!(!cdrom))
        );
        assert_eq!(drive["image"]["name"], "qa.iso");
        assert_eq!(drive["connected"], false);
        kvmd.connect_medium(true).await.unwrap();
        assert_eq!(fake.msd()["drive"]["connected"], true);
    }
    kvmd.connect_medium(true).await.unwrap();
    kvmd.connect_medium(false).await.unwrap();
    assert_eq!(fake.msd()["drive"]["connected"], false);
}

#[tokio::test]
async fn an_image_that_does_not_fit_is_refused_before_it_is_sent() {
    let fake = FakeKvmd::start().await;
    let kvmd = fake.connect().await.unwrap();
    let (_folder, path) = image(601);
    let fault = kvmd.write_medium(&path, "qa.iso", true).await.unwrap_err();
    assert!(
        fault
            .words
            .starts_with("the image is larger than the free space"),
        "{fault}"
    );
    assert!(fault.words.ends_with("601 bytes, 600 are free"), "{fault}");
    assert_eq!(fake.requests(), ["GET /api/msd", "GET /api/msd"]);
    // What is replaced makes room.
    let known = json!({"images": {"qa.iso": {"size": 1}}, "parts": {"": {"free": 600}}});
    fake.tell("msd", json!({"storage": known}));
    kvmd.write_medium(&path, "qa.iso", true).await.unwrap();
}

#[tokio::test]
async fn an_image_that_is_not_taken_whole_is_told() {
    let fake = FakeKvmd::start().await;
    let limits = KvmdLimits {
        http: Limits {
            answer: Duration::from_millis(100),
            ..Limits::default()
        },
        upload: Duration::from_millis(50),
        ..KvmdLimits::default()
    };
    let kvmd = fake.connect_within(limits).await.unwrap();
    let (_folder, path) = image(10);
    let written = json!({"ok": true, "result": {"image": {"written": 7}}});
    let rows = [
        (Reply::json(200, &written), "has 7 of the 10 bytes"),
        (
            Reply::json(200, &json!({"ok": true, "result": {}})),
            "has 0 of the 10 bytes",
        ),
        (refused(400, "No space left"), "400 No space left"),
        (Reply::Close, "cannot be reached"),
        (
            Reply::Hang,
            "took nothing of the image for 50ms, after 10 of 10 bytes",
        ),
    ];
    for (reply, words) in rows {
        fake.on("/api/msd/write", reply);
        let fault = kvmd.write_medium(&path, "qa.iso", true).await.unwrap_err();
        assert!(fault.words.contains(words), "{words}: {fault}");
    }
}

#[tokio::test]
async fn a_kvm_without_a_medium_and_an_image_that_is_not_there_are_told() {
    let fake = FakeKvmd::start().await;
    let kvmd = fake.connect().await.unwrap();
    let fault = kvmd
        .write_medium("/nowhere/x.iso".as_ref(), "x", true)
        .await;
    assert_eq!(fault.unwrap_err().kind, FaultKind::Missing);
    fake.tell("msd", json!({"online": false}));
    let fault = kvmd.connect_medium(true).await.unwrap_err();
    assert!(fault.words.ends_with("has no virtual medium"), "{fault}");
}
