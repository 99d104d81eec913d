//! Everything that a checkpoint depends on.

use std::collections::BTreeSet;

use super::looks::Looks;
use crate::step::Date;

/// The parts of a step or a watch that a checkpoint depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMaterial {
    /// Equal digests mean equal behaviour.
    pub digest: [u8; 32],
    /// The needles that the step may look for. Their pictures are not in the digest.
    pub looks: Looks,
    /// True if the behaviour may differ between attempts, because the step uses the variable `attempt`. Then there must
    /// be no checkpoint after it: the digest does not contain the number.
    pub per_attempt: bool,
    /// The files that may be inserted into the drive. Their content is not in the digest. `None` if one of them is
    /// known only when its step runs; then there must be no checkpoint after it.
    pub media: Option<BTreeSet<String>>,
    /// The files of the project that may be copied into the guest. As for `media`: their content is not in the digest,
    /// and `None` if one of them is known only when its step runs.
    pub files: Option<BTreeSet<String>>,
    /// The last day on which all its soft failures are excused, if there is one. After that day the step may fail, and
    /// an older checkpoint must not hide that.
    pub expires: Option<Date>,
}
