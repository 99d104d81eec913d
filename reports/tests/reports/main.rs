//! The crate from outside: event logs in, reports out.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what fails here fails the test"
)]

mod against;
mod attempts;
mod comparison;
mod console;
mod cut;
mod fold;
mod formats;
mod github;
mod gitlab;
mod hostile_text;
mod html;
mod json;
mod junit;
mod list;
mod merge;
mod older_formats;
mod read_log;
mod run_model;
mod sample;
mod schema;
mod screenful;
mod tap;
mod trace;
mod unfinished;
mod video;
