/// Something the host lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What, such as `qemu-system-x86_64`.
    pub what: String,
    /// What it is for: completes "needed to ...".
    pub purpose: String,
    /// Packages of this distribution that have it; empty when the distribution is not known here.
    pub packages: Vec<String>,
    /// Whether the usual work (x86_64 machines, reference images) needs it.
    pub required: bool,
}

/// How to install what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallPlan {
    /// Commands to run in order; the first word is the program. As root, or with `sudo` in front.
    pub commands: Vec<Vec<String>>,
}
