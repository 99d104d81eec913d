macro_rules! verbs {
    ($($name:ident = $text:literal;)+) => {
        /// The verbs of the language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the type of each verb says what it does")]
        pub enum Verb { $($name,)+ }

        impl Verb {
            /// Every verb, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// As written in a scenario.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

verbs! {
    See = "see";
    Gone = "gone";
    Still = "still";
    Changed = "changed";
    Screenshot = "screenshot";
    Press = "press";
    Hold = "hold";
    Type = "type";
    Click = "click";
    Move = "move";
    Drag = "drag";
    Scroll = "scroll";
    Serial = "serial";
    Run = "run";
    Reboot = "reboot";
    Shutdown = "shutdown";
    Power = "power";
    Group = "group";
    Include = "include";
    Each = "each";
    Set = "set";
    Assert = "assert";
    Note = "note";
    SoftFail = "soft_fail";
}

impl Verb {
    /// The verb of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|verb| verb.name() == name)
    }
}
