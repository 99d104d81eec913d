//! Needles that load but are likely a mistake: by their file, by their picture, by its transparent pixels.

mod in_file;
mod in_picture;
mod in_transparency;
mod needle_problem;

pub use in_picture::picture_problems;
pub use needle_problem::NeedleProblem;
