//! Checks by the two files of a needle if it can be found at all. `qa check`, `qa needle check` and `qa run` use the
//! same check.

use std::path::Path;

use needles::{Needle, NeedleProblem, Picture};

use super::picture_file::read_picture_and_transparency;

/// The result of the check.
#[derive(Debug)]
pub(crate) enum Fitness {
    /// Its picture cannot be read: a sentence that names the file.
    NoPicture(String),
    /// Its picture can be read.
    Judged {
        /// The picture.
        picture: Picture,
        /// The reasons why the needle can never match, or always matches.
        hopeless: Vec<NeedleProblem>,
        /// Likely mistakes.
        doubtful: Vec<NeedleProblem>,
    },
}

impl Fitness {
    /// Checks a needle by its picture, which is beside `json`. Decoding the picture takes some milliseconds.
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
