//! What may be typed after `qa run` and `qa resume`.

use std::path::PathBuf;

use clap::Args;
use scenarios::StepId;

use super::Format;

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
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=100_000),
        conflicts_with = "retries",
        help_heading = "Trying again"
    )]
    pub repeat: Option<u32>,
    /// Try until an attempt does not hold
    #[arg(long, conflicts_with = "retries", help_heading = "Trying again")]
    pub until_fail: bool,
    /// Effect on the exit status of a scenario that held in only some of its attempts [default: fail where CI is set,
    /// and with --repeat and --until-fail; else pass]
    #[arg(long, value_name = "WHAT", help_heading = "Trying again")]
    pub flaky: Option<Flaky>,
    /// Go on from this step of the one scenario named, such as 3 or 3.1: start at the nearest checkpoint
    /// before it, run what is between
    #[arg(
        long,
        value_name = "STEP",
        conflicts_with_all = ["retries", "repeat", "until_fail"],
        help_heading = "Looking into a failure"
    )]
    pub from: Option<StepId>,
    /// End after this step of the one scenario named, and leave the machine running with its screen reachable by VNC
    #[arg(
        long,
        value_name = "STEP",
        conflicts_with_all = ["retries", "repeat", "until_fail"],
        help_heading = "Looking into a failure"
    )]
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
                        The machine that `qa run --keep` kept is opened as it was when the scenario failed. Without \
                        one, the scenario is run again up to the step before, from the nearest checkpoint. Nothing is \
                        judged.")]
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
    /// No effect
    Pass,
    /// The same as of a failed scenario
    Fail,
}

impl RunArgs {
    /// Returns whether checkpoints of earlier runs must not be used: a gate judges the image, not what
    /// was left of it yesterday.
    pub(crate) fn is_cold(&self) -> bool {
        self.cold || (!self.warm && is_in_ci())
    }

    /// Returns the effect of a flaky scenario on the exit status. A gate must not let pass what failed once; a person
    /// at the terminal sees it anyway.
    pub(crate) fn flaky_policy(&self) -> reports::FlakyPolicy {
        let stress = self.repeat.is_some() || self.until_fail;
        match self.flaky {
            Some(Flaky::Fail) => reports::FlakyPolicy::Fail,
            Some(Flaky::Pass) => reports::FlakyPolicy::Pass,
            None if stress || is_in_ci() => reports::FlakyPolicy::Fail,
            None => reports::FlakyPolicy::Pass,
        }
    }
}

/// Returns whether this is a job of a CI server.
fn is_in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_have_a_name() {
        assert_eq!(parse_variable("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert_eq!(parse_variable("a="), Ok(("a".into(), String::new())));
        assert!(parse_variable("=b").is_err());
        assert!(parse_variable("a").is_err());
    }
}
