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
    Gone = "gone", "Waits until no such needle is on the screen any more.";
    Still = "still", "Waits until the screen has not changed for some time.";
    Changed = "changed", "Waits until the screen is no longer what it was before the last input.";
    Screenshot = "screenshot", "Keeps the current frame as evidence.";
    Press = "press", "Presses keys.";
    Hold = "hold", "Holds keys down for a time, or while steps run.";
    Type = "type", "Types text on the keyboard.";
    Click = "click", "Clicks at a needle, which is waited for, or at a place.";
    Move = "move", "Moves the pointer to a needle, which is waited for, or to a place.";
    Drag = "drag", "Presses a button at one place, moves, releases it at another.";
    Scroll = "scroll", "Turns the wheel.";
    Serial = "serial", "Talks over the serial console: sends text, waits for text.";
    Run = "run", "Runs a shell command in the guest, by its agent or over the serial line.";
    Reboot = "reboot", "Restarts the machine and waits until it has been reset.";
    Shutdown = "shutdown", "Asks the guest to power off and waits until it has.";
    Power = "power", "The power button and what is behind it; `cut` pulls the plug.";
    Media = "media", "Takes the medium out of the drive for CDs, or puts one in.";
    Boot = "boot", "Says from which disk the machine starts the next time.";
    Group = "group", "Steps with a name.";
    Include = "include", "The steps of a fragment.";
    Each = "each", "The steps inside, once for each item.";
    Set = "set", "Gives variables values.";
    Assert = "assert", "A condition that must be true now.";
    Note = "note", "Writes a remark into the report.";
    SoftFail = "soft_fail", "A known defect was met: the scenario goes on and is soft-failed.";
    Pause = "pause", "Waits until a person presses Enter; where nobody is at a terminal, it waits for nothing.";
}

impl Verb {
    /// Returns the verb of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|verb| verb.name() == name)
    }
}
