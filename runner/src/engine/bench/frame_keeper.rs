//! Keeps pictures of the screen as evidence: one PNG for each frame, written once even if several steps refer to it.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use needles::Picture;
use reports::FrameRef;

use crate::file_name::file_name;

/// The `frames/` folder of an attempt at a scenario.
#[derive(Debug)]
pub(super) struct FrameKeeper {
    run: PathBuf,
    scenario_folder: String,
    kept: HashMap<(u32, u64), FrameRef>,
    next: u32,
}

impl FrameKeeper {
    /// Keeps frames in `<run>/<scenario_folder>/frames/`, which must exist.
    pub(super) fn new(run: &Path, scenario_folder: String) -> Self {
        Self {
            run: run.to_owned(),
            scenario_folder,
            kept: HashMap::new(),
            next: 1,
        }
    }

    /// Keeps a frame. `machine` is the number of the machine in this attempt: each machine counts its frames from zero.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) async fn keep(
        &mut self,
        machine: u32,
        generation: u64,
        picture: Picture,
    ) -> io::Result<FrameRef> {
        if let Some(kept) = self.kept.get(&(machine, generation)) {
            return Ok(kept.clone());
        }
        let kept = self
            .write(&format!("{:04}", self.next), generation, picture)
            .await?;
        self.next += 1;
        self.kept.insert((machine, generation), kept.clone());
        Ok(kept)
    }

    /// Keeps a frame under a name that a scenario gives. Characters that do not fit a file name are replaced.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) async fn keep_named(
        &mut self,
        name: &str,
        generation: u64,
        picture: Picture,
    ) -> io::Result<FrameRef> {
        let name = format!("{:04}-{}", self.next, file_name(name));
        self.next += 1;
        self.write(&name, generation, picture).await
    }

    async fn write(&self, name: &str, generation: u64, picture: Picture) -> io::Result<FrameRef> {
        let file = format!("{}/frames/{name}.png", self.scenario_folder);
        let path = self.run.join(&file);
        let (width, height) = (picture.width(), picture.height());
        // Encoding takes milliseconds, which is too long for the loop that reacts to the machine.
        tokio::task::spawn_blocking(move || std::fs::write(path, picture.to_png()))
            .await
            .map_err(io::Error::other)??;
        Ok(FrameRef {
            file,
            generation,
            width,
            height,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_frame_is_written_once_and_named_frames_cannot_leave_the_folder() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir_all(dir.path().join("s/frames")).expect("folders");
        let mut keeper = FrameKeeper::new(dir.path(), "s".into());
        let picture = Picture::from_rgb(2, 1, vec![0; 6]).expect("a picture");
        let first = keeper.keep(0, 7, picture.clone()).await.expect("kept");
        let again = keeper.keep(0, 7, picture.clone()).await.expect("kept");
        assert_eq!(first, again);
        let other_machine = keeper.keep(1, 7, picture.clone()).await.expect("kept");
        assert_eq!(other_machine.file, "s/frames/0002.png");
        let named = keeper
            .keep_named("../../etc/x", 7, picture)
            .await
            .expect("kept");
        assert_eq!(named.file, "s/frames/0003-------etc-x.png");
        assert_eq!(
            std::fs::read_dir(dir.path().join("s/frames"))
                .expect("a folder")
                .count(),
            3
        );
    }
}
