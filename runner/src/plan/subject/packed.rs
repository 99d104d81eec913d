//! Unpacks packed images into the cache, once, before anything else is done with them.

use std::fs::File;
use std::io::Read;

use vm::image::{Digest, FileFormat, ImageFile, ImageStore, Packing, UnpackLimits, Unpacking};

use crate::failure::{Failure, chain};
use crate::talk::Talk;

/// Returns the file to test. For a packed file, that is the one in the cache, with the digest of the packed file.
///
/// # Errors
/// The file cannot be unpacked: a usage error if the file is broken, else an error of the host.
pub(super) fn unpacked(
    images: &ImageStore,
    file: ImageFile,
    talk: Talk,
) -> Result<(ImageFile, Option<Digest>), Failure> {
    let Some(packing) = packing(&file) else {
        return Ok((file, None));
    };
    let name = file
        .path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let tell = |progress| {
        let line = match progress {
            Unpacking::WaitingForAnother => {
                format!("another process unpacks {name}; waiting for it")
            }
            Unpacking::Begins { bytes, .. } => {
                let size = reports::human_size(bytes);
                format!(
                    "unpacking {name}, {size} of {}, into the cache",
                    packing.program()
                )
            }
            Unpacking::Unpacked { bytes, percent } => {
                let size = reports::human_size(bytes);
                format!("unpacking {name}: {percent} %, {size} so far")
            }
        };
        talk.say(&line);
    };
    let disk = images.unpacked(&file.path, packing, UnpackLimits::default(), tell);
    let disk = disk.map_err(|error| match error.is_of_the_file() {
        true => Failure::usage(chain(&error)),
        false => Failure::error(chain(&error)),
    })?;
    let digest = images
        .digest_of(&file.path)
        .map_err(|error| Failure::error(chain(&error)))?;
    Ok((ImageFile { path: disk, ..file }, Some(digest)))
}

/// Returns how a file is packed; none if it is not. A file that is declared as raw counts as packed only if its name
/// has the suffix as well, because the first bytes of a raw disk can be anything.
fn packing(file: &ImageFile) -> Option<Packing> {
    if !file.path.is_file() {
        return None;
    }
    let mut head = Vec::new();
    File::open(&file.path)
        .ok()?
        .take(16)
        .read_to_end(&mut head)
        .ok()?;
    let packing = Packing::of(&head)?;
    let named_so = file
        .path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case(packing.suffix()));
    (file.format != Some(FileFormat::Raw) || named_so).then_some(packing)
}
