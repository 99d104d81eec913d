//! The command line of `qa init`, as it was typed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::look::LookArgs;

/// Arguments of `qa init`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  qa init memtest.iso --machine bios-x86_64\n  \
                        qa init disk.qcow2 --into tests --for 3m\n\n\
                        Looks at the image as `qa look` does. Makes a project with a scenario that waits for the last \
                        screen, or for each screen that you marked with Enter, and a needle for each. The area of a \
                        needle is proposed: a part of the screen that does not move, that is the same at a second \
                        start, and that no screen of another kind shows. No file is replaced."
)]
pub(crate) struct InitArgs {
    /// The look at the image
    #[command(flatten)]
    pub look: LookArgs,
    /// Do not start the machine a second time to see which parts of the screen are the same
    #[arg(long)]
    pub once: bool,
    /// Folder of the new project
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub into: PathBuf,
    /// The CI server to make a file for
    #[arg(long, value_name = "SERVER", default_value = "github")]
    pub ci: CiServer,
}

/// The CI server to make a file for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CiServer {
    /// .github/workflows/qa.yaml
    Github,
    /// .gitlab-ci.yml
    Gitlab,
    /// No file
    None,
}
