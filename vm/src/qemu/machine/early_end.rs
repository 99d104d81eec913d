//! Explains why QEMU ended before the machine ran.

use super::LaunchError;
use crate::qemu::process::{Ended, QemuVersion};

/// Returns the reason why QEMU ended before the machine ran, judged by its last output.
pub(super) fn judge(ended: Ended, version: QemuVersion) -> LaunchError {
    match unknown_part(&ended.stderr_tail) {
        Some(message) => LaunchError::TooOld {
            version,
            message: message.to_owned(),
            module: module_package(message),
        },
        None => LaunchError::EndedEarly {
            status: ended.exit_status(),
            stderr_tail: ended.stderr_tail,
        },
    }
}

/// Returns the line in which QEMU reports an unknown device, option, property, CPU or machine, without the program's
/// name.
fn unknown_part(stderr: &str) -> Option<&str> {
    const SIGNS: [&str; 10] = [
        "is not a valid device model name",
        "invalid option",
        "Invalid parameter",
        "does not accept value",
        "unsupported machine type",
        "unable to find CPU model",
        "invalid accelerator",
        "Parameter 'type' expects",
        "is not a valid object type",
        "Unknown driver '",
    ];
    let tells = |line: &&str| {
        SIGNS.iter().any(|sign| line.contains(sign))
            // "Property 'virtio-vga.wings' not found", with the device or class in some versions.
            || (line.contains("roperty '") && line.contains("not found"))
    };
    let line = stderr.lines().find(tells)?;
    Some(match line.split_once(": ") {
        Some((program, message)) if program.contains("qemu") => message,
        _ => line,
    })
}

/// Returns the Debian package with the module that a message misses. None if the message is not about a module.
fn module_package(message: &str) -> Option<&'static str> {
    /// Parts of names of devices, displays and block drivers.
    const MODULES: [(&str, &[&str]); 3] = [
        (
            "qemu-system-modules-opengl",
            &["-gl'", "-gl-", "egl-headless", "rutabaga"],
        ),
        ("qemu-system-modules-spice", &["qxl", "spice"]),
        (
            "qemu-block-extra",
            &[
                "'curl'", "'http'", "'https'", "'ftp'", "'ftps'", "'iscsi'", "'nfs'", "'rbd'",
                "'ssh'",
            ],
        ),
    ];
    // Behind the option, whose text may have such words in other places.
    let (_, unknown) = message.rsplit_once(": ").unwrap_or(("", message));
    let tells = |parts: &[&str]| parts.iter().any(|part| unknown.contains(part));
    let found = MODULES.iter().find(|(_, parts)| tells(parts));
    found.map(|(package, _)| *package)
}

#[cfg(test)]
mod tests {
    use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

    use super::*;

    const VERSION: QemuVersion = QemuVersion {
        major: 7,
        minor: 2,
        micro: 22,
    };

    fn judged(stderr: &str) -> String {
        let ended = Ended {
            status: Some(ExitStatus::from_raw(1 << 8)),
            stderr_tail: stderr.to_owned(),
        };
        judge(ended, VERSION).to_string()
    }

    /// Lines that QEMU 7.2.22 printed.
    #[test]
    fn what_qemu_does_not_know_is_told_as_too_old() {
        for message in [
            "-device warp-drive: 'warp-drive' is not a valid device model name",
            "-warp: invalid option",
            "-device virtio-vga,wings=2: Property 'virtio-vga.wings' not found",
            "unable to find CPU model 'warp9'",
            "unsupported machine type",
            "-accel warp: invalid accelerator warp",
            "-blockdev {}: Parameter 'driver' does not accept value 'warp'",
        ] {
            let stderr = format!(
                "qemu-system-x86_64: warning: something\nqemu-system-x86_64: {message}\nmore"
            );
            assert_eq!(
                judged(&stderr),
                format!(
                    "QEMU 7.2.22 cannot build this machine: {message}; use a newer QEMU (this project is tested with \
                    7.2 and 10.0) or another device"
                )
            );
        }
    }

    #[test]
    fn what_may_be_a_missing_module_is_told_as_that_too() {
        for (message, package) in [
            (
                "-device virtio-vga-gl: 'virtio-vga-gl' is not a valid device model name",
                "qemu-system-modules-opengl",
            ),
            (
                "-device virtio-gpu-gl-pci: 'virtio-gpu-gl-pci' is not a valid device model name",
                "qemu-system-modules-opengl",
            ),
            (
                "-display egl-headless: Parameter 'type' does not accept value 'egl-headless'",
                "qemu-system-modules-opengl",
            ),
            (
                "-device qxl-vga: 'qxl-vga' is not a valid device model name",
                "qemu-system-modules-spice",
            ),
            (
                "-blockdev {\"driver\": \"iscsi\"}: Unknown driver 'iscsi'",
                "qemu-block-extra",
            ),
        ] {
            assert_eq!(
                judged(&format!("qemu-system-x86_64: {message}\n")),
                format!(
                    "QEMU 7.2.22 cannot build this machine: {message}; use a newer QEMU (this project is tested with \
                    7.2 and 10.0) or another device; a QEMU that is new enough lacks the module for it: install the \
                    package `{package}` (its name on Debian)"
                )
            );
        }
    }

    #[test]
    fn other_ends_are_told_with_status_and_last_words() {
        let words =
            "qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory";
        assert_eq!(
            judged(words),
            format!("QEMU ended at once (exit status: 1); its last words:\n{words}")
        );
    }
}
