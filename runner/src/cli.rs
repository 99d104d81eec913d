//! What may be typed after `qa`. Nothing here touches the outside world.

mod cache;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use scenarios::StepId;

pub(crate) use cache::{CacheCommand, parse_size};

/// Tests operating-system images the way a person would: boots them, looks at the screen, types, clicks, and says with
/// evidence whether they work.
#[derive(Debug, Parser)]
#[command(
    name = "qa",
    bin_name = "qa",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Examples:\n  qa run gnome-login             run a scenario of this project\n  \
                  qa check                       find mistakes before a machine boots\n  \
                  qa doctor                      what this host has and lacks\n\n\
                  Exit status: 0 nothing gates, 1 a scenario failed, 2 the call or a file is wrong,\n\
                  3 the harness or the host broke, 130 cancelled."
)]
pub(crate) struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// What every command takes
    #[command(flatten)]
    pub global: Global,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Folder of the project, where qa.yaml is [default: this folder or the nearest one above that has it]
    #[arg(long, global = true, value_name = "DIR", env = "QA_PROJECT")]
    pub project: Option<PathBuf>,
    /// Say only what gates
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub colour: ColourChoice,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColourChoice {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs, on stdout
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run scenarios and judge them
    Run(RunArgs),
    /// Open the machine of a failed scenario where it failed, to look and try
    Resume(ResumeArgs),
    /// List scenarios, images, machines and matrices
    List(ListArgs),
    /// Find mistakes in scenarios, needles and the project file
    Check(CheckArgs),
    /// Say what this host has and lacks, and how to install it
    Doctor(DoctorArgs),
    /// Build and list the reference images
    #[command(subcommand)]
    Image(ImageCommand),
    /// Work with needles
    #[command(subcommand)]
    Needle(NeedleCommand),
    /// List, prune and verify the checkpoints that runs start from
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Make every report of a run again from its event log
    Report(ReportArgs),
    /// Print the JSON Schema of scenarios or of the project file
    Schema(SchemaArgs),
    /// Print the completion script of a shell
    Completions(CompletionsArgs),
}

/// Arguments of `qa run`.
#[derive(Debug, Default, Args)]
#[command(after_help = "Examples:\n  qa run gnome-login gnome-calculator\n  \
                        qa run path/to/scenario.yaml --image disk.qcow2\n  \
                        qa run gnome-login --var password=wrong\n  \
                        qa run --matrix nightly              every combination of a matrix in qa.yaml\n  \
                        qa run gnome-calculator --until 3    look around after step 3\n  \
                        qa run gnome-calculator --from 5     from step 5, starting as near as there is a checkpoint\n  \
                        qa run gnome-login --keep            keep the machine if it fails, for `qa resume`")]
pub(crate) struct RunArgs {
    /// Scenarios by name or file [default: all of the project, or of the matrix]
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// Run this matrix of the project; scenarios, --image and --machine say which part of it
    #[arg(long, value_name = "NAME")]
    pub matrix: Option<String>,
    /// Run them on this image: a name of the project or a disk file
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// Run them on this machine of the project, or a built-in preset
    #[arg(long, value_name = "MACHINE")]
    pub machine: Option<String>,
    /// Set a variable; wins over every other place
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = parse_variable)]
    pub vars: Vec<(String, String)>,
    /// Folder for results [default: qa-results in the project]
    #[arg(long, value_name = "DIR")]
    pub results: Option<PathBuf>,
    /// Multiply every deadline by this, on top of the machine's own factor
    #[arg(long, value_name = "FACTOR", value_parser = parse_factor)]
    pub deadline_scale: Option<f64>,
    /// Show the stages that would run, what is cached of them and how long they took before, and run nothing
    #[arg(long)]
    pub plan: bool,
    /// Start from power-on: use no checkpoint of an earlier run [default: where CI is set]
    #[arg(long, help_heading = "Checkpoints")]
    pub cold: bool,
    /// Start from checkpoints of earlier runs even where CI is set
    #[arg(long, help_heading = "Checkpoints", conflicts_with = "cold")]
    pub warm: bool,
    /// Let a failure from a checkpoint count without trying it from power-on
    #[arg(long, help_heading = "Checkpoints")]
    pub no_confirm: bool,
    /// Neither use nor make checkpoints
    #[arg(long, help_heading = "Checkpoints", conflicts_with = "warm")]
    pub no_checkpoints: bool,
    /// Run so many machines at once [default: what the host's processors and memory hold]
    #[arg(short, long, value_name = "N", value_parser = parse_count)]
    pub jobs: Option<usize>,
    /// Try a scenario that did not hold again, up to N times
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        help_heading = "Trying again"
    )]
    pub retries: u32,
    /// Try every scenario N times, whatever comes of it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000), conflicts_with = "retries", help_heading = "Trying again")]
    pub repeat: Option<u32>,
    /// Try until an attempt does not hold
    #[arg(long, conflicts_with = "retries", help_heading = "Trying again")]
    pub until_fail: bool,
    /// Whether a scenario that held in some attempts only makes the run fail [default: pass with --retries, fail with --repeat and --until-fail]
    #[arg(long, value_name = "WHAT", help_heading = "Trying again")]
    pub flaky: Option<Flaky>,
    /// Go on from this step of the one scenario named, such as 3 or 3.1: start at the nearest checkpoint before it, run what is between
    #[arg(long, value_name = "STEP", conflicts_with_all = ["retries", "repeat", "until_fail"], help_heading = "Looking into a failure")]
    pub from: Option<StepId>,
    /// End after this step of the one scenario named, and leave the machine running with its screen reachable by VNC
    #[arg(long, value_name = "STEP", conflicts_with_all = ["retries", "repeat", "until_fail"], help_heading = "Looking into a failure")]
    pub until: Option<StepId>,
    /// Keep the machine of a scenario that fails as it is then, for `qa resume`
    #[arg(
        long,
        conflicts_with = "no_checkpoints",
        help_heading = "Looking into a failure"
    )]
    pub keep: bool,
    /// How the result is printed; with json, the event log goes to stdout as it grows
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// Arguments of `qa resume`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  qa resume latest\n  \
                        qa resume 20261126-025646 gnome-calculator\n\n\
                        The machine that `qa run --keep` kept is opened as it was when the scenario failed. Without one, the \
                        scenario is run again up to the step before, from the nearest checkpoint. Nothing is judged.")]
pub(crate) struct ResumeArgs {
    /// Folder of the run, its name, or `latest`
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// The scenario that failed there [default: the only one that did]
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// The image that was tested, where the run was told with --image
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// Set a variable, where the run was told with --var: their values are not written down
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = parse_variable)]
    pub vars: Vec<(String, String)>,
    /// Folder of results [default: qa-results in the project]
    #[arg(long, value_name = "DIR")]
    pub results: Option<PathBuf>,
}

/// What a flaky scenario does to the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Flaky {
    /// Nothing
    Pass,
    /// As a failed one
    Fail,
}

impl RunArgs {
    /// Whether checkpoints of earlier runs must not be used: a gate judges the image, not what was left of it yesterday.
    pub(crate) fn is_cold(&self) -> bool {
        let in_ci =
            || std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
        self.cold || (!self.warm && in_ci())
    }

    /// What a flaky scenario does to the exit status.
    pub(crate) fn flaky_policy(&self) -> reports::FlakyPolicy {
        let stress = self.repeat.is_some() || self.until_fail;
        match self.flaky {
            Some(Flaky::Fail) => reports::FlakyPolicy::Fail,
            Some(Flaky::Pass) => reports::FlakyPolicy::Pass,
            None if stress => reports::FlakyPolicy::Fail,
            None => reports::FlakyPolicy::Pass,
        }
    }
}

/// Arguments of `qa list`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  qa list --format json\n  \
                        qa list --matrix nightly             what a matrix runs, and on what")]
pub(crate) struct ListArgs {
    /// List the combinations of this matrix
    #[arg(long, value_name = "NAME")]
    pub matrix: Option<String>,
    /// How the list is printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// Arguments of `qa check`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  qa check")]
pub(crate) struct CheckArgs {
    /// How the findings are printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
}

/// Arguments of `qa doctor`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  qa doctor\n  qa doctor --install")]
pub(crate) struct DoctorArgs {
    /// Install what is missing
    #[arg(long)]
    pub install: bool,
    /// How the findings are printed
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        conflicts_with = "install"
    )]
    pub format: Format,
}

/// `qa image ...`
#[derive(Debug, Subcommand)]
pub(crate) enum ImageCommand {
    /// Build a reference image, unless it is built already
    #[command(
        after_help = "Examples:\n  qa image build gnome\n  qa image build --force gnome console"
    )]
    Build {
        /// Build it again, with the newest packages, although its recipe is unchanged
        #[arg(long)]
        force: bool,
        /// Names of the images
        #[arg(required = true, value_name = "IMAGE")]
        names: Vec<String>,
    },
    /// List the images of the project and what is built
    #[command(after_help = "Example:\n  qa image list")]
    List {
        /// How the list is printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Compare built images with the digests noted when they were built
    #[command(after_help = "Example:\n  qa image verify")]
    Verify,
}

/// `qa needle ...`
#[derive(Debug, Subcommand)]
pub(crate) enum NeedleCommand {
    /// Match needles on a screenshot
    #[command(
        after_help = "Examples:\n  qa needle match shot.png --tag gnome-overview\n  \
                      qa needle match --batch cases.tsv     lines of screenshot<TAB>needle.json<TAB>ratio"
    )]
    Match {
        /// The screenshot, PNG or PPM
        #[arg(required_unless_present = "batch", conflicts_with = "batch")]
        screenshot: Option<PathBuf>,
        /// Match the cases of this file: screenshot, needle file and ratio between tabs; prints a line of JSON a case
        #[arg(long, value_name = "FILE", conflicts_with_all = ["needles", "tag", "ratio"])]
        batch: Option<PathBuf>,
        /// Folder of needles [default: the project's]
        #[arg(long, value_name = "DIR")]
        needles: Option<PathBuf>,
        /// Only needles that carry this tag
        #[arg(long, value_name = "TAG")]
        tag: Vec<String>,
        /// How far around the recorded place to search: 0 in the margin, 1 anywhere
        #[arg(long, value_name = "RATIO", default_value = "0")]
        ratio: f64,
        /// How the result is printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Find needles that cannot or must not match
    ///
    /// The exit status is 2 where something is found. A needle that is meant to be a part of another says so:
    /// "properties": ["part-of:NAME"].
    #[command(after_help = "Example:\n  qa needle check needles/gnome")]
    Check {
        /// Folder of needles [default: the project's]
        dir: Option<PathBuf>,
        /// How the findings are printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Draw a needle's areas, margins and scores into a copy of its picture or of a screenshot
    #[command(
        after_help = "Example:\n  qa needle show needles/gnome/gnome-overview.json --output overview.png"
    )]
    Show {
        /// The needle's JSON file
        needle: PathBuf,
        /// Draw on this screenshot, each area where it fits best
        #[arg(long, value_name = "FILE")]
        on: Option<PathBuf>,
        /// The PNG to write
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
        /// How the result is printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Make a needle from a screenshot
    #[command(
        after_help = "Example:\n  qa needle crop qa-results/latest/gnome-login/frames/0007.png \\\n    --area 412,30,200,48 --tag gnome-overview --into needles/gnome"
    )]
    Crop {
        /// The screenshot, PNG or PPM
        screenshot: PathBuf,
        /// An area that must match: x,y,width,height in pixels; may be given several times
        #[arg(long = "area", required = true, value_name = "X,Y,W,H", value_parser = parse_area)]
        areas: Vec<[u32; 4]>,
        /// An area to leave out
        #[arg(long = "exclude", value_name = "X,Y,W,H", value_parser = parse_area)]
        excludes: Vec<[u32; 4]>,
        /// A tag; may be given several times
        #[arg(long = "tag", required = true, value_name = "TAG")]
        tags: Vec<String>,
        /// Name of the needle [default: the first tag]
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Required similarity in percent
        #[arg(long = "match", value_name = "PERCENT", default_value = "96")]
        level: u8,
        /// Folder to write it to
        #[arg(long, value_name = "DIR", default_value = ".")]
        into: PathBuf,
        /// How the result is printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Offer the failed candidates of a run, side by side with the screen, and write the new needle on yes
    #[command(
        after_help = "Example:\n  qa needle bump qa-results/latest\n  qa needle bump --format json   only lists the offers"
    )]
    Bump {
        /// Folder of the run [default: the newest of the project]
        run: Option<PathBuf>,
        /// Folder of needles [default: the project's]
        #[arg(long, value_name = "DIR")]
        needles: Option<PathBuf>,
        /// Write all without asking
        #[arg(long)]
        yes: bool,
        /// How the offers are printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Match needles against recorded frames and show what would change
    #[command(
        after_help = "Examples:\n  qa needle replay qa-results/latest\n  qa needle replay frames/ --needles needles/gnome"
    )]
    Replay {
        /// Folder of a run, or any folder of screenshots
        source: PathBuf,
        /// Folder of needles [default: the project's]
        #[arg(long, value_name = "DIR")]
        needles: Option<PathBuf>,
        /// How far around the recorded place to search: 0 in the margin, 1 anywhere
        #[arg(long, value_name = "RATIO", default_value = "0")]
        ratio: f64,
        /// How the result is printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
}

/// Arguments of `qa report`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  qa report qa-results/latest")]
pub(crate) struct ReportArgs {
    /// Folder of the run [default: the newest of the project]
    pub run: Option<PathBuf>,
}

/// Arguments of `qa schema`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  qa schema scenario > scenario.schema.json\n  \
                        # then, in a scenario: # yaml-language-server: $schema=scenario.schema.json"
)]
pub(crate) struct SchemaArgs {
    /// Which schema
    #[arg(default_value = "scenario")]
    pub of: SchemaOf,
}

/// Which schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// Of a scenario file
    Scenario,
    /// Of qa.yaml
    Project,
}

/// Arguments of `qa completions`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  qa completions bash > ~/.local/share/bash-completion/completions/qa"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

fn parse_variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

fn parse_factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if factor.is_finite() && (0.01..=1000.0).contains(&factor) => Ok(factor),
        _ => Err("a number from 0.01 to 1000".to_owned()),
    }
}

fn parse_count(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(count) if (1..=1000).contains(&count) => Ok(count),
        _ => Err("a whole number from 1 to 1000".to_owned()),
    }
}

fn parse_area(text: &str) -> Result<[u32; 4], String> {
    let numbers: Vec<u32> = text
        .split(',')
        .map(|part| part.trim().parse())
        .collect::<Result<_, _>>()
        .map_err(|_| "four whole numbers: x,y,width,height".to_owned())?;
    match <[u32; 4]>::try_from(numbers) {
        Ok(area) if area[2] > 0 && area[3] > 0 => Ok(area),
        Ok(_) => Err("width and height must be at least 1".to_owned()),
        Err(_) => Err("four whole numbers: x,y,width,height".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        fn visit(command: &clap::Command, path: &str) {
            for sub in command.get_subcommands() {
                let path = format!("{path} {}", sub.get_name());
                if sub.has_subcommands() {
                    visit(sub, &path);
                } else if sub.get_name() != "help" {
                    let help = sub.clone().render_long_help().to_string();
                    assert!(help.contains("Example"), "{path} shows no example");
                }
            }
        }
        visit(&Cli::command(), "qa");
    }

    #[test]
    fn areas_are_four_numbers_with_a_size() {
        assert_eq!(parse_area("1,2,3,4"), Ok([1, 2, 3, 4]));
        assert_eq!(parse_area(" 1, 2,3 ,4"), Ok([1, 2, 3, 4]));
        for bad in ["", "1,2,3", "1,2,3,4,5", "1,2,0,4", "1,2,3,-4", "a,b,c,d"] {
            assert!(parse_area(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn variables_have_a_name() {
        assert_eq!(parse_variable("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert_eq!(parse_variable("a="), Ok(("a".into(), String::new())));
        assert!(parse_variable("=b").is_err());
        assert!(parse_variable("a").is_err());
    }
}
