//! Images: recipes, the store of what was built from them, and the check that a file is a disk at all.
//!
//! ```text
//! recipe folder --digest--> ImageStore::find --none--> ImageStore::build --rename--> <name>-<digest>.qcow2 + .json
//! ```
//!
//! A [`Recipe`] is a folder and its [`Digest`]; an unchanged recipe is never built twice. An image is visible in the
//! [`ImageStore`] only when it is complete: it is made in a private folder, brought to disk and renamed, and its metadata
//! follows last. A file from elsewhere is looked at by [`probe`] before a machine starts from it.

mod build;
mod build_lines;
mod build_lock;
mod build_program;
mod build_run;
mod built_image;
mod digest;
mod digest_cache;
mod metadata;
mod probe;
mod recipe;
mod recipe_digest;
mod store;
#[cfg(test)]
mod store_tests;

pub use build::{BuildError, BuildProgress};
pub use built_image::BuiltImage;
pub use digest::{Digest, OfImage};
pub use digest_cache::DigestError;
pub use probe::{ImageFormat, ProbeError, ProbedImage, probe};
pub use recipe::{Recipe, RecipeError};
pub use store::{ImageStore, StoreError, VerifyError};
