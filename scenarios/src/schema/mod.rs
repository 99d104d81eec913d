//! JSON Schemas for editors, made of the tables of fields that the parser reads by.
//!
//! A schema says less than the parser: which fields exclude each other, whether a name exists and whether a condition
//! parses is found by `qa check` alone.

mod json;
mod schema;
#[cfg(test)]
mod tests;

pub use schema::{project_schema, scenario_schema};
