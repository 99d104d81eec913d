//! Recognizes a firmware that has found nothing to start. A wait for the guest cannot succeed then, because the guest
//! never ran.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use scenarios::{Architecture, Firmware, Machine};

/// The number of bytes at the end of a firmware's log that are read: enough for some starts of SeaBIOS.
const LOOKED_AT: u64 = 256 << 10;

/// The first line of SeaBIOS: lines before it are of an earlier start.
const SEABIOS_STARTS: &str = "SeaBIOS (version ";

/// SeaBIOS has tried everything and waits for ever. If it will try again, it says so on the same line.
const SEABIOS_GAVE_UP: &str = "No bootable device.";

/// EDK2 starts a boot option.
const EDK2_HANDS_OVER: &str = "BdsDxe: starting Boot";

/// EDK2 has tried everything.
const EDK2_GAVE_UP: &str = "BdsDxe: No bootable option or device was found";

/// The program that EDK2 starts if it could start nothing else.
const EDK2_SHELL: &str = "\"EFI Internal Shell\"";

/// The prompt of that shell: it waits for a person.
const EDK2_PROMPT: &str = "Shell>";

/// A firmware that found nothing to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct IdleFirmware {
    /// The line by which the firmware says so.
    pub said: String,
}

impl IdleFirmware {
    /// Searches the messages of a firmware since the last start of the machine: `log` is the firmware's own log,
    /// `console` the text of the serial console. Returns none if something was started.
    pub(in crate::engine) fn find(log: &str, console: &str) -> Option<Self> {
        let said = seabios(log).or_else(|| edk2(console))?;
        Some(Self {
            said: said.to_owned(),
        })
    }

    /// Searches as [`find`](Self::find) does, for a firmware that stays idle: the shell of EDK2 must show its prompt,
    /// because it runs `startup.nsh` before that.
    pub(in crate::engine) fn find_for_good(log: &str, console: &str) -> Option<Self> {
        let idle = Self::find(log, console)?;
        let is_shell = idle.said.contains(EDK2_SHELL);
        let asks = || console.trim_end().ends_with(EDK2_PROMPT);
        (!is_shell || asks()).then_some(idle)
    }

    /// Returns a hint on what to do about it on such a machine.
    pub(in crate::engine) fn hint(machine: &Machine) -> String {
        let other = match (machine.arch, machine.firmware) {
            (Architecture::X86_64, Firmware::Bios) => Some("uefi-x86_64"),
            (Architecture::X86_64, Firmware::Uefi) => Some("bios-x86_64"),
            (Architecture::Aarch64 | Architecture::Riscv64 | Architecture::Loongarch64, _) => None,
        };
        match other {
            Some(preset) => format!(
                "the image may be for another firmware: try a machine of the preset `{preset}`; or nothing on it can \
                be started"
            ),
            None => format!(
                "the image has nothing that the firmware of a {} machine can start",
                machine.arch.name()
            ),
        }
    }
}

/// Returns the end of the firmware's log in the folder of a machine; empty if there is no log.
pub(in crate::engine) fn log_in(folder: &Path) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(folder.join(vm::FIRMWARE_LOG))?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LOOKED_AT)))?;
        let mut bytes = Vec::new();
        file.take(LOOKED_AT).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

fn seabios(log: &str) -> Option<&'static str> {
    let begins = log.rfind(SEABIOS_STARTS)?;
    let mut lines = log[begins..].lines().map(str::trim_end);
    lines
        .any(|line| line == SEABIOS_GAVE_UP)
        .then_some(SEABIOS_GAVE_UP)
}

fn edk2(console: &str) -> Option<&str> {
    let tells = |line: &&str| line.contains(EDK2_HANDS_OVER) || line.contains(EDK2_GAVE_UP);
    let last = console.lines().rev().find(tells)?;
    let begins = last.find("BdsDxe:")?;
    let last = last[begins..].trim_end();
    if last.contains(EDK2_GAVE_UP) || last.contains(EDK2_SHELL) {
        // The device path behind " from Fv(" helps no reader of the message.
        let end = last.find(" from Fv(").unwrap_or(last.len());
        return Some(&last[..end]);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The log of QEMU 7.2's SeaBIOS with an empty disk.
    const SEABIOS: &str = "\
SeaBIOS (version 1.16.2-debian-1.16.2-1)
enter handle_19:
  NULL
Booting from Hard Disk...
Boot failed: not a bootable disk

enter handle_18:
  NULL
No bootable device.
";

    /// The console of Debian 12's OVMF with an empty disk.
    const OVMF: &str = "\
BdsDxe: failed to load Boot0001 \"UEFI Misc Device\" from PciRoot(0x0)/Pci(0x2,0x0): Not Found\r
BdsDxe: loading Boot0002 \"EFI Internal Shell\" from Fv(7CB8BDC9)/FvFile(7C04A583)\r
BdsDxe: starting Boot0002 \"EFI Internal Shell\" from Fv(7CB8BDC9)/FvFile(7C04A583)\r
UEFI Interactive Shell v2.2\r
Shell> ";

    fn said(log: &str, console: &str) -> Option<String> {
        IdleFirmware::find(log, console).map(|idle| idle.said)
    }

    #[test]
    fn both_firmwares_are_heard() {
        assert_eq!(said(SEABIOS, "").as_deref(), Some("No bootable device."));
        assert_eq!(
            said("", OVMF).as_deref(),
            Some("BdsDxe: starting Boot0002 \"EFI Internal Shell\"")
        );
        assert_eq!(
            said(
                "",
                "\u{1b}[0mBdsDxe: No bootable option or device was found.\r\nPress any key\r\n"
            )
            .as_deref(),
            Some("BdsDxe: No bootable option or device was found.")
        );
    }

    #[test]
    fn a_shell_is_idle_for_good_once_it_asks() {
        let for_good = |console: &str| IdleFirmware::find_for_good("", console).is_some();
        assert!(for_good(OVMF));
        let counts = OVMF.replace("Shell> ", "Press ESC in 5 seconds to skip startup.nsh");
        let starts = OVMF.replace("Shell> ", "Shell> fs0:\\vmlinuz.efi");
        assert!(!for_good(&counts) && !for_good(&starts));
        assert!(IdleFirmware::find_for_good(SEABIOS, "").is_some());
    }

    #[test]
    fn a_firmware_that_started_something_or_begins_again_is_not_idle() {
        let again = format!("{SEABIOS}SeaBIOS (version 1.16.2)\nBooting from Hard Disk...\n");
        let retries = SEABIOS.replace("device.", "device.  Retrying in 60 seconds.");
        let found = OVMF.replace("\"EFI Internal Shell\"", "\"debian\"");
        let left = format!(
            "{OVMF}exit\r\nBdsDxe: starting Boot0003 \"UEFI QEMU DVD-ROM\" from PciRoot\r\n"
        );
        for (log, console) in [
            (again.as_str(), ""),
            (&retries, ""),
            ("", &found),
            ("", &left),
            ("", "login: No bootable device.\r\n"),
            ("", ""),
        ] {
            assert_eq!(said(log, console), None, "{log}{console}");
        }
    }

    #[test]
    fn the_other_preset_is_named() {
        for (preset, other) in [
            ("bios-x86_64", "uefi-x86_64"),
            ("uefi-x86_64", "bios-x86_64"),
        ] {
            let machine = Machine::preset(preset).expect("a preset");
            assert!(IdleFirmware::hint(&machine).contains(other));
        }
    }

    #[test]
    fn a_log_that_is_not_there_says_nothing() {
        assert_eq!(log_in(Path::new("/nowhere")), "");
    }
}
