//! Tests transfers with the shells of this host in the place of the guest's.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use vm::{GuestExit, GuestOutput, Output};

use super::upload::{Pieces, to_base64};
use super::{Download, ShellCall, TransferError, Upload};
use crate::guest_way::GuestWay;

const SMALL: Pieces = Pieces {
    first: 7,
    next: 64,
    packs: true,
};

/// Runs a command as the guest's shell does.
fn run_by(shell: &[&str], call: &ShellCall) -> GuestOutput {
    let mut child = Command::new(shell[0])
        .args(&shell[1..])
        .args(["-c", &call.line])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input closes it.
    let _ = child.stdin.take().unwrap().write_all(&call.stdin);
    let output = child.wait_with_output().unwrap();
    GuestOutput {
        exit: GuestExit::Code(i64::from(output.status.code().unwrap())),
        stdout: Output::whole(output.stdout),
        stderr: Output::whole(output.stderr),
    }
}

fn run(call: &ShellCall) -> GuestOutput {
    run_by(&["/bin/sh"], call)
}

fn shells() -> Vec<Vec<&'static str>> {
    let all: [&[&str]; 4] = [
        &["/bin/sh"],
        &["/bin/bash"],
        &["/bin/dash"],
        &["/bin/busybox", "sh"],
    ];
    let there = |shell: &&[&str]| Path::new(shell[0]).exists();
    all.into_iter().filter(there).map(<[_]>::to_vec).collect()
}

fn put_by(shell: &[&str], mut upload: Upload<'_>) -> Result<(), TransferError> {
    while let Some(call) = upload.next_call() {
        upload.take(&run_by(shell, &call))?;
    }
    Ok(())
}

fn put(upload: Upload<'_>) -> Result<(), TransferError> {
    put_by(&["/bin/sh"], upload)
}

fn get(mut download: Download<'_>) -> Result<Vec<u8>, TransferError> {
    while let Some(call) = download.next_call() {
        download.take(&run(&call))?;
    }
    Ok(download.into_bytes())
}

fn mode_of(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o7777
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_arrive_exactly(
        content in prop::collection::vec(any::<u8>(), 0..300),
        name in "[a-z '\"$`\\\\*;é-]{0,12}x",
        next in 1..90_usize,
        packs in any::<bool>(),
        piece in 1..120_usize,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(name);
        let path = file.to_str().unwrap();
        // Longer than the new content may be.
        fs::write(&file, [b'o'; 200]).unwrap();
        let pieces = Pieces { first: 16, next, packs };
        put(Upload::in_pieces(path, None, &content, pieces)).unwrap();
        prop_assert_eq!(&fs::read(&file).unwrap(), &content);
        let got = get(Download::in_pieces(path, piece, 1000)).unwrap();
        prop_assert_eq!(got, content);
    }

    #[test]
    fn base64_is_that_of_the_guest(content in prop::collection::vec(any::<u8>(), 0..40)) {
        let call = ShellCall { line: "base64 -d".to_owned(), stdin: to_base64(&content) };
        let decoded = run(&call);
        prop_assert_eq!(decoded.stdout.kept(), content);
    }
}

#[test]
fn every_shell_writes_and_reads_large_files() {
    let content: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    for shell in shells() {
        for way in [GuestWay::Agent, GuestWay::Serial] {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join("a file");
            let path = file.to_str().unwrap();
            put_by(
                &shell,
                Upload::new(path, Some("0640".to_owned()), &content, way),
            )
            .unwrap();
            assert!(fs::read(&file).unwrap() == content, "{shell:?} {way:?}");
            assert_eq!(mode_of(&file), 0o640);
            let mut download = Download::new(path, way, way.most());
            while let Some(call) = download.next_call() {
                download.take(&run_by(&shell, &call)).unwrap();
            }
            assert!(download.into_bytes() == content, "{shell:?} {way:?}");
        }
    }
}

#[test]
fn a_file_keeps_its_permissions_unless_others_are_given() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x");
    let path = file.to_str().unwrap();
    put(Upload::in_pieces(path, None, b"new", SMALL)).unwrap();
    assert_eq!(mode_of(&file), 0o644);
    let with =
        |mode: &str| Upload::in_pieces(path, Some(mode.to_owned()), b"longer than a piece", SMALL);
    put(with("4755")).unwrap();
    assert_eq!(mode_of(&file), 0o4755);
    put(with("0600")).unwrap();
    put(Upload::in_pieces(path, None, b"other", SMALL)).unwrap();
    assert_eq!(mode_of(&file), 0o600);
    // Nobody else can read it while it is written.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    let mut upload = with("0644");
    let call = upload.next_call().unwrap();
    upload.take(&run(&call)).unwrap();
    assert_eq!(mode_of(&file), 0o600);
}

#[test]
fn a_link_is_followed() {
    let dir = tempfile::tempdir().unwrap();
    let (file, link) = (dir.path().join("x"), dir.path().join("l"));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    put(Upload::in_pieces(
        link.to_str().unwrap(),
        None,
        b"content",
        SMALL,
    ))
    .unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"content");
    assert_eq!(
        get(Download::in_pieces(link.to_str().unwrap(), 9, 99)).unwrap(),
        b"content"
    );
}

#[test]
fn a_guest_that_refuses_says_why_in_its_words() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let refused = put(Upload::in_pieces(&path("none/x"), None, b"x", SMALL)).unwrap_err();
    match refused {
        TransferError::Refused(words) => assert!(words.contains("none/x"), "{words}"),
        other => panic!("{other:?}"),
    }
    let folder = path("");
    let refused = put(Upload::in_pieces(
        folder.trim_end_matches('/'),
        None,
        b"x",
        SMALL,
    ))
    .unwrap_err();
    let words = "it exists, and is no regular file".to_owned();
    assert_eq!(refused, TransferError::Refused(words));
    // A limit for files stands for a disk without room.
    let limited = "ulimit -f 1; trap '' XFSZ; exec /bin/sh \"$@\"";
    let target = path("large");
    let large = Upload::new(&target, None, &[b'x'; 5000], GuestWay::Agent);
    match put_by(&["/bin/sh", "-c", limited, "sh"], large).unwrap_err() {
        TransferError::Refused(words) => assert!(words.contains("File too large"), "{words}"),
        other => panic!("{other:?}"),
    }
    match get(Download::in_pieces(&path("none"), 9, 99)).unwrap_err() {
        TransferError::Absent(words) => assert!(words.contains("No such file"), "{words}"),
        other => panic!("{other:?}"),
    }
    let refused = get(Download::in_pieces(folder.trim_end_matches('/'), 9, 99)).unwrap_err();
    assert_eq!(
        refused,
        TransferError::Refused("it is no regular file".to_owned())
    );
    let file = path("x");
    fs::write(&file, "x").unwrap();
    // Part of a path is a file: that is no absent file.
    let refused = get(Download::in_pieces(&path("x/y"), 9, 99)).unwrap_err();
    assert!(matches!(refused, TransferError::Refused(_)), "{refused:?}");
}

#[test]
fn a_file_that_is_too_large_is_told_with_its_size_and_never_cut() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("log");
    let path = file.to_str().unwrap();
    fs::write(&file, [b'x'; 101]).unwrap();
    let error = get(Download::in_pieces(path, 20, 100)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "it has 101 B, and at most 100 B are copied"
    );
    fs::write(&file, [b'x'; 100]).unwrap();
    assert_eq!(get(Download::in_pieces(path, 20, 100)).unwrap().len(), 100);
}

#[test]
fn a_log_that_grows_is_copied_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("log");
    let path = file.to_str().unwrap();
    fs::write(&file, [b'a'; 100]).unwrap();
    let mut download = Download::in_pieces(path, 30, 1000);
    let mut calls = 0;
    while let Some(call) = download.next_call() {
        download.take(&run(&call)).unwrap();
        calls += 1;
        let mut log = fs::OpenOptions::new().append(true).open(&file).unwrap();
        log.write_all(b"more").unwrap();
    }
    // It had grown once when its checksum was taken.
    let mut expected = vec![b'a'; 100];
    expected.extend_from_slice(b"more");
    assert_eq!(download.into_bytes(), expected);
    assert_eq!(calls, 5);
}

#[test]
fn a_file_that_is_written_anew_is_read_again_and_given_up_in_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("state");
    let path = file.to_str().unwrap();
    let changing = |changes: usize| -> Result<Vec<u8>, TransferError> {
        fs::write(&file, [b'0'; 50]).unwrap();
        let mut download = Download::in_pieces(path, 20, 1000);
        let mut calls = 0;
        while let Some(call) = download.next_call() {
            download.take(&run(&call))?;
            calls += 1;
            if calls <= changes {
                fs::write(&file, [b'0' + calls as u8; 50]).unwrap();
            }
        }
        Ok(download.into_bytes())
    };
    assert_eq!(changing(1).unwrap(), [b'1'; 50]);
    assert_eq!(changing(100).unwrap_err(), TransferError::Changes);
    // It becomes shorter meanwhile.
    fs::write(&file, [b'0'; 50]).unwrap();
    let mut download = Download::in_pieces(path, 20, 1000);
    for _ in 0..2 {
        let call = download.next_call().unwrap();
        download.take(&run(&call)).unwrap();
    }
    fs::write(&file, "short").unwrap();
    assert_eq!(get(download).unwrap(), b"short");
}

#[test]
fn a_file_that_is_not_what_was_written_is_told() {
    let mut upload = Upload::in_pieces("/x", None, b"hello\n", SMALL);
    assert!(upload.next_call().is_some());
    let answer = |stdout: &str| GuestOutput {
        exit: GuestExit::Code(0),
        stdout: Output::whole(stdout.as_bytes().to_vec()),
        stderr: Output::whole(Vec::new()),
    };
    let error = upload.take(&answer("base64\n3015617425 7\n")).unwrap_err();
    assert_eq!(error, TransferError::Differs { has: 7, written: 6 });
    let mut upload = Upload::in_pieces("/x", None, b"hello\n", SMALL);
    assert!(upload.next_call().is_some());
    let error = upload.take(&answer("\n")).unwrap_err();
    assert_eq!(error, TransferError::Nonsense(String::new()));
    let cut = GuestOutput {
        stdout: Output::cut(b"a".to_vec(), None, Vec::new()),
        ..answer("")
    };
    let mut download = Download::in_pieces("/x", 20, 1000);
    assert_eq!(download.take(&cut).unwrap_err(), TransferError::Cut);
}

#[test]
fn special_files_of_the_kernel_are_read_whole() {
    let text = get(Download::in_pieces("/proc/version", 1 << 20, 1 << 20)).unwrap();
    assert_eq!(text, fs::read("/proc/version").unwrap());
}
