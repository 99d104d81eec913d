//! `qa doctor --boards`: labgrid, for boards.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use vm::host::BoardTools;

use crate::commands::context::Context;
use crate::failure::Failure;

/// Returns true if there is no labgrid that can be used.
pub(super) fn is_missing(tools: &BoardTools) -> bool {
    tools.labgrid.is_none()
}

/// Installs labgrid for this user, if it is missing.
///
/// # Errors
/// When a command cannot be started, or fails.
pub(super) fn install(context: &Context, tools: &BoardTools) -> Result<(), Failure> {
    for words in tools.install_commands().unwrap_or_default() {
        let shown = words.join(" ");
        context.say(&format!("$ {shown}"));
        let Some((program, arguments)) = words.split_first() else {
            continue;
        };
        // Its output goes to stderr, because stdout is for results.
        let status = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(std::io::stderr())
            .status()
            .map_err(|error| {
                Failure::error(format!("cannot start `{program}`: {error}"))
                    .hint("install Python 3 with venv, then run the command again")
            })?;
        if !status.success() {
            return Err(
                Failure::error(format!("`{shown}` failed ({status})")).hint(
                    "the messages above give the reason: labgrid comes from the index of Python packages that pip is \
                     configured for, and needs Python 3.9 or newer",
                ),
            );
        }
    }
    Ok(())
}

/// Returns the section of the text for people.
pub(super) fn as_text(tools: &BoardTools) -> String {
    let (mark, what) = match (&tools.labgrid, tools.too_old) {
        (Some((path, version)), _) => {
            ("ok  ", format!("{:<8}  {}", version.to_string(), path.display()))
        }
        (None, Some(version)) => (
            "none",
            format!("{version} is too old; `qa doctor --install --boards` installs another one for this user"),
        ),
        (None, None) => (
            "none",
            "needed to use boards of a lab; `qa doctor --install --boards` installs it for this user".to_owned(),
        ),
    };
    format!("\nboards\n  {mark}  {:<19}  {what}\n", "labgrid-client")
}

/// Returns the same for programs.
pub(super) fn as_json(tools: &BoardTools) -> Value {
    json!({
        "labgrid": tools.labgrid.as_ref().map(|(path, version)| json!({
            "path": path, "version": version.to_string(),
        })),
        "labgrid_too_old": tools.too_old.map(|version| version.to_string()),
        "folder": tools.folder,
    })
}

#[cfg(test)]
mod tests {
    use vm::board::labgrid::Version;

    use super::*;

    #[test]
    fn people_and_programs_read_the_version_or_how_to_get_one() {
        let mut tools = BoardTools {
            folder: "/cache/qa/labgrid".into(),
            labgrid: Some((
                "/cache/qa/labgrid/bin/labgrid-client".into(),
                Version {
                    major: 26,
                    minor: 0,
                    patch: 1,
                },
            )),
            too_old: None,
            has_venv: true,
        };
        assert_eq!(
            as_text(&tools),
            "\nboards\n  ok    labgrid-client       26.0.1    /cache/qa/labgrid/bin/labgrid-client\n"
        );
        assert_eq!(as_json(&tools)["labgrid"]["version"], "26.0.1");
        tools.labgrid = None;
        assert!(as_text(&tools).contains("none  labgrid-client       needed to use boards"));
        tools.too_old = Version::parse("0.4.1");
        assert!(as_text(&tools).contains("none  labgrid-client       0.4.1 is too old; "));
        assert_eq!(as_json(&tools)["labgrid"], Value::Null);
    }
}
