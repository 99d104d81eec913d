use std::collections::BTreeSet;

use super::looks::Looks;
use crate::step::Date;

/// What counts of a step or a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMaterial {
    /// Equal where nothing can differ.
    pub digest: [u8; 32],
    /// The needles that may be looked at; their pictures are not in the digest.
    pub looks: Looks,
    /// True if it may differ from attempt to attempt: it uses [`ATTEMPT`](crate::ATTEMPT). Then no checkpoint may stand
    /// after it, since the digest does not have the number.
    pub per_attempt: bool,
    /// The files that may be put into the drive; their content is not in the digest. None where one of them is known
    /// only when its step runs: no checkpoint may stand after it, since nobody can tell what is in the file.
    pub media: Option<BTreeSet<String>>,
    /// The last day on which all soft failures in it are excused; none where all are for ever. Afterwards the step may
    /// fail, and a checkpoint that was made before must not hide it.
    pub expires: Option<Date>,
}
