use std::fmt;

use super::severity::Severity;

macro_rules! codes {
    ($($(#[$doc:meta])+ $name:ident = $text:literal, $severity:ident;)+) => {
        /// The checks: each finding names the one that found it, under a name that never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])+ $name,)+ }

        impl Code {
            /// Every check.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name: words joined by `-`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// How much its findings matter.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)+ }
            }
        }
    };
}

codes! {
    /// The text is no YAML, or takes more than a scenario may.
    Syntax = "syntax", Error;
    /// A key is written twice.
    DuplicateKey = "duplicate-key", Error;
    /// A value of the wrong type or form.
    WrongType = "wrong-type", Error;
    /// A value that parses but cannot be meant.
    InvalidValue = "invalid-value", Error;
    /// A field that must be there is not.
    MissingField = "missing-field", Error;
    /// A field that does not exist.
    UnknownField = "unknown-field", Error;
    /// A verb that does not exist.
    UnknownVerb = "unknown-verb", Error;
    /// A step without a verb or with several.
    OneVerb = "one-verb", Error;
    /// A key of the keyboard that does not exist.
    UnknownKey = "unknown-key", Error;
    /// A character that the guest's keyboard does not type.
    UntypedCharacter = "untyped-character", Error;
    /// A condition that does not parse.
    Condition = "condition", Error;
    /// A variable that is set nowhere.
    UnknownVariable = "unknown-variable", Error;
    /// Text that would be longer than a project may make it.
    TooMuchText = "too-much-text", Error;
    /// Variables that need each other.
    VariableCycle = "variable-cycle", Error;
    /// A secret where it would be shown.
    SecretShown = "secret-shown", Error;
    /// A scenario that does not exist.
    UnknownScenario = "unknown-scenario", Error;
    /// An image that does not exist.
    UnknownImage = "unknown-image", Error;
    /// A machine that does not exist.
    UnknownMachine = "unknown-machine", Error;
    /// A matrix that does not exist.
    UnknownMatrix = "unknown-matrix", Error;
    /// A watch that does not exist.
    UnknownWatch = "unknown-watch", Error;
    /// A file to include that was not found among the project's files.
    UnknownFragment = "unknown-fragment", Error;
    /// Two scenarios, or two watches, of one name.
    DuplicateName = "duplicate-name", Error;
    /// Scenarios that start after each other.
    AfterCycle = "after-cycle", Error;
    /// A scenario on another image or machine than the one it starts after.
    AfterElsewhere = "after-elsewhere", Error;
    /// Files that include each other.
    IncludeCycle = "include-cycle", Error;
    /// An image on a machine of another architecture.
    OtherArchitecture = "other-architecture", Error;
    /// A combination that a matrix has twice.
    MatrixTwice = "matrix-twice", Error;
    /// An `exclude` of a matrix that leaves nothing out.
    MatrixExclude = "matrix-exclude", Warning;
    /// A scenario for which no image is known.
    NoImage = "no-image", Error;
    /// A step that needs a drive or a disk that the machine does not have.
    NoDrive = "no-drive", Error;
    /// A tag that no needle carries.
    UnknownTag = "unknown-tag", Error;
    /// A needle that cannot be used.
    BrokenNeedle = "broken-needle", Error;
    /// A needle that no scenario looks for.
    UnusedNeedle = "unused-needle", Warning;
    /// A scenario that cannot be reached: what it starts after cannot run.
    Unreachable = "unreachable", Error;
    /// A scenario that others start after and that differs from attempt to attempt.
    AttemptShared = "attempt-shared", Warning;
    /// Waiting for time instead of for what is waited for.
    Sleep = "sleep", Warning;
    /// A pattern that matches what is sent before it, whose echo is no answer.
    Echo = "echo", Warning;
    /// A click on a named point that the needle does not have.
    ClickPoint = "click-point", Error;
    /// A deadline of no time.
    DeadlineZero = "deadline-zero", Error;
    /// A condition that is always or never true.
    DeadWhen = "dead-when", Warning;
    /// A panic that a step expects and a watch does not let happen.
    WatchedPanic = "watched-panic", Warning;
    /// A soft failure whose day is over.
    Expired = "expired", Warning;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
