//! Tests of storage that labgrid writes.

use std::time::Duration;

use super::*;
use crate::board::labgrid::Fake;

/// Writes an image on a place that answers so. Returns the calls from the first multiplexer on.
async fn written(answers: &str) -> (Result<(), BoardFault>, Vec<String>) {
    let fake = Fake::new(&format!(
        "case \"$*\" in *places) says places-free;; *acquire) says acquired;; *release-from*) says released;; \
         {answers} esac"
    ));
    let owner = Owner::of_this_process("run").unwrap();
    let spec = fake.spec("b1");
    let labgrid = Labgrid::acquire(&spec, &owner, Duration::ZERO, |_| {});
    let labgrid = labgrid.await.unwrap();
    let image = fake.folder().join("image");
    std::fs::write(&image, "image").unwrap();
    let written = write_by_labgrid(&labgrid, &image).await;
    labgrid.release().await.unwrap();
    let calls = fake.calls().into_iter().skip(2);
    let words = |call: String| {
        call.split(' ').nth(2).unwrap().to_owned() + call.split(' ').nth(3).unwrap_or("")
    };
    (written, calls.map(words).collect())
}

#[tokio::test]
async fn the_board_gets_its_card_also_after_a_write_that_failed() {
    let (done, calls) = written("*sd-mux*) exit 0;; *write-image*) exit 0;;").await;
    done.unwrap();
    let order = |calls: &[String]| calls.join(" ");
    assert!(
        order(&calls).starts_with("sd-muxhost write-image--mode sd-muxdut"),
        "{calls:?}"
    );
    let (done, calls) =
        written("*sd-mux*) exit 0;; *write-image*) echo no card >&2; exit 1;;").await;
    assert!(done.unwrap_err().words.contains("no card"));
    assert!(
        order(&calls).starts_with("sd-muxhost write-image--mode sd-muxdut"),
        "{calls:?}"
    );
}

#[tokio::test]
async fn only_a_place_without_a_multiplexer_is_written_without_one() {
    let (done, calls) = written("*sd-mux*) fails no-storage;; *write-image*) exit 0;;").await;
    done.unwrap();
    assert!(!calls.contains(&"sd-muxdut".to_owned()), "{calls:?}");
    let broken = "*sd-mux*) echo usb hub is gone >&2; exit 1;; *write-image*) exit 0;;";
    let (done, calls) = written(broken).await;
    assert!(done.unwrap_err().words.contains("usb hub is gone"));
    assert!(
        !calls.iter().any(|call| call.starts_with("write-image")),
        "{calls:?}"
    );
}
