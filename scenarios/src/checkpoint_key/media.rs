//! Files that steps put into the drive: what is in them counts, and this crate opens none.

use super::hasher::KeyHasher;
use super::known::{Piece, Scope};
use crate::step::MediumFile;
use crate::value::Templated;

impl KeyHasher {
    /// The path counts as well: a machine is restored with the file at this path in its drive.
    pub(super) fn medium(&mut self, file: &Templated<MediumFile>, scope: Scope<'_>) {
        let pieces = scope.template(file.template());
        self.pieces(&pieces);
        match (pieces.as_slice(), &mut self.media) {
            ([Piece::Known(path)], Some(media)) => {
                media.insert(path.reveal().to_owned());
            }
            (_, media) => *media = None,
        }
    }
}
