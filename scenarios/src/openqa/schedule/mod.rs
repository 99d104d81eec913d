//! Which modules a job runs, in which order, and what each starts after.

mod main_pm;
mod tree;
mod yaml_schedule;

pub(super) use main_pm::load_tests;
pub(super) use tree::{Node, Tree};
pub(super) use yaml_schedule::{from_list, from_yaml};
