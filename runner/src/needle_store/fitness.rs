//! Judges by a needle's two files whether it can be found at all: one judgement for `qa check`,
//! `qa needle check` and `qa run`.

use std::path::Path;

use needles::{Needle, NeedleProblem, Picture};

use super::picture_file::read_picture_and_transparency;

/// The judgement on a needle by its two files.
#[derive(Debug)]
pub(crate) enum Fitness {
    /// Its picture cannot be read: a sentence that names the file.
    NoPicture(String),
    /// Its picture can.
    Judged {
        /// It.
        picture: Picture,
        /// The reasons why it can never be found, or always is.
        hopeless: Vec<NeedleProblem>,
        /// Likely mistakes.
        doubtful: Vec<NeedleProblem>,
    },
}

impl Fitness {
    /// Judges a needle by its picture, which lies beside `json`. Decodes it: some milliseconds.
    pub(crate) fn of(needle: &Needle, json: &Path) -> Self {
        let (picture, transparency) =
            match read_picture_and_transparency(&json.with_extension("png")) {
                Ok(read) => read,
                Err(message) => return Self::NoPicture(message),
            };
        let mut problems = needle.problems(picture.width(), picture.height());
        problems.extend(transparency.iter().flat_map(|seen| seen.problems(needle)));
        let (hopeless, doubtful) = problems.into_iter().partition(NeedleProblem::tells_nothing);
        Self::Judged {
            picture,
            hopeless,
            doubtful,
        }
    }
}
