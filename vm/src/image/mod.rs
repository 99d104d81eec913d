//! Images: recipes, the store of what was built from them, and the check that a file is a disk at all.
//!
//! ```text
//! recipe folder --digest--> ImageStore::find --none--> ImageStore::build --rename--> <name>-<digest>.qcow2 + .json
//! ```
//!
//! A [`Recipe`] is a folder and its [`Digest`]; an unchanged recipe is never built twice. An image is visible in
//! the [`ImageStore`] only when it is complete: it is made in a private folder, brought to disk and renamed, and
//! its metadata follows last.
//!
//! A file from elsewhere is an [`ImageFile`], and may come from a stranger. [`ImageFile::open`] reads its header and
//! those of its backing files, within the bounds of its folder. It returns how QEMU must open each file, so that QEMU
//! follows no name by itself. A packed file is unpacked into the store first.

mod bounds;
mod build;
mod build_lines;
mod build_lock;
mod build_program;
mod build_run;
mod built_image;
mod container;
mod content;
mod digest;
mod digest_cache;
mod file_format;
mod image_file;
mod kernel_file;
mod metadata;
mod not_a_disk;
mod packed;
mod probe;
mod probe_error;
mod recipe;
mod recipe_digest;
mod source;
mod stamp;
mod store;
#[cfg(test)]
mod store_tests;

pub use build::{BuildError, BuildProgress};
pub use built_image::BuiltImage;
pub use content::{CdBoot, DiskContent, Platform};
pub use digest::{Digest, OfImage};
pub use digest_cache::DigestError;
pub use file_format::FileFormat;
pub use image_file::{ImageFile, Purpose};
pub use kernel_file::{check_initrd, check_kernel};
pub use packed::{Packing, UnpackError, UnpackLimits, Unpacking};
pub(crate) use probe::overlay_header;
pub use probe::{Layer, ProbedImage, probe};
pub use probe_error::ProbeError;
pub use recipe::{Recipe, RecipeError};
pub use stamp::ImageStamp;
pub use store::{ImageStore, StoreError, VerifyError};
