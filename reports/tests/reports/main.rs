//! The crate from outside: event logs in, reports out.

mod read_log;
mod run_model;
mod sample;
