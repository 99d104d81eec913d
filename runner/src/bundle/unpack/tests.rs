//! Bundles from strangers.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

/// Returns a zip file with these files.
fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        zip.start_file(*name, options).expect("a file");
        zip.write_all(bytes).expect("bytes");
    }
    zip.finish().expect("a zip file").into_inner()
}

fn error_of(bytes: Vec<u8>) -> String {
    let dir = tempfile::tempdir().expect("a folder");
    let inside = dir.path().join("in");
    fs::create_dir(&inside).expect("a folder");
    let error = unpack_into(Cursor::new(bytes), &inside).expect_err("a refusal");
    let beside = fs::read_dir(dir.path()).expect("a folder").count();
    assert_eq!(beside, 1, "nothing is written outside");
    error.to_string()
}

#[test]
fn names_that_lead_out_are_refused() {
    for name in [
        "../events.jsonl",
        "b/../../x",
        "/etc/x",
        "b//x",
        "b/./x",
        "events.jsonl",
        "b\\..\\x/y",
        "b/\u{1b}[2J",
        "b/1/2/3/4/5/6/7/8",
    ] {
        let text = error_of(packed(&[("b/events.jsonl", b"{}"), (name, b"x")]));
        assert!(text.contains("not allowed in a bundle"), "{name}: {text}");
    }
}

#[test]
fn links_and_missing_logs_and_other_files_are_refused() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("b/link", "/etc/passwd", SimpleFileOptions::default())
        .expect("a link");
    let bytes = zip.finish().expect("a zip file").into_inner();
    assert!(error_of(bytes).contains("`b/link` in it is a link"));
    let text = error_of(packed(&[("b/report.html", b"x")]));
    assert!(text.contains("it has no `events.jsonl`"), "{text}");
    let text = error_of(b"PK\x03\x04 and nothing else".to_vec());
    assert!(text.contains("it is no bundle, or it is damaged"), "{text}");
}

#[test]
fn a_damaged_file_is_refused() {
    let content: Vec<u8> = (0..3000_u32).map(|n| (n * n % 251) as u8).collect();
    let mut bytes = packed(&[("b/events.jsonl", &content)]);
    // In the middle of what is packed.
    bytes[60] ^= 0xff;
    bytes[61] ^= 0xff;
    let text = error_of(bytes);
    assert!(text.contains("damaged"), "{text}");
}

#[test]
fn more_than_the_limit_is_not_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("zeros");
    let error = copy(&mut io::repeat(0), &path, 1000).expect_err("too large");
    assert!(matches!(error, UnpackError::TooLarge), "{error}");
    assert_eq!(fs::metadata(&path).expect("a file").len(), 1001);
    let left = copy(&mut [1_u8; 10].as_slice(), &dir.path().join("ten"), 1000);
    assert_eq!(left.expect("room"), 990);
}

#[test]
fn too_many_files_are_refused_before_one_is_written() {
    let names: Vec<String> = (0..=MOST_FILES).map(|n| format!("b/{n}")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let text = error_of(packed(&files));
    assert!(text.contains("a bundle has at most"), "{text}");
}

#[test]
fn a_bundle_is_unpacked_beside_itself_and_its_folder_is_used_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("login.zip");
    fs::write(
        &file,
        packed(&[("x/events.jsonl", b"one"), ("x/s/a.log", b"a")]),
    )
    .expect("a file");
    assert!(is_bundle(&file) && !is_bundle(dir.path()));
    for _ in 0..2 {
        assert_eq!(unpack(&file).expect("a folder"), dir.path().join("login"));
    }
    assert_eq!(
        fs::read(dir.path().join("login/s/a.log")).expect("a file"),
        b"a"
    );
    fs::write(&file, packed(&[("x/events.jsonl", b"two")])).expect("a file");
    assert_eq!(unpack(&file).expect("a folder"), dir.path().join("login-2"));
    let names = fs::read_dir(dir.path()).expect("a folder").count();
    assert_eq!(names, 3, "nothing else is left");
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_an_error_and_no_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        error_of([b"PK\x03\x04".as_slice(), &bytes].concat());
    }
}
