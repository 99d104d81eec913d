//! The scenario language: types, parser, linter, schema and plan.
//!
//! Text goes in, values and findings come out: this crate opens no file, asks no clock and knows no machine,
//! no needle file and no picture. Whoever runs scenarios hands in the text of files, the facts of needles
//! and the values of secrets.
//!
//! ```text
//! qa.yaml ---Project::read--> Project --+
//!                                       +--lint--> findings
//! *.yaml ----Library::read--> Library --+
//!                                |
//!                            Plan::new --> chains --expand--> planned steps --render--> actions, just before they run
//! ```
//!
//! ```
//! use scenarios::{Library, Plan, Source, Vars, expand};
//!
//! let text = "steps:\n  - see: login\n  - type: \"{{ user }}\\n\"\n";
//! let (library, findings) = Library::read([Source::new("scenarios/boot.yaml", text)]);
//! assert!(findings.is_empty());
//! let plan = Plan::new(&library, &["boot".to_owned()]).expect("a scenario of this name");
//! let chain = &plan.chains()[0];
//! let mut vars = Vars::new();
//! vars.set("user", "alice");
//! let steps = expand(chain.judged(), &library, &vars).expect("no fragment is missing");
//! let step = steps[1].render(&vars).expect("a known variable");
//! assert_eq!(step.line, "type \"alice\\n\"");
//! ```

mod area;
mod binding;
mod bounds;
mod canonical;
mod capability;
mod code;
mod condition;
mod diagnostic;
mod drives;
mod duration;
mod expand;
mod key;
mod key_combo;
mod keyboard;
mod known_values;
mod library;
mod lint;
mod nearest;
mod pattern;
mod phase;
mod plan;
mod planned_step;
mod project;
mod render;
mod scenario;
mod schema;
mod secret;
mod shared_beginnings;
mod source;
mod spanned;
mod step;
mod tag;
mod tag_pattern;
mod template;
mod templated;
mod text;
mod vars;
mod watch;
mod yaml;

pub use area::Area;
pub use bounds::TooMuchHeld;
pub use canonical::{Assigned, KeyMaterial, Looks};
pub use capability::Capability;
pub use code::Code;
pub use condition::Condition;
pub use diagnostic::{Diagnostic, Severity, sort};
pub use drives::Drives;
pub use expand::expand;
pub use key_combo::KeyCombo;
pub use keyboard::{Beyond, Keyboard, Layout, Tap, Untyped, Why, beyond_f12_in};
pub use known_values::mistakes_in_values;
pub use library::Library;
pub use lint::{NeedleFacts, check_drives, expired, lint};
pub use nearest::nearest;
pub use pattern::Pattern;
pub use phase::{Phase, Render, Rendered, Written};
pub use plan::{Chain, Plan, PlanNode};
pub use planned_step::NoStepId;
pub use planned_step::{PlannedStep, RenderedStep, StepId};
pub use project::{
    Accel, Architecture, Combination, Credential, CredentialValue, Disk, DiskBus, DiskFormat,
    Display, DisplayDevice, Entry, Firmware, Forward, Image, ImageDisk, ImageSource, Input,
    KernelBoot, Login, Machine, Matrix, Network, Nic, NicModel, Project, Protocol,
};
pub use render::Colour;
pub use scenario::Scenario;
pub use schema::{project_schema, scenario_schema};
pub use secret::{Secret, SecretSource};
pub use shared_beginnings::{Item, shared_beginnings};
pub use source::{Source, Span};
pub use spanned::Spanned;
pub use step::{
    Action, Again, Assert, Boot, BootDisk, Button, Changed, Click, Date, Direction, Drag, Each,
    Exit, Gone, Group, Hold, Include, Items, Media, MediumFile, Move, Note, Over, Pause, Power,
    Press, Reboot, RebootBy, ResetKind, Resets, Run, Screenshot, Scroll, See, Serial, SerialWait,
    Set, SoftFail, Step, Still, Target, Type, Verb,
};
pub use tag::{TagQuery, TagSet};
pub use template::Template;
pub use templated::{FromText, Shown, Templated};
pub use text::{MASK, Text};
pub use vars::{ATTEMPT, BUILT_IN, Value, VarSources, Vars, WrittenValue};
pub use watch::{
    HOPELESS, Reboots, Watch, WatchKind, WatchRule, WatchedBy, segfault_pattern, switched_off,
    watches,
};
