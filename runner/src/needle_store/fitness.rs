//! Whether a needle can be found at all, as far as its two files tell: one judgement for `qa check`,
//! `qa needle check` and `qa run`.

use std::path::Path;

use needles::{Needle, NeedleProblem, Picture};

use super::picture_file::read_picture_and_transparency;

/// What a needle's two files tell.
#[derive(Debug)]
pub(crate) enum Fitness {
    /// Its picture cannot be read: a sentence that names the file.
    NoPicture(String),
    /// Its picture can.
    Judged {
        /// It.
        picture: Picture,
        /// Why it can never be found.
        hopeless: Vec<NeedleProblem>,
        /// What is likely a mistake.
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
        let (hopeless, doubtful) = problems.into_iter().partition(NeedleProblem::is_hopeless);
        Self::Judged {
            picture,
            hopeless,
            doubtful,
        }
    }
}
