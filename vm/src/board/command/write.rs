//! Storage by a command of the user: writes an image onto the medium of a board.

use std::{ffi::OsStr, path::Path, time::Duration};

use super::{
    placeholder,
    shell::{Line, Shell},
};
use crate::board::{BoardFault, FaultKind};

/// The placeholders of the line, with their environment variables.
const VARIABLES: [(&str, &str); 3] = [
    ("image", "QA_IMAGE"),
    ("target", "QA_TARGET"),
    ("size", "QA_IMAGE_SIZE"),
];

/// The command that writes an image: a line for `/bin/sh`.
///
/// The line says `{image}`, `{target}` and `{size}` (in bytes), or uses the environment variables `QA_IMAGE`,
/// `QA_TARGET` and `QA_IMAGE_SIZE`. A placeholder becomes its variable in quotes, so that no path is read as a part of
/// the line. `QA_TARGET` is empty if there is no target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteCommand {
    /// The line.
    pub line: String,
    /// The longest time.
    pub limit: Duration,
    /// The surroundings of the command.
    pub shell: Shell,
}

impl WriteCommand {
    /// Writes an image. `target` names the medium, in words that only the command knows.
    ///
    /// # Errors
    /// When the image cannot be read, the line says `{target}` and there is none, or the command fails.
    pub async fn write(&self, image: &Path, target: Option<&str>) -> Result<(), BoardFault> {
        let what = "the write command";
        // The command may run in another folder.
        let image = std::path::absolute(image).unwrap_or_else(|_| image.to_owned());
        let unreadable = |error: std::io::Error| {
            let words = format!("{what} has no image: {}: {error}", image.display());
            BoardFault::new(FaultKind::Refused, words).advice("build the image first")
        };
        let file = tokio::fs::metadata(&image).await.map_err(unreadable)?;
        if target.is_none() && self.line.contains("{target}") {
            let words =
                format!("{what} says {{target}}, but the board names no target for its images");
            return Err(BoardFault::new(FaultKind::Refused, words)
                .advice("name a target, or write it into the line"));
        }
        let size = file.len().to_string();
        let [image_name, target_name, size_name] = VARIABLES.map(|(_, variable)| variable);
        let variables = [
            (image_name, image.as_os_str()),
            (target_name, OsStr::new(target.unwrap_or_default())),
            (size_name, OsStr::new(&size)),
        ];
        let line = placeholder::replace(&self.line, &VARIABLES);
        let line = Line {
            variables: &variables,
            ..Line::new(what, &line, self.limit)
        };
        self.shell.run(&line).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn command(line: &str, folder: &Path) -> WriteCommand {
        WriteCommand {
            line: line.to_owned(),
            limit: Duration::from_secs(60),
            shell: Shell {
                folder: Some(folder.to_owned()),
                ..Shell::default()
            },
        }
    }

    #[tokio::test]
    async fn a_path_with_a_strange_name_is_one_word() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("a  'b\" $HOME `id`;.img");
        fs::write(&image, "image").unwrap();
        let line = "cp {image} \"{target}\"; printf '%s' '{size}' > size; test -e \"$QA_IMAGE\"";
        command(line, folder.path())
            .write(&image, Some("card 1; rm -r ."))
            .await
            .unwrap();
        assert_eq!(
            fs::read_to_string(folder.path().join("card 1; rm -r .")).unwrap(),
            "image"
        );
        assert_eq!(fs::read_to_string(folder.path().join("size")).unwrap(), "5");
    }

    #[tokio::test]
    async fn an_image_that_is_larger_than_the_card_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("big.img");
        fs::write(&image, vec![1; 4096]).unwrap();
        let fault = command("cat {image} > /dev/full", folder.path())
            .write(&image, None)
            .await
            .unwrap_err();
        assert_eq!(fault.kind, FaultKind::Refused);
        assert!(fault.words.contains("No space left on device"), "{fault:?}");
        assert_eq!(
            fault.advice.as_deref(),
            Some("the image does not fit: use a larger medium, or a smaller image")
        );
    }

    #[tokio::test]
    async fn a_missing_image_or_target_is_told_before_the_command_runs() {
        let folder = tempfile::tempdir().unwrap();
        let write = command("touch ran {target}", folder.path());
        let fault = write
            .write(Path::new("/nowhere/x.img"), Some("card"))
            .await
            .unwrap_err();
        assert!(
            fault
                .words
                .starts_with("the write command has no image: /nowhere/x.img"),
            "{fault:?}"
        );
        let image = folder.path().join("x.img");
        fs::write(&image, "x").unwrap();
        let fault = write.write(&image, None).await.unwrap_err();
        assert!(fault.words.contains("says {target}"), "{fault:?}");
        assert!(!folder.path().join("ran").exists());
    }
}
