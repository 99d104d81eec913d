//! JSON Schemas for editors.

mod shape;

pub(crate) use shape::Shape;

/// The schema of a scenario file.
pub fn scenario_schema() -> schemars::Schema {
    todo!()
}

/// The schema of a project file, `qa.yaml`.
pub fn project_schema() -> schemars::Schema {
    todo!()
}
