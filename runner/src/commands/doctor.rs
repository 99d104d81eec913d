//! `qa doctor`: shows what this host has and lacks, and installs what is missing.

mod boards;

use std::process::{Command, Stdio};

use reports::ExitStatus;
use serde_json::json;
use vm::firmware::FirmwareMapping;
use vm::host::{AptUser, HostFacts, InstallPlan, Wanted};
use vm::{AccelChoice, Arch};

use crate::cache::labgrid_folder;
use crate::cli::{DoctorArgs, Format};
use crate::commands::apt_turn;
use crate::commands::context::Context;
use crate::commands::print::{print, print_json};
use crate::failure::{Failure, chain};

/// Runs `qa doctor`.
///
/// # Errors
/// When an installation fails.
pub(super) fn doctor(context: &Context, args: &DoctorArgs) -> Result<ExitStatus, Failure> {
    let wanted = Wanted {
        archs: args.arch.clone(),
        tpm: args.tpm,
        boards: args.boards.then(labgrid_folder).transpose()?,
    };
    let facts = HostFacts::inspect(&wanted);
    match args.format {
        Format::Json => print_json(&as_json(&facts))?,
        Format::Text if args.install => {}
        Format::Text => print(&as_text(&facts, rustix::process::geteuid().is_root()))?,
    }
    let needed = lacking(&facts);
    if !args.install {
        return Ok(if needed.is_empty() {
            ExitStatus::Success
        } else {
            ExitStatus::Error
        });
    }
    if needed.is_empty() {
        context.say("nothing is missing that this host needs");
        return Ok(ExitStatus::Success);
    }
    if facts.missing.iter().any(|missing| missing.required) {
        install_packages(context, &facts)?;
    }
    if let Some(boards) = &facts.boards {
        boards::install(context, boards)?;
    }
    let after = HostFacts::inspect(&wanted);
    let still = lacking(&after);
    if still.is_empty() {
        context.say("everything that is needed is installed");
        return Ok(ExitStatus::Success);
    }
    let still = still.join(", ");
    Err(Failure::error(format!("still missing after the installation: {still}")).hint(
        "the messages above give the reason; `qa doctor` names the missing packages, and looks for programs in PATH",
    ))
}

/// Returns the required things that are missing.
fn lacking(facts: &HostFacts) -> Vec<&str> {
    let required = facts.missing.iter().filter(|missing| missing.required);
    let labgrid = facts.boards.as_ref().is_some_and(boards::is_missing);
    required
        .map(|missing| missing.what.as_str())
        .chain(labgrid.then_some("labgrid"))
        .collect()
}

/// Installs the packages of the required things that are missing.
fn install_packages(context: &Context, facts: &HostFacts) -> Result<(), Failure> {
    let packaged = facts
        .missing
        .iter()
        .any(|missing| missing.required && !missing.packages.is_empty());
    // The installation needs a list of packages that is up to date.
    if let (true, Some(refresh)) = (packaged, InstallPlan::refresh(&facts.os)) {
        run(context, &refresh)?;
    }
    let plan = facts
        .install_plan(|missing| missing.required)
        .ok_or_else(|| {
            Failure::error(format!(
                "no way is known to install packages on {}",
                facts.os.pretty_name
            ))
            .hint("install the programs that `qa doctor` lists with the package manager of your distribution")
        })?;
    let refresh = InstallPlan::refresh(&facts.os);
    for command in plan
        .commands
        .iter()
        .filter(|command| Some(*command) != refresh.as_ref())
    {
        run(context, command)?;
    }
    Ok(())
}

/// Runs a command as root, with `sudo` if this user is not root.
fn run(context: &Context, command: &[String]) -> Result<(), Failure> {
    apt_turn::wait(command, |text| context.say(text))?;
    let command = apt_turn::with_own_wait(command);
    let mut words: Vec<&str> = command.iter().map(String::as_str).collect();
    if !rustix::process::geteuid().is_root() {
        // `sudo` drops the environment, and a package must not ask questions.
        words.splice(0..0, ["sudo", "env", "DEBIAN_FRONTEND=noninteractive"]);
    }
    let shown = words.join(" ");
    context.say(&format!("$ {shown}"));
    let Some((program, arguments)) = words.split_first() else {
        return Ok(());
    };
    // Its output goes to stderr, because stdout is for results. `sudo` asks for the password on the terminal.
    let status = Command::new(program)
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .map_err(|error| {
            Failure::error(format!("cannot start `{program}`: {error}"))
                .hint(format!("run as root: {}", command.join(" ")))
        })?;
    if status.success() {
        Ok(())
    } else {
        let failure = Failure::error(format!("`{shown}` failed ({status})"));
        Err(match AptUser::now() {
            Some(AptUser { pid, name, .. }) => failure.hint(format!(
                "`{name}`, process {pid}, works with packages now: try again when it has ended"
            )),
            None => failure
                .hint("the messages above give the reason; repair it, then run the command again"),
        })
    }
}

fn plan_text(plan: &InstallPlan, root: bool) -> String {
    let sudo = if root { "" } else { "sudo " };
    plan.commands
        .iter()
        .map(|command| format!("    {sudo}{}", command.join(" ")))
        .collect::<Vec<_>>()
        .join("\n")
}

fn as_text(facts: &HostFacts, root: bool) -> String {
    let mut text = format!("{}\n\nmachines\n", facts.os.pretty_name);
    for arch in &facts.archs {
        let qemu = match &arch.qemu {
            Ok(program) => format!("QEMU {}", program.version),
            Err(error) => chain(error),
        };
        let mark = if arch.qemu.is_ok() { "ok  " } else { "none" };
        text.push_str(&format!("  {mark}  {:<11}  {qemu}\n", arch.arch.name()));
        if arch.qemu.is_ok() {
            let firmware = match &arch.firmware {
                Ok(files) => {
                    let note = match files.mapping {
                        FirmwareMapping::Flash(_) => "",
                        FirmwareMapping::Kernel => ", loaded as a kernel",
                    };
                    format!("{}{note}", files.code.display())
                }
                Err(error) => format!("none: {}", chain(error)),
            };
            text.push_str(&format!("                     UEFI  {firmware}\n"));
            let accel = match &arch.accel {
                AccelChoice::Kvm => "kvm".to_owned(),
                AccelChoice::Tcg { because } => format!("emulation, since {because}"),
            };
            text.push_str(&format!("                     runs by {accel}\n"));
        }
    }
    text.push_str("\ntools\n");
    for state in &facts.tools {
        let (mark, what) = match &state.found {
            Some((path, version)) => ("ok  ", format!("{version:<8}  {}", path.display())),
            None => ("none", format!("needed to {}", state.tool.purpose())),
        };
        text.push_str(&format!("  {mark}  {:<19}  {what}\n", state.tool.program()));
    }
    if let Some(boards) = &facts.boards {
        text.push_str(&boards::as_text(boards));
    }
    for (heading, required) in [
        (
            "\nmissing, and needed (`qa doctor --install` runs this)",
            true,
        ),
        (
            "\nmissing, but only needed for other machines and images",
            false,
        ),
    ] {
        let missing: Vec<_> = facts
            .missing
            .iter()
            .filter(|missing| missing.required == required)
            .collect();
        if missing.is_empty() {
            continue;
        }
        text.push_str(heading);
        text.push('\n');
        for missing in missing {
            let known = match missing.packages.as_slice() {
                [] => "; no package of this system is known to have it",
                _ => "",
            };
            text.push_str(&format!(
                "  {}: needed to {}{known}\n",
                missing.what, missing.purpose
            ));
        }
        if let Some(plan) = facts.install_plan(|missing| missing.required == required) {
            text.push_str(&plan_text(&plan, root));
            text.push('\n');
        }
    }
    text.trim_end().to_owned()
}

fn as_json(facts: &HostFacts) -> serde_json::Value {
    let archs: Vec<_> = facts
        .archs
        .iter()
        .map(|arch| {
            json!({
                "arch": Arch::name(arch.arch),
                "qemu": arch.qemu.as_ref().ok().map(|program| json!({
                    "path": program.path, "version": program.version.to_string(),
                })),
                "firmware": arch.firmware.as_ref().ok().map(|files| &files.code),
                "firmware_mapping": arch.firmware.as_ref().ok().map(|files| match files.mapping {
                    FirmwareMapping::Flash(_) => "flash",
                    FirmwareMapping::Kernel => "kernel",
                }),
                "accel": arch.accel.name(),
                "accel_reason": arch.accel.reason(),
            })
        })
        .collect();
    let tools: Vec<_> = facts
        .tools
        .iter()
        .map(|state| {
            json!({
                "tool": state.tool.program(),
                "path": state.found.as_ref().map(|(path, _)| path),
                "version": state.found.as_ref().map(|(_, version)| version),
            })
        })
        .collect();
    let missing: Vec<_> = facts
        .missing
        .iter()
        .map(|missing| {
            json!({
                "what": missing.what, "purpose": missing.purpose,
                "packages": missing.packages, "required": missing.required,
            })
        })
        .collect();
    json!({
        "os": facts.os.pretty_name, "machines": archs, "tools": tools,
        "boards": facts.boards.as_ref().map(boards::as_json), "missing": missing,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use vm::firmware::{FirmwareFiles, FirmwareFolders, FirmwareNeeds};
    use vm::host::{ArchSupport, Missing, OsRelease, Tool, ToolState};
    use vm::qemu::process::{ProgramError, QemuProgram, QemuVersion};

    use super::*;

    /// A Fedora with QEMU for PCs and for RISC-V, where there is U-Boot, and `qemu-img`, but without
    /// `mcopy` and other firmware.
    fn host() -> HostFacts {
        let nowhere = FirmwareFolders::only(vec!["/firmware".into()]);
        let arch = |arch, qemu: Result<QemuProgram, _>| ArchSupport {
            arch,
            firmware: match arch {
                Arch::Riscv64 => Ok(FirmwareFiles {
                    descriptor: "90-u-boot-riscv64.json".into(),
                    code: "/u-boot/uboot.elf".into(),
                    mapping: FirmwareMapping::Kernel,
                }),
                _ => nowhere.find(&FirmwareNeeds::usual(arch, None)),
            },
            qemu,
            accel: AccelChoice::Tcg {
                because: "/dev/kvm is not there".to_owned(),
            },
        };
        let program = |arch: Arch| QemuProgram {
            path: format!("/usr/bin/{}", arch.qemu_program()).into(),
            version: QemuVersion::new(10, 0, 2),
        };
        let none = ProgramError::Missing {
            arch: Arch::Aarch64,
        };
        let missing = |what: &str, package: &str, required| Missing {
            what: what.to_owned(),
            purpose: "test".to_owned(),
            packages: package.split_whitespace().map(str::to_owned).collect(),
            required,
        };
        HostFacts {
            os: OsRelease::parse("ID=fedora\nPRETTY_NAME=\"Fedora Linux 43\""),
            archs: vec![
                arch(Arch::X86_64, Ok(program(Arch::X86_64))),
                arch(Arch::Aarch64, Err(none)),
                arch(Arch::Riscv64, Ok(program(Arch::Riscv64))),
            ],
            tools: vec![
                ToolState {
                    tool: Tool::QemuImg,
                    found: Some(("/usr/bin/qemu-img".into(), "10.0.2".to_owned())),
                },
                ToolState {
                    tool: Tool::Mcopy,
                    found: None,
                },
            ],
            boards: None,
            missing: vec![
                missing("UEFI firmware for x86_64", "edk2-ovmf", true),
                missing("mcopy", "mtools", true),
                missing("qemu-system-aarch64", "qemu-system-aarch64-core", false),
                missing("UEFI firmware for aarch64", "", false),
            ],
        }
    }

    #[test]
    fn people_read_what_there_is_what_is_missing_and_the_command() {
        let text = as_text(&host(), false);
        let expected = "\
Fedora Linux 43

machines
  ok    x86_64       QEMU 10.0.2
                     UEFI  none: no UEFI firmware without Secure Boot for x86_64 machines of type `q35`; \
                     looked in /firmware; install the package `ovmf`
                     runs by emulation, since /dev/kvm is not there
  none  aarch64      there is no `qemu-system-aarch64` in PATH; install the package `qemu-system-arm`
  ok    riscv64      QEMU 10.0.2
                     UEFI  /u-boot/uboot.elf, loaded as a kernel
                     runs by emulation, since /dev/kvm is not there

tools
  ok    qemu-img             10.0.2    /usr/bin/qemu-img
  none  mcopy                needed to build reference images

missing, and needed (`qa doctor --install` runs this)
  UEFI firmware for x86_64: needed to test
  mcopy: needed to test
    sudo dnf install --assumeyes edk2-ovmf mtools

missing, but only needed for other machines and images
  qemu-system-aarch64: needed to test
  UEFI firmware for aarch64: needed to test; no package of this system is known to have it
    sudo dnf install --assumeyes qemu-system-aarch64-core";
        assert_eq!(text, expected);
        assert!(as_text(&host(), true).contains("\n    dnf install"));
    }

    #[test]
    fn programs_read_the_same_under_fixed_names() {
        let value = as_json(&host());
        assert_eq!(value["os"], "Fedora Linux 43");
        assert_eq!(value["machines"][0]["qemu"]["version"], "10.0.2");
        assert_eq!(value["machines"][0]["accel"], "tcg");
        assert_eq!(value["machines"][0]["firmware_mapping"], json!(null));
        assert_eq!(value["machines"][1]["qemu"], json!(null));
        assert_eq!(value["machines"][2]["firmware"], "/u-boot/uboot.elf");
        assert_eq!(value["machines"][2]["firmware_mapping"], "kernel");
        assert_eq!(
            value["tools"][0]["path"],
            json!(Path::new("/usr/bin/qemu-img"))
        );
        assert_eq!(value["tools"][1]["path"], json!(null));
        assert_eq!(value["missing"][1]["packages"], json!(["mtools"]));
        assert_eq!(value["missing"][2]["required"], false);
    }
}
