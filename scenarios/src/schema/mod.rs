//! JSON Schemas for editors, made from the same tables of fields that the parser uses.
//!
//! A schema checks less than the parser. Only `qa check` finds fields that exclude each other, unknown names and wrong
//! conditions.

mod json;
mod schema;
#[cfg(test)]
mod tests;

pub use schema::{project_schema, scenario_schema};
