//! The files of a new project.

use std::fs;
use std::path::{Path, PathBuf};

use super::Cut;
use super::texts::Texts;
use crate::cli::CiServer;
use crate::failure::Failure;

/// The files of a project, with what each is for.
#[derive(Debug)]
pub(super) struct Files {
    all: Vec<(PathBuf, Vec<u8>, &'static str)>,
}

impl Files {
    /// Makes the contents of all files.
    ///
    /// # Errors
    /// When a schema cannot be written as JSON.
    pub(super) fn of(texts: &Texts<'_>, cuts: &[Cut], ci: CiServer) -> Result<Self, Failure> {
        let schema = |value| {
            serde_json::to_vec_pretty(&value)
                .map_err(|error| Failure::error(format!("the schema cannot be written: {error}")))
        };
        let mut all = vec![
            (
                PathBuf::from("qa.yaml"),
                texts.project().into_bytes(),
                "the project: image and machine",
            ),
            (
                PathBuf::from(format!("scenarios/{}.yaml", texts.scenario())),
                texts.scenario_text().into_bytes(),
                "the scenario",
            ),
        ];
        for cut in cuts {
            let file = |extension: &str| PathBuf::from(format!("needles/{}.{extension}", cut.name));
            all.push((file("png"), cut.picture.to_png(), "the needle's picture"));
            all.push((
                file("json"),
                cut.needle.to_json().into_bytes(),
                "its area and tag",
            ));
        }
        all.push((
            PathBuf::from(".gitignore"),
            b"/qa-results/\n".to_vec(),
            "leaves out the results",
        ));
        let (settings, scenario) = (".vscode/settings.json", ".vscode/qa-scenario.schema.json");
        all.push((
            settings.into(),
            Texts::editor().into_bytes(),
            "an editor completes fields",
        ));
        all.push((
            scenario.into(),
            schema(scenarios::scenario_schema())?,
            "for the editor",
        ));
        all.push((
            ".vscode/qa-project.schema.json".into(),
            schema(scenarios::project_schema())?,
            "for the editor",
        ));
        match ci {
            CiServer::Github => all.push((
                ".github/workflows/qa.yaml".into(),
                texts.github().into_bytes(),
                "runs the scenarios in CI",
            )),
            CiServer::Gitlab => all.push((
                ".gitlab-ci.yml".into(),
                texts.gitlab().into_bytes(),
                "runs the scenarios in CI",
            )),
            CiServer::None => {}
        }
        Ok(Self { all })
    }
}

/// Writes files below a folder, and returns those that it wrote. A file that is there already is left as it is.
///
/// The project file is the last one: if the disk is full, there is no project, and the call can be made again.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write_all(
    root: &Path,
    files: &Files,
) -> Result<Vec<(PathBuf, &'static str)>, Failure> {
    let mut written = Vec::new();
    for (path, content, what) in files.all.iter().rev() {
        let path = match root == Path::new(".") {
            true => path.clone(),
            false => root.join(path),
        };
        if path.symlink_metadata().is_ok() {
            written.push((path, "was there already, and is left as it is"));
            continue;
        }
        let folder = path.parent().unwrap_or(root);
        let done = fs::create_dir_all(folder).and_then(|()| fs::write(&path, content));
        done.map_err(|error| {
            // Half a file must not be taken for one that was there before.
            let _ = fs::remove_file(&path);
            Failure::error(format!("cannot write `{}`: {error}", path.display())).hint(
                "make room there, and call it again; what is written already is left as it is",
            )
        })?;
        written.push((path, what));
    }
    written.reverse();
    Ok(written)
}
