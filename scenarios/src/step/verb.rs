//! The list of all verbs.

macro_rules! verbs {
    ($($name:ident = $text:literal, $doc:literal;)+) => {
        /// The verbs of the language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Verb { $(#[doc = $doc] $name,)+ }

        impl Verb {
            /// All verbs, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Returns the name in scenarios.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// Returns a description in one sentence, for editors.
            pub(crate) fn doc(self) -> &'static str {
                match self { $(Self::$name => $doc,)+ }
            }
        }
    };
}

verbs! {
    See = "see", "Waits until a needle is on the screen.";
    Gone = "gone", "Waits until a needle is no longer on the screen.";
    Still = "still", "Waits until the screen has not changed for some time.";
    Changed = "changed", "Waits until the screen differs from the screen before the last input.";
    Screenshot = "screenshot", "Keeps the current frame as evidence.";
    Press = "press", "Presses keys.";
    Hold = "hold", "Holds keys down for a time, or while steps run.";
    Type = "type", "Types text on the keyboard.";
    Click = "click", "Waits for a needle and clicks it, or clicks at a place.";
    Move = "move", "Waits for a needle and moves the pointer to it, or moves it to a place.";
    Drag = "drag", "Presses a button at one place, moves the pointer, and releases the button at another place.";
    Scroll = "scroll", "Turns the wheel of the mouse.";
    Serial = "serial", "Sends text over the serial console, and waits for text.";
    Run = "run", "Runs a shell command in the guest, through its agent or over the serial line.";
    Put = "put", "Copies a file of the project into the guest, or writes a text there.";
    Get = "get", "Copies a file of the guest into the results, or its content into a variable.";
    Reboot = "reboot", "Restarts the machine and waits until it has been reset.";
    Shutdown = "shutdown", "Asks the guest to power off and waits until it is off.";
    Power = "power", "Uses the power button or the reset button, or cuts the power.";
    Media = "media", "Ejects the CD from the drive, or inserts one.";
    Boot = "boot", "Chooses the disk from which the machine starts the next time.";
    Group = "group", "Runs steps under a common name.";
    Include = "include", "Runs the steps of a fragment.";
    Each = "each", "Runs its steps once for each item.";
    Set = "set", "Sets variables.";
    Assert = "assert", "Fails unless a condition is true now.";
    Note = "note", "Writes a remark into the report.";
    SoftFail = "soft_fail", "Says that a known defect was met. The scenario goes on, and its verdict is `soft-failed`.";
    Pause = "pause", "Waits until a person presses Enter. Without a terminal, it does not wait.";
}

impl Verb {
    /// Returns the verb of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|verb| verb.name() == name)
    }
}
