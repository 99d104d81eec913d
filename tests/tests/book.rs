//! The documentation is true: its examples pass the check, its commands are commands, its links lead somewhere, and
//! its reference is what the code reads.

mod commands;
mod environment;
mod examples;
mod links;
mod messages;
mod page;
mod paths;
mod reference;
