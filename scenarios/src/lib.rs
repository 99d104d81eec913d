//! The scenario language: types, parser, linter, schema and plan.
//!
//! This crate takes text and returns values and findings. It opens no file, asks no clock, and knows no machine, no
//! needle file and no picture. The caller passes in the text of files, facts about needles and the values of secrets.
//!
//! ```text
//! qa.yaml ---Project::read--> Project --+
//!                                       +--lint--> findings
//! *.yaml ----Library::read--> Library --+
//!                                |
//!                            Plan::new --> chains --expand--> planned steps --render--> actions, just before they run
//! ```
//!
//! # The folders
//!
//! - `finding`: findings with their place, help and nearest name.
//! - `yaml`: YAML as a tree with places, and the reader of fields.
//! - `value`: values with variables in them.
//! - `condition`, `keyboard`: the conditions of `when` and `assert`; the keys that type a text.
//! - `step`, `watch`: the verbs, one file each; the watches.
//! - `project`, `scenario`, `library`: the files `qa.yaml` and `*.yaml`.
//! - `plan`: the order of scenarios, and the steps that run.
//! - `checkpoint_key`: the parts of a step that the key of a checkpoint depends on.
//! - `lint`, `schema`: the checks of `qa check`; JSON Schemas for editors.
//! - `openqa`: takes over test distributions of openQA.
//!
//! A folder uses only the folders above it in this list.
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
mod openqa;
mod plan;
mod project;
mod scenario;
mod schema;
mod step;
mod value;
mod watch;
mod yaml;

pub use bounds::VarsTooLong;
pub use checkpoint_key::{Assigned, Item, KeyMaterial, Looks, shared_beginnings};
pub use condition::Condition;
pub use finding::{Code, Colour, Diagnostic, Severity, Source, Span, Spanned, nearest, sort};
pub use keyboard::{
    InputMethod, KeyCombo, Keyboard, Layout, Tap, Untyped, UntypedReason, key_names,
};
pub use library::Library;
pub use lint::{
    Drives, Linted, NeedleFacts, check_drives, expired, lint, lint_and_use, mistakes_in_values,
    unknown_function_keys,
};
pub use openqa::{Distribution, ImportReport, Imported, OpenqaFile, import_openqa};
pub use plan::{
    Chain, Combination, InvalidStepId, Plan, PlanNode, PlannedStep, RenderedStep, StepId,
    VarSources, expand, switched_off, watches,
};
pub use project::board;
pub use project::{
    Accel, Architecture, Capability, Credential, CredentialValue, Disk, DiskBus, DiskFormat,
    Display, DisplayDevice, Entry, Firmware, Forward, Image, ImageDisk, ImageSource, Input,
    KernelBoot, Login, Machine, Matrix, Network, Nic, NicModel, Project, Protocol, Retention,
};
pub use scenario::Scenario;
pub use schema::{project_schema, scenario_schema};
pub use step::{
    Action, Again, Area, Assert, Boot, BootDisk, Button, Changed, Click, Date, Direction, Drag,
    Each, Exit, FileMode, Get, Gone, Group, GuestPath, Hold, Include, Items, Media, MediumFile,
    Move, Note, Over, Pause, Power, Press, ProjectFile, Put, PutContent, Reboot, RebootBy,
    ResetKind, Resets, Run, Screenshot, Scroll, See, Serial, SerialWait, Set, SoftFail, Step,
    Still, Target, Type, Verb,
};
pub use value::{
    FromText, MASK, Pattern, Phase, Render, Rendered, Secret, SecretSource, Shown, TagQuery,
    TagSet, Template, Templated, Text, Value, Vars, Written, WrittenValue, parse_duration,
};
pub use watch::{HOPELESS, Reboots, Watch, WatchKind, WatchRule, WatchedBy, segfault_pattern};
