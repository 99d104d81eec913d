//! The command line of `qa run` and `qa resume`, as it was typed.

use std::path::PathBuf;

use clap::Args;
use reports::FlakyPolicy;
use scenarios::StepId;

use super::format::Format;
use super::pictures::PicturesChoice;
use crate::failure::Failure;
use crate::plan::{
    Among, CheckpointUse, Count, DeadlineScale, Extent, FormatNumber, Part, RunRequest,
    ScenarioName, Selection, Setting, Tries, Trust,
};

/// Arguments of `qa run`.
#[derive(Debug, Default, Args)]
#[command(after_help = "Examples:\n  qa run gnome-login gnome-calculator\n  \
                        qa run path/to/scenario.yaml --image disk.qcow2\n  \
                        qa run gnome-login --var password=wrong\n  \
                        qa run --matrix nightly              every combination of a matrix in qa.yaml\n  \
                        qa run gnome-calculator --until 3    look around after step 3\n  \
                        qa run gnome-calculator --from 5     from step 5, with the nearest checkpoint before it\n  \
                        qa run gnome-login --keep            keep the machine if it fails, for `qa resume`")]
pub(crate) struct RunArgs {
    /// Scenarios by name or file [default: all of the project, or of the matrix]
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// Run this matrix of the project; scenarios, --image and --machine choose a part of it
    #[arg(long, value_name = "NAME")]
    pub matrix: Option<String>,
    /// Run them on this image: a name of the project or a disk file
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// Run them on this machine of the project, or a built-in preset
    #[arg(long, value_name = "MACHINE")]
    pub machine: Option<String>,
    /// Set a variable; this wins over all other values
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub vars: Vec<Setting>,
    /// Folder for results [default: qa-results in the project]
    #[arg(long, value_name = "DIR")]
    pub results: Option<PathBuf>,
    /// Multiply every deadline by this, in addition to the factor of the machine
    #[arg(long, value_name = "FACTOR")]
    pub deadline_scale: Option<DeadlineScale>,
    /// Run nothing; show the stages that would run, those that are saved, and the time that they took before
    #[arg(long)]
    pub plan: bool,
    /// Start from power-on: use no checkpoint of an earlier run [default: if CI is set]
    #[arg(long, help_heading = "Checkpoints")]
    pub cold: bool,
    /// Start from checkpoints of earlier runs, even if CI is set
    #[arg(long, help_heading = "Checkpoints", conflicts_with = "cold")]
    pub warm: bool,
    /// Do not confirm a failure from a checkpoint by another attempt from power-on
    #[arg(long, help_heading = "Checkpoints")]
    pub no_confirm: bool,
    /// Neither use nor make checkpoints
    #[arg(long, help_heading = "Checkpoints", conflicts_with = "warm")]
    pub no_checkpoints: bool,
    /// Run at most this many machines at once [default: as many as processors and memory of the host allow]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<Count<1, 1000>>,
    /// Try a scenario that did not hold again, up to N times
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        help_heading = "Trying again"
    )]
    pub retries: u32,
    /// Try every scenario N times, whatever the results are
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "retries",
        help_heading = "Trying again"
    )]
    pub repeat: Option<Count<1, 100_000>>,
    /// Try until an attempt does not hold
    #[arg(long, conflicts_with = "retries", help_heading = "Trying again")]
    pub until_fail: bool,
    /// Effect of a flaky scenario on the exit status, which held in only some attempts [default: fail if CI is set, and
    /// with --repeat and --until-fail; else pass]
    #[arg(long, value_name = "WHAT", help_heading = "Trying again")]
    pub flaky: Option<Flaky>,
    /// Go on from this step of the named scenario, such as 3 or 3.1: start at the nearest checkpoint before it, and run
    /// the steps between
    #[arg(
        long,
        value_name = "STEP",
        conflicts_with_all = ["retries", "repeat", "until_fail"],
        help_heading = "Looking into a failure"
    )]
    pub from: Option<StepId>,
    /// End after this step of the named scenario, and leave the machine running, with its screen open by VNC
    #[arg(
        long,
        value_name = "STEP",
        conflicts_with_all = ["retries", "repeat", "until_fail"],
        help_heading = "Looking into a failure"
    )]
    pub until: Option<StepId>,
    /// If the scenario fails, keep its machine as it is then, for `qa resume`
    #[arg(
        long,
        conflicts_with = "no_checkpoints",
        help_heading = "Looking into a failure"
    )]
    pub keep: bool,
    /// Show the screen of a failure in the terminal
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub pictures: PicturesChoice,
    /// Output format; with json, each event is printed on stdout when it happens
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
    /// The scenario that failed in it [default: the only one that failed]
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// The image of the run, if the run had --image
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// Set a variable, if the run had --var: a run does not store the values
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub vars: Vec<Setting>,
    /// Folder of results [default: qa-results in the project]
    #[arg(long, value_name = "DIR")]
    pub results: Option<PathBuf>,
}

/// The effect of a flaky scenario on the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Flaky {
    /// No effect
    Pass,
    /// The same effect as a failed scenario
    Fail,
}

/// The surroundings of the command: a CI server, or a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surroundings {
    /// A CI server: the run is a gate.
    Ci,
    /// A person is at the terminal.
    Person,
}

impl RunArgs {
    /// Checks the arguments, and completes them with defaults.
    ///
    /// # Errors
    /// When arguments contradict each other in a way that the parser cannot see.
    pub(crate) fn request(&self, surroundings: Surroundings) -> Result<RunRequest, Failure> {
        let scenarios = self.scenarios.iter();
        Ok(RunRequest {
            format: FormatNumber,
            selection: Selection {
                scenarios: scenarios.map(|word| ScenarioName::of_word(word)).collect(),
                among: match &self.matrix {
                    Some(matrix) => Among::Matrix(matrix.clone()),
                    None => Among::Project,
                },
                image: self.image.clone(),
                machine: self.machine.clone(),
            },
            vars: self.vars.clone(),
            extent: self.extent()?,
            checkpoints: self.checkpoints(surroundings),
            confirm: !self.no_confirm,
            flaky: self.flaky_policy(surroundings),
            deadline_scale: self.deadline_scale,
            at_once: self.jobs,
        })
    }

    fn extent(&self) -> Result<Extent, Failure> {
        let part = Part::of_steps(self.from.clone(), self.until.clone());
        if let Some(part) = part.map_err(Failure::usage)? {
            return Ok(Extent::Part(part));
        }
        Ok(Extent::Whole(match (self.repeat, self.until_fail) {
            (None, false) => Tries::Retry(self.retries),
            (Some(times), false) => Tries::Repeat(times),
            (times, true) => Tries::UntilFailure(times),
        }))
    }

    /// Returns the use of checkpoints. A gate judges the image, so nothing of an earlier run may have an effect: it
    /// uses no checkpoints of earlier runs.
    fn checkpoints(&self, surroundings: Surroundings) -> CheckpointUse {
        if self.no_checkpoints {
            return CheckpointUse::Off;
        }
        let is_cold = self.cold || (!self.warm && surroundings == Surroundings::Ci);
        CheckpointUse::On {
            trust: match is_cold {
                true => Trust::ThisRun,
                false => Trust::AnyRun,
            },
            keep_failed: self.keep,
        }
    }

    /// Returns the effect of flaky scenarios. In a gate they fail the run, because they failed once. A person at the
    /// terminal sees them in any case.
    fn flaky_policy(&self, surroundings: Surroundings) -> FlakyPolicy {
        let is_stress = self.repeat.is_some() || self.until_fail;
        match self.flaky {
            Some(Flaky::Fail) => FlakyPolicy::Fail,
            Some(Flaky::Pass) => FlakyPolicy::Pass,
            None if is_stress || surroundings == Surroundings::Ci => FlakyPolicy::Fail,
            None => FlakyPolicy::Pass,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    /// The request of `qa run` with these words.
    fn request(words: &str, surroundings: Surroundings) -> Result<RunRequest, String> {
        let all = ["qa", "run"].into_iter().chain(words.split_whitespace());
        let cli = Cli::try_parse_from(all).map_err(|error| error.to_string())?;
        let Command::Run(args) = cli.command else {
            panic!("`qa run` is the command `run`");
        };
        let request = args.request(surroundings);
        request.map_err(|failure| failure.to_string())
    }

    fn of_person(words: &str) -> RunRequest {
        request(words, Surroundings::Person).expect("a request")
    }

    #[test]
    fn a_gate_uses_no_checkpoint_of_an_earlier_run_unless_it_says_so() {
        use Surroundings::{Ci, Person};
        for (words, surroundings, trust) in [
            ("", Person, Trust::AnyRun),
            ("", Ci, Trust::ThisRun),
            ("--cold", Person, Trust::ThisRun),
            ("--warm", Ci, Trust::AnyRun),
        ] {
            let request = request(words, surroundings).expect("a request");
            assert_eq!(request.trust(), trust, "{words} {surroundings:?}");
        }
        assert_eq!(
            of_person("--no-checkpoints").checkpoints,
            CheckpointUse::Off
        );
        assert_eq!(
            of_person("--keep").checkpoints,
            CheckpointUse::On {
                trust: Trust::AnyRun,
                keep_failed: true
            }
        );
    }

    #[test]
    fn a_flaky_scenario_gates_in_ci_and_under_stress() {
        use Surroundings::{Ci, Person};
        for (words, surroundings, policy) in [
            ("", Person, FlakyPolicy::Pass),
            ("", Ci, FlakyPolicy::Fail),
            ("--repeat 1", Person, FlakyPolicy::Fail),
            ("--until-fail", Person, FlakyPolicy::Fail),
            ("--until-fail --flaky pass", Ci, FlakyPolicy::Pass),
            ("--flaky fail", Person, FlakyPolicy::Fail),
        ] {
            let request = request(words, surroundings).expect("a request");
            assert_eq!(request.flaky, policy, "{words} {surroundings:?}");
        }
    }

    #[test]
    fn a_scenario_is_tried_as_often_as_the_call_says() {
        let count = |number| Count::try_from(number).expect("a count");
        for (words, tries) in [
            ("", Tries::Retry(0)),
            ("--retries 3", Tries::Retry(3)),
            ("--repeat 5", Tries::Repeat(count(5))),
            ("--until-fail", Tries::UntilFailure(None)),
            (
                "--repeat 5 --until-fail",
                Tries::UntilFailure(Some(count(5))),
            ),
        ] {
            assert_eq!(of_person(words).extent, Extent::Whole(tries), "{words}");
        }
    }

    #[test]
    fn a_part_is_of_steps_in_their_order() {
        let part = of_person("login --from 2 --until 3");
        assert!(part.part().is_some_and(|part| part.steps().len() == 2));
        let error = request("login --from 3 --until 2", Surroundings::Person);
        assert_eq!(
            error.expect_err("no part"),
            "error: `--until 2` ends before `--from 3` begins"
        );
    }

    #[test]
    fn what_contradicts_itself_or_is_no_number_is_refused() {
        for words in [
            "--cold --warm",
            "--warm --no-checkpoints",
            "--keep --no-checkpoints",
            "--retries 1 --repeat 2",
            "--from 1 --until-fail",
            "--repeat 0",
            "--repeat 100001",
            "--jobs 0",
            "--deadline-scale nan",
            "--var name",
            "--from 0",
        ] {
            let refused = request(words, Surroundings::Person);
            assert!(refused.is_err(), "{words}: {refused:?}");
        }
    }

    #[test]
    fn everything_else_is_handed_on() {
        let request = of_person(
            "login extra/calc.yaml --matrix nightly --image gnome --machine pc --var a=b --jobs 2 \
            --deadline-scale 2 --no-confirm",
        );
        let selection = &request.selection;
        assert_eq!(selection.names(), ["login", "calc"]);
        assert_eq!(selection.among, Among::Matrix("nightly".to_owned()));
        assert_eq!(selection.image.as_deref(), Some("gnome"));
        assert_eq!(selection.machine.as_deref(), Some("pc"));
        assert_eq!(request.vars.len(), 1);
        assert_eq!(request.at_once.map(u32::from), Some(2));
        assert_eq!(request.deadline_scale.map(f64::from), Some(2.0));
        assert!(!request.confirm);
    }
}
