//! A run of a matrix: the same scenarios on several images and machines.

use reports::{CauseKind, Entry, Evidence, ExitStatus, StepOutcome, Verdict};

use super::runs::login;
use super::writer::Writer;

const DESKTOP_LOGIN: &str = "gnome-login@gnome+desktop";
const DESKTOP_CALCULATOR: &str = "gnome-calculator@gnome+desktop";
const SMALL_LOGIN: &str = "gnome-login@gnome+small";
const SMALL_CALCULATOR: &str = "gnome-calculator@gnome+small";
const ARM: &str = "console-login@console-arm+uefi-aarch64";
const RISCV: &str = "console-login@console-riscv+uefi-riscv64";
const TPM: &str = "disk-unlock@console-riscv+uefi-riscv64";

/// One machine where all holds, one where the second scenario fails, one without QEMU on this host and one without a
/// TPM.
pub(super) fn matrix() -> Vec<Entry> {
    let (login_title, calculator) = ("A user logs in to the desktop", "Calculator adds");
    let mut log = Writer::new(&[
        (DESKTOP_LOGIN, login_title, &[]),
        (DESKTOP_CALCULATOR, calculator, &["gnome-login"]),
        (SMALL_LOGIN, login_title, &[]),
        (SMALL_CALCULATOR, calculator, &["gnome-login"]),
        (ARM, "A user logs in on the console", &[]),
        (RISCV, "A user logs in on the console", &[]),
        (TPM, "The TPM opens the disk", &[]),
    ]);
    log.of_matrix("nightly");
    for (first, second, holds) in [
        (DESKTOP_LOGIN, DESKTOP_CALCULATOR, true),
        (SMALL_LOGIN, SMALL_CALCULATOR, false),
    ] {
        log.begin(first, 1, None);
        login(&mut log);
        log.finish(Verdict::Passed, None)
            .begin(second, 1, Some("gnome-login"))
            .stage("gnome-calculator", 2)
            .held("1", "type calc", 380);
        if holds {
            log.held("2", "see calculator", 700)
                .finish(Verdict::Passed, None);
            continue;
        }
        log.start("2", "see calculator", Some(30_000));
        let message = "no needle tagged `calculator` matched within 30s";
        let cause = log.cause(CauseKind::Deadline, "2", message, &[]);
        let evidence = Evidence {
            cause: Some(cause.clone()),
            ..Evidence::default()
        };
        log.end("2", StepOutcome::Failed, 30_000, evidence)
            .finish(Verdict::Failed, Some(cause));
    }
    let mut lacks = |name: &str, kind, verdict, message: &str, hints: &[&str]| {
        let mut cause = log.cause(kind, "1", message, hints);
        (cause.step, cause.place) = (None, None);
        log.begin(name, 1, None).finish(verdict, Some(cause));
    };
    for (name, program, package) in [
        (ARM, "qemu-system-aarch64", "qemu-system-arm"),
        (RISCV, "qemu-system-riscv64", "qemu-system-misc"),
    ] {
        lacks(
            name,
            CauseKind::Launch,
            Verdict::Error,
            &format!("this host lacks {program}"),
            &[&format!("sudo apt-get install --yes {package}")],
        );
    }
    lacks(
        TPM,
        CauseKind::Missing,
        Verdict::Skipped,
        "`disk-unlock` requires `tpm`, which the machine `uefi-riscv64` does not have",
        &[],
    );
    log.run_finished(ExitStatus::Failed)
}
