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

mod bounds;
mod checkpoint_key;
mod condition;
mod finding;
mod keyboard;
mod library;
mod lint;
mod plan;
mod project;
mod scenario;
mod schema;
mod step;
mod value;
mod watch;
mod yaml;

pub use bounds::TooMuchHeld;
pub use checkpoint_key::{Assigned, Item, KeyMaterial, Looks, shared_beginnings};
pub use condition::Condition;
pub use finding::{Code, Colour, Diagnostic, Severity, Source, Span, Spanned, nearest, sort};
pub use keyboard::{Beyond, KeyCombo, Keyboard, Layout, Tap, Untyped, Why};
pub use library::Library;
pub use lint::{
    Drives, NeedleFacts, beyond_f12_in, check_drives, expired, lint, mistakes_in_values,
};
pub use plan::{
    Chain, Combination, NoStepId, Plan, PlanNode, PlannedStep, RenderedStep, StepId, VarSources,
    expand, switched_off, watches,
};
pub use project::{
    Accel, Architecture, Capability, Credential, CredentialValue, Disk, DiskBus, DiskFormat,
    Display, DisplayDevice, Entry, Firmware, Forward, Image, ImageDisk, ImageSource, Input,
    KernelBoot, Login, Machine, Matrix, Network, Nic, NicModel, Project, Protocol,
};
pub use scenario::Scenario;
pub use schema::{project_schema, scenario_schema};
pub use step::{
    Action, Again, Area, Assert, Boot, BootDisk, Button, Changed, Click, Date, Direction, Drag,
    Each, Exit, Gone, Group, Hold, Include, Items, Media, MediumFile, Move, Note, Over, Pause,
    Power, Press, Reboot, RebootBy, ResetKind, Resets, Run, Screenshot, Scroll, See, Serial,
    SerialWait, Set, SoftFail, Step, Still, Target, Type, Verb,
};
pub use value::{
    FromText, MASK, Pattern, Phase, Render, Rendered, Secret, SecretSource, Shown, TagQuery,
    TagSet, Template, Templated, Text, Value, Vars, Written, WrittenValue,
};
pub use watch::{HOPELESS, Reboots, Watch, WatchKind, WatchRule, WatchedBy, segfault_pattern};
