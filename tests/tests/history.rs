//! `qa history`: what the cells came to, run after run, and which runs are removed.

mod prune;
mod show;
mod with_runs;
mod written;
