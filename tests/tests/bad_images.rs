//! Images that are none: an error, never a failure of the system under test.

use qa_tests::{Outcome, Qa};
use reports::CauseKind;

use crate::qa;

#[test]
fn an_image_that_is_missing() {
    let outcome = refused(qa(), "./none.qcow2", &["none.qcow2", "no image at"]);
    outcome.shows("the image is not there");
    let qa = qa();
    std::os::unix::fs::symlink("nowhere", qa.root().join("link.qcow2")).unwrap();
    refused(qa, "./link.qcow2", &["link.qcow2", "no image at"]);
}

/// Refused before anything starts, as the file is at fault.
#[track_caller]
fn refused(qa: Qa, image: &str, parts: &[&str]) -> Outcome {
    let mut call = qa
        .steps("s", "- note: x")
        .args(["run", "s", "--image", image]);
    for part in parts {
        call = call.stderr_has(part);
    }
    let outcome = call.exit_code(2);
    assert_eq!(
        outcome.journal().pids(),
        [0_u32; 0],
        "no machine is started"
    );
    outcome
}

#[test]
fn an_image_that_is_a_directory() {
    refused(
        qa().file("folder/file", ""),
        "./folder",
        &["folder is a directory"],
    )
    .shows("the image is a directory");
}

#[test]
fn an_image_that_is_empty() {
    refused(
        qa().file("empty.img", ""),
        "./empty.img",
        &["empty.img is empty"],
    )
    .shows("the image is empty");
}

#[test]
fn an_image_that_is_no_disk() {
    for (name, bytes, parts) in [
        (
            "notes.txt",
            &b"milk\nbread\n"[..],
            [
                "notes.txt is not a disk image",
                "text that starts with `milk`",
            ],
        ),
        (
            "page.iso",
            b"<!DOCTYPE html><html>",
            ["a page of the web", "get it again"],
        ),
        (
            "linux",
            &kernel(),
            ["a Linux kernel (bzImage)", "`kernel:`"],
        ),
        (
            "boot.efi",
            &efi_program(),
            ["an EFI program", "BOOTX64.EFI"],
        ),
    ] {
        let outcome = refused(qa().file(name, bytes), &format!("./{name}"), &parts);
        outcome.shows(match name {
            "notes.txt" => "the image is a text",
            "page.iso" => "the image is a page of the web",
            "linux" => "the image is a kernel",
            _ => "the image is an EFI program",
        });
    }
}

fn kernel() -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    bytes[510..512].copy_from_slice(b"\x55\xaa");
    bytes[0x202..0x206].copy_from_slice(b"HdrS");
    bytes
}

fn efi_program() -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[60] = 128;
    bytes[128..134].copy_from_slice(b"PE\0\0\x64\x86");
    bytes
}

#[test]
fn an_image_that_is_cut_off() {
    let mut cd = qa_tests::cd("X");
    // Twice as many blocks of 2 KiB as there are.
    cd[0x8050..0x8054].copy_from_slice(&64_u32.to_le_bytes());
    cd[0x8080..0x8082].copy_from_slice(&2048_u16.to_le_bytes());
    let outcome = refused(
        qa().file("cut.iso", cd),
        "./cut.iso",
        &["cut.iso is cut off"],
    );
    outcome.shows("the image is cut off (a CD)");
    let mut disk = qcow2_on("");
    disk.truncate(60);
    let outcome = refused(
        qa().file("cut.qcow2", disk),
        "./cut.qcow2",
        &["cut.qcow2 is cut off"],
    );
    outcome.shows("the image is cut off (qcow2)");
}

/// A qcow2 file of no bytes of its own that stands on another.
fn qcow2_on(name: &str) -> Vec<u8> {
    let mut file = vec![0; 1 << 16];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"QFI\xfb\0\0\0\x03");
    put(8, &1024_u64.to_be_bytes());
    put(16, &(name.len() as u32).to_be_bytes());
    put(20, &16_u32.to_be_bytes());
    put(24, &(1_u64 << 20).to_be_bytes());
    put(100, &104_u32.to_be_bytes());
    put(104, &0xe279_2aca_u32.to_be_bytes());
    put(108, &3_u32.to_be_bytes());
    put(112, b"raw");
    put(1024, name.as_bytes());
    file
}

#[test]
fn an_image_that_stands_on_what_it_may_not() {
    for (name, part) in [
        ("/etc/hostname", "outside of its folder"),
        ("../home/secret", "outside of its folder"),
        ("nbd:127.0.0.1:10809", "which is no file"),
        ("json:{\"driver\": \"raw\"}", "a description in JSON"),
        ("gone.raw", "which is not there"),
    ] {
        let qa = qa()
            .home_file("secret", "s")
            .file("top.qcow2", qcow2_on(name));
        refused(qa, "./top.qcow2", &["top.qcow2", part]);
    }
}

#[test]
fn an_image_that_stands_on_a_file_beside_it_and_one_that_the_project_allows() {
    let project = |allow: &str| {
        format!(
            "scenarios: [scenarios]\nimages: {{ disk: {{ path: images/top.qcow2, machine: pc{allow} }} }}\n\
             machines: {{ pc: {{ preset: bios-x86_64, accel: tcg, memory: 64M }} }}\n"
        )
    };
    let run = |allow: &str, base: &str| {
        qa().project(&project(allow))
            .file("images/base.img", qa_tests::boot_disk())
            .file("elsewhere/base.img", qa_tests::boot_disk())
            .file("images/top.qcow2", qcow2_on(base))
            .steps("s", "- note: x")
            .args(["run", "s"])
    };
    let outcome = run("", "base.img").exit_code(0);
    let args = outcome.file("s/qemu.args");
    let base = "\"backing\":{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":";
    assert!(
        args.contains(base) && args.contains("images/base.img"),
        "{args}"
    );
    run("", "../elsewhere/base.img").exit_code(2);
    run(", allow_files: [elsewhere]", "../elsewhere/base.img").exit_code(0);
}

#[test]
fn a_raw_disk_is_opened_as_one_whatever_a_guest_wrote_to_it() {
    let mut disk = qcow2_on("/etc/hostname");
    disk[510..512].copy_from_slice(b"\x55\xaa");
    let project = |format: &str| {
        format!(
            "scenarios: [scenarios]\nimages: {{ disk: {{ path: disk.img, machine: pc, format: {format} }} }}\n\
             machines: {{ pc: {{ preset: bios-x86_64, accel: tcg, memory: 64M }} }}\n"
        )
    };
    let run = |format: &str| {
        qa().project(&project(format))
            .file("disk.img", &disk)
            .steps("s", "- note: x")
            .args(["run", "s"])
    };
    let outcome = run("raw").exit_code(0);
    let args = outcome.file("s/qemu.args");
    assert!(!args.contains("hostname"), "{args}");
    run("qcow2")
        .stderr_has("outside of its folder")
        .exit_code(2);
    run("vmdk")
        .stderr_has("is said to be vmdk, but is qcow2")
        .exit_code(2);
}

#[test]
fn a_packed_image_is_unpacked_once() {
    let packed = GZIPPED_BOOT_DISK;
    let first = qa()
        .file("disk.img.gz", packed)
        .steps("s", "- note: x")
        .args(["run", "s", "--image", "./disk.img.gz"])
        .stderr_has("unpacking disk.img.gz")
        .exit_code(0);
    let again = first
        .then()
        .args(["run", "s", "--image", "./disk.img.gz"])
        .exit_code(0);
    drop(again);
    refused(
        qa().file("cut.raw.gz", &packed[..packed.len() / 2]),
        "./cut.raw.gz",
        &["cut.raw.gz is cut off"],
    )
    .shows("a packed image is cut off");
}

/// A boot sector that halts, packed by `gzip -9`.
const GZIPPED_BOOT_DISK: &[u8] = include_bytes!("boot_disk.gz");

#[test]
fn a_cd_that_cannot_start_the_machine() {
    let cd = |platform: u8| {
        let mut bytes = qa_tests::cd("X");
        let mut put = |at: usize, mark: &[u8]| bytes[at..at + mark.len()].copy_from_slice(mark);
        put(0x8800, b"\0CD001\x01EL TORITO SPECIFICATION");
        put(0x8847, &20_u32.to_le_bytes());
        put(0xa000, &[1, platform]);
        put(0xa01e, b"\x55\xaa\x88");
        bytes
    };
    let call = |platform, machine| {
        qa().file("a.iso", cd(platform))
            .steps("s", "- note: x")
            .args(["run", "s", "--image", "./a.iso", "--machine", machine])
    };
    call(0, "bios-x86_64").exit_code(0);
    call(0xef, "bios-x86_64")
        .stderr_has("--machine uefi-x86_64")
        .exit_code(2);
    call(0, "uefi-x86_64")
        .stderr_has("--machine bios-x86_64")
        .exit_code(2);
}

#[test]
fn an_image_of_the_project_that_is_missing() {
    let project = "scenarios: [scenarios]\nimages: { disk: { path: gone.img } }\n";
    let outcome = qa()
        .steps("s", "- note: x")
        .project(project)
        .args(["run", "s"])
        .exit_code(3);
    assert_eq!(outcome.cause("s").kind, CauseKind::Image);
    assert!(outcome.cause("s").message.contains("gone.img"));
}

#[test]
fn an_image_that_is_not_built_is_told_with_the_command_that_builds_it() {
    let project = "scenarios: [scenarios]\nimages: { disk: { recipe: console } }\n";
    let outcome = qa()
        .steps("s", "- note: x")
        .project(project)
        .args(["run", "s"])
        .exit_code(3);
    let cause = outcome.cause("s");
    assert!(
        cause
            .hints
            .iter()
            .any(|hint| hint.contains("qa image build console")),
        "{cause:?}"
    );
    outcome
        .then()
        .args(["run", "s", "--plan"])
        .stdout(
            "\
power-on
    image `disk` is not built, or its recipe has changed since; `qa image build console` builds it
└── s  1 step  cannot run  judges s
1 stage: 0 cached, 0 to run, 1 left out
",
        )
        .exit_code(0);
}

#[test]
fn no_image_at_all_is_a_wrong_call() {
    qa().without_project()
        .file("boot.yaml", "steps:\n  - note: x\n")
        .args(["run", "boot.yaml"])
        .stderr(
            "error: no image to test is named\n  \
            next: give a disk file with --image, or `image:` in the scenario\n",
        )
        .exit_code(2);
}

#[test]
fn the_image_is_never_written() {
    let outcome = qa().steps("s", "- note: x").args(["run", "s"]).exit_code(0);
    let disk = std::fs::read(outcome.then().root().join("disk.img")).unwrap();
    assert!(disk == qa_tests::boot_disk());
    // It is named, as what the overlay stands on, and opened for reading only.
    let args = outcome.file("s/qemu.args");
    let named: Vec<&str> = args.split("disk.img").skip(1).collect();
    assert_eq!(named.len(), 1, "{args}");
    assert!(named[0].starts_with("\"},\"read-only\":true}"), "{args}");
}
