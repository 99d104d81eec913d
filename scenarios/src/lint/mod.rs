//! The checks of `qa check`.
//!
//! ```text
//! scenario --> its chain --> image, machine --> variables --> steps, expanded
//!     --> each step: variables, tags, points, deadline
//!                                                                                    |
//! needles <-------------------------- tags that are looked for ----------------------+
//! ```

mod attempt;
mod board_health;
mod condition;
mod drives;
mod echo;
mod expected_panic;
mod expired;
mod function_keys;
mod known_values;
mod lint;
mod matrix;
mod missing_drives;
mod needle_facts;
mod needle_index;
mod scenario;
mod setting;
mod sleep;
mod untyped;
mod values;
mod walk;

pub use drives::Drives;
pub use expired::expired;
pub use function_keys::unknown_function_keys;
pub use known_values::mistakes_in_values;
pub use lint::{Linted, lint, lint_and_use};
pub use missing_drives::check_drives;
pub use needle_facts::NeedleFacts;
