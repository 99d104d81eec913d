//! `qa doctor`: what this host has and lacks, and the command that installs it.

use std::process::Command;

use reports::ExitStatus;
use serde_json::json;
use vm::host::{HostFacts, InstallPlan};
use vm::{AccelChoice, Arch};

use crate::cli::{DoctorArgs, Format};
use crate::commands::{Context, print, print_json, talk};
use crate::failure::{Failure, chain};

/// Runs `qa doctor`.
///
/// # Errors
/// When an installation fails.
pub fn doctor(context: &Context, args: &DoctorArgs) -> Result<ExitStatus, Failure> {
    let facts = HostFacts::inspect();
    match args.format {
        Format::Json => print_json(&as_json(&facts))?,
        Format::Text if args.install => {}
        Format::Text => print(&as_text(&facts))?,
    }
    let required_missing = facts.missing.iter().any(|missing| missing.required);
    if !args.install {
        return Ok(if required_missing {
            ExitStatus::Error
        } else {
            ExitStatus::Success
        });
    }
    if !required_missing {
        talk(context, "nothing that is needed is missing");
        return Ok(ExitStatus::Success);
    }
    let plan = facts
        .install_plan(|missing| missing.required)
        .ok_or_else(|| {
            Failure::error(format!(
                "no way is known to install packages on {}",
                facts.os.pretty_name
            ))
            .hint("install what `qa doctor` lists with the means of your distribution")
        })?;
    install(context, &plan)?;
    let after = HostFacts::inspect();
    let still: Vec<&str> = after
        .missing
        .iter()
        .filter(|missing| missing.required)
        .map(|missing| missing.what.as_str())
        .collect();
    if still.is_empty() {
        talk(context, "everything that is needed is installed");
        Ok(ExitStatus::Success)
    } else {
        Err(Failure::error(format!(
            "still missing after the installation: {}",
            still.join(", ")
        )))
    }
}

fn install(context: &Context, plan: &InstallPlan) -> Result<(), Failure> {
    let root = rustix::process::geteuid().is_root();
    for command in &plan.commands {
        let mut words: Vec<&str> = command.iter().map(String::as_str).collect();
        if !root {
            words.insert(0, "sudo");
        }
        let shown = words.join(" ");
        talk(context, &format!("$ {shown}"));
        let Some((program, arguments)) = words.split_first() else {
            continue;
        };
        let status = Command::new(program)
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(std::process::Stdio::null())
            .status()
            .map_err(|error| Failure::error(format!("cannot start `{program}`: {error}")))?;
        if !status.success() {
            return Err(Failure::error(format!("`{shown}` failed ({status})"))
                .hint("run it by hand to see what is wrong"));
        }
    }
    Ok(())
}

fn plan_text(plan: &InstallPlan, root: bool) -> String {
    let sudo = if root { "" } else { "sudo " };
    plan.commands
        .iter()
        .map(|command| format!("    {sudo}{}", command.join(" ")))
        .collect::<Vec<_>>()
        .join("\n")
}

fn as_text(facts: &HostFacts) -> String {
    let mut text = format!("{}\n\nmachines\n", facts.os.pretty_name);
    for arch in &facts.archs {
        let qemu = match &arch.qemu {
            Ok(program) => format!("QEMU {}", program.version),
            Err(error) => chain(error),
        };
        let mark = if arch.qemu.is_ok() { "ok  " } else { "none" };
        text.push_str(&format!("  {mark}  {:<8}  {qemu}\n", arch.arch.name()));
        if arch.qemu.is_ok() {
            let firmware = match &arch.firmware {
                Ok(files) => files.code.display().to_string(),
                Err(error) => format!("none: {}", chain(error)),
            };
            text.push_str(&format!("                  UEFI  {firmware}\n"));
            let accel = match &arch.accel {
                AccelChoice::Kvm => "kvm".to_owned(),
                AccelChoice::Tcg { because } => format!("emulation, since {because}"),
            };
            text.push_str(&format!("                  runs by {accel}\n"));
        }
    }
    text.push_str("\ntools\n");
    for state in &facts.tools {
        let (mark, what) = match &state.found {
            Some((path, version)) => ("ok  ", format!("{version} ({})", path.display())),
            None => ("none", format!("needed to {}", state.tool.purpose())),
        };
        text.push_str(&format!("  {mark}  {:<12}  {what}\n", state.tool.program()));
    }
    let root = rustix::process::geteuid().is_root();
    for (heading, required) in [
        (
            "\nmissing, and needed (`qa doctor --install` runs this)",
            true,
        ),
        ("\nmissing, and only needed for more", false),
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
            text.push_str(&format!(
                "  {}: needed to {}\n",
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
    json!({ "os": facts.os.pretty_name, "machines": archs, "tools": tools, "missing": missing })
}
