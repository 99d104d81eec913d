//! The names and severities of all checks.

use std::fmt;

use super::severity::Severity;

macro_rules! codes {
    ($(#[doc = $doc:literal] $name:ident = $text:literal, $severity:ident;)+) => {
        /// The checks. Each finding names its check. The names never change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $doc] $name,)+ }

        impl Code {
            /// All checks.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Returns the name: words joined by `-`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// Returns what the check finds, in a sentence: for the documentation.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $doc.trim_ascii(),)+ }
            }

            /// Returns the severity of the findings.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)+ }
            }
        }
    };
}

codes! {
    /// The text is not YAML, or is larger than a scenario may be.
    Syntax = "syntax", Error;
    /// A key is written twice.
    DuplicateKey = "duplicate-key", Error;
    /// A value has the wrong type or form.
    WrongType = "wrong-type", Error;
    /// A value can be read but makes no sense.
    InvalidValue = "invalid-value", Error;
    /// A required field is missing.
    MissingField = "missing-field", Error;
    /// The field does not exist.
    UnknownField = "unknown-field", Error;
    /// The verb does not exist.
    UnknownVerb = "unknown-verb", Error;
    /// A step has no verb or several.
    OneVerb = "one-verb", Error;
    /// The key of the keyboard does not exist.
    UnknownKey = "unknown-key", Error;
    /// The guest's keyboard cannot type a character.
    UntypedCharacter = "untyped-character", Error;
    /// A condition cannot be parsed.
    Condition = "condition", Error;
    /// A variable is set nowhere.
    UnknownVariable = "unknown-variable", Error;
    /// A text would become longer than a project may make it.
    TooMuchText = "too-much-text", Error;
    /// Variables need each other's values.
    VariableCycle = "variable-cycle", Error;
    /// A secret is used where it would be shown.
    SecretShown = "secret-shown", Error;
    /// The scenario does not exist.
    UnknownScenario = "unknown-scenario", Error;
    /// The image does not exist.
    UnknownImage = "unknown-image", Error;
    /// The machine does not exist.
    UnknownMachine = "unknown-machine", Error;
    /// The matrix does not exist.
    UnknownMatrix = "unknown-matrix", Error;
    /// The watch does not exist.
    UnknownWatch = "unknown-watch", Error;
    /// The file to include is not among the project's files.
    UnknownFragment = "unknown-fragment", Error;
    /// Two scenarios, or two watches, have the same name. For two needles it is a warning.
    DuplicateName = "duplicate-name", Error;
    /// Scenarios start after each other in a circle.
    AfterCycle = "after-cycle", Error;
    /// A scenario has another image or machine than the scenario that it starts after.
    AfterElsewhere = "after-elsewhere", Error;
    /// Files include each other in a circle.
    IncludeCycle = "include-cycle", Error;
    /// An image and a machine have different architectures.
    OtherArchitecture = "other-architecture", Error;
    /// A matrix has a combination twice.
    MatrixTwice = "matrix-twice", Error;
    /// An `exclude` of a matrix leaves nothing out.
    MatrixExclude = "matrix-exclude", Warning;
    /// No image is known for a scenario.
    NoImage = "no-image", Error;
    /// A step needs a drive or a disk that the machine does not have.
    NoDrive = "no-drive", Error;
    /// No needle has the tag.
    UnknownTag = "unknown-tag", Error;
    /// A needle cannot be used.
    BrokenNeedle = "broken-needle", Error;
    /// No scenario looks for the needle.
    UnusedNeedle = "unused-needle", Warning;
    /// A scenario cannot be reached, because the scenario before it cannot run.
    Unreachable = "unreachable", Error;
    /// Other scenarios start after a scenario that differs between attempts.
    AttemptShared = "attempt-shared", Warning;
    /// A step waits for time instead of an event.
    Sleep = "sleep", Warning;
    /// A pattern also matches the text that is sent before it. The echo of that text is not an answer.
    Echo = "echo", Warning;
    /// A text without quotes has a backslash and an `n` where a line end is probably meant.
    LiteralEscape = "literal-escape", Warning;
    /// A click names a point that the needle does not have.
    ClickPoint = "click-point", Error;
    /// A deadline is zero.
    DeadlineZero = "deadline-zero", Error;
    /// A condition is always or never true.
    DeadWhen = "dead-when", Warning;
    /// A step expects a panic, but a watch forbids it.
    WatchedPanic = "watched-panic", Warning;
    /// The last day of a soft failure is over.
    Expired = "expired", Warning;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
