//! Finds soft failures whose last day is over.

use crate::finding::{Code, Diagnostic};
use crate::library::Library;
use crate::step::{Action, Date};

/// Finds soft failures whose last day is before `today`. Their steps fail from now on. Not a part of
/// [`lint`](crate::lint), because the result depends on the day.
pub fn expired(library: &Library, today: Date) -> Vec<Diagnostic> {
    let steps = library
        .scenarios()
        .chain(library.fragments())
        .flat_map(|file| file.all_steps());
    steps
        .filter_map(|step| match &step.action {
            Action::SoftFail(soft_fail) => {
                let expires = soft_fail.expires.filter(|last| *last < today)?;
                let message = format!("the soft failure was excused until {expires}");
                Some(Diagnostic::new(Code::Expired, &step.at, message).with_help(
                    "fix the defect and remove the step, or give it a new day with a reason",
                ))
            }
            _ => None,
        })
        .collect()
}
