//! The command line of `qa look`, as it was typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::pictures::PicturesChoice;

/// Arguments of `qa look`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Examples:\n  qa look memtest.iso --machine bios-x86_64\n  \
                        qa look disk.qcow2 --for 3m          end after three minutes\n  \
                        qa look gnome                        an image of this project\n\n\
                        Every screen that differs is kept in the folder of the results. The page `report.html` there \
                        shows them while they come. To make a needle, open a screen on the page, drag a rectangle \
                        over what must be there, and copy the command that it shows.\n\n\
                        On a terminal, Enter marks a screen and Ctrl-C ends the look. Elsewhere the look ends after \
                        2m, or after 30s without a new picture."
)]
pub(crate) struct LookArgs {
    /// A disk file, a CD, or an image of the project
    #[arg(value_name = "IMAGE")]
    pub image: String,
    /// A machine of the project, or a built-in preset [default: that of the image, else uefi-x86_64]
    #[arg(long, value_name = "MACHINE")]
    pub machine: Option<String>,
    /// End the look after this time, such as 90s or 5m
    #[arg(long = "for", value_name = "TIME", value_parser = scenarios::parse_duration)]
    pub most: Option<Duration>,
    /// End the look after this time without a new picture
    #[arg(long, value_name = "TIME", value_parser = scenarios::parse_duration)]
    pub still: Option<Duration>,
    /// Folder for results [default: qa-results in the project]
    #[arg(long, value_name = "DIR")]
    pub results: Option<PathBuf>,
    /// Show the screens in the terminal
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub pictures: PicturesChoice,
}
