//! `qa schema`: prints the JSON Schema of scenarios, of project files and of the event log.

use reports::ExitStatus;

use crate::cli::{SchemaArgs, SchemaOf};
use crate::commands::print::print;
use crate::failure::Failure;

/// Runs `qa schema`.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn schema(args: &SchemaArgs) -> Result<ExitStatus, Failure> {
    let schema = match args.of {
        SchemaOf::Scenario => scenarios::scenario_schema(),
        SchemaOf::Project => scenarios::project_schema(),
        SchemaOf::Log => reports::log_schema(),
    };
    let text = serde_json::to_string_pretty(&schema)
        .map_err(|error| Failure::error(format!("the schema cannot be written: {error}")))?;
    print(&text)?;
    Ok(ExitStatus::Success)
}
