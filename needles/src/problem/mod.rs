//! Finds needles that can be loaded but are probably a mistake, by their file, their picture or its transparent pixels.

mod in_file;
mod in_picture;
mod in_transparency;
mod needle_problem;

pub use in_picture::picture_problems;
pub use needle_problem::NeedleProblem;
