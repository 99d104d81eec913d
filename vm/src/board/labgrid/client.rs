//! Calls of the program `labgrid-client`.

use std::{ffi::OsString, fs, io, path::PathBuf, process::Command, sync::LazyLock, time::Duration};

use regex::Regex;

use super::{
    LabgridSpec, Owner, Version,
    failure::{About, INSTALL, too_old},
    places::KnownPlace,
};
use crate::board::{
    BoardFault, FaultKind,
    command::{Ran, RunError, last_lines, run},
};

/// The address that the program uses when nothing names another one.
const USUAL_ADDRESS: &str = "127.0.0.1:20408";

/// The variables with which the caller's shell would change what a call does.
const FOREIGN: [&str; 7] = [
    "LG_ENV",
    "LG_PLACE",
    "PLACE",
    "LG_STATE",
    "STATE",
    "LG_INITIAL_STATE",
    "LG_TOKEN",
];

/// The limit for calls that only talk to the coordinator.
pub(super) const SHORT: Duration = Duration::from_secs(30);

/// The program, and whom it speaks for.
#[derive(Debug, Clone)]
pub(super) struct Client {
    program: PathBuf,
    coordinator: Option<String>,
    environment: Option<PathBuf>,
    owner: Option<Owner>,
}

/// One call of the program.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// The place. Empty if the call has none.
    pub(super) place: String,
    /// The command, with its arguments.
    pub(super) words: Vec<OsString>,
    /// The operation, as the end of a sentence: "switch the power".
    pub(super) doing: &'static str,
    /// The environment file to use.
    pub(super) environment: Option<PathBuf>,
    /// The state to bring the strategy into first.
    pub(super) state: Option<String>,
    /// The longest time.
    pub(super) limit: Duration,
}

impl Call {
    /// Returns a call without environment file, for the coordinator.
    pub(super) fn new<W: Into<OsString>>(
        doing: &'static str,
        place: &str,
        words: impl IntoIterator<Item = W>,
    ) -> Self {
        Self {
            place: place.to_owned(),
            words: words.into_iter().map(Into::into).collect(),
            doing,
            environment: None,
            state: None,
            limit: SHORT,
        }
    }
}

impl Client {
    /// Returns the client of a place. Reads the address of the coordinator from the environment file if nothing else
    /// names it.
    pub(super) fn new(spec: &LabgridSpec, owner: Option<Owner>) -> Self {
        let from_file = || address_in(spec.environment.as_deref()?);
        Self {
            program: spec.program.clone(),
            coordinator: spec.coordinator.clone().or_else(from_file),
            environment: spec.environment.clone(),
            owner,
        }
    }

    /// Returns a client that looks at a whole lab.
    pub(super) fn of_lab(coordinator: Option<&str>, program: PathBuf) -> Self {
        Self {
            program,
            coordinator: coordinator.map(str::to_owned),
            environment: None,
            owner: None,
        }
    }

    /// Returns the environment file of the site.
    pub(super) fn environment(&self) -> Option<PathBuf> {
        self.environment.clone()
    }

    /// Returns the address of the coordinator, for people.
    pub(super) fn address(&self) -> String {
        let variable = || std::env::var("LG_COORDINATOR").ok();
        let address = self.coordinator.clone().or_else(variable);
        address.unwrap_or_else(|| USUAL_ADDRESS.to_owned())
    }

    /// Returns the command of a call.
    pub(super) fn command(&self, call: &Call) -> Command {
        let mut command = Command::new(&self.program);
        for name in FOREIGN {
            command.env_remove(name);
        }
        // Its output is read while it runs.
        command.env("PYTHONUNBUFFERED", "1");
        if let Some(owner) = &self.owner {
            command
                .env("LG_HOSTNAME", &owner.host)
                .env("LG_USERNAME", &owner.user);
        }
        if let Some(coordinator) = &self.coordinator {
            command.arg("-x").arg(coordinator);
        }
        if let Some(environment) = &call.environment {
            // An environment file may be a template with the place.
            command
                .arg("-c")
                .arg(environment)
                .env("LG_PLACE", &call.place);
        }
        if !call.place.is_empty() {
            command.arg("-p").arg(&call.place);
        }
        if let Some(state) = &call.state {
            command.arg("-s").arg(state);
        }
        command.args(&call.words);
        command
    }

    /// Runs the program to its end. Returns its standard output.
    ///
    /// # Errors
    /// When it is missing, takes too long, or fails.
    pub(super) async fn run(&self, call: &Call) -> Result<String, BoardFault> {
        let ran = run(self.command(call), None, call.limit).await;
        let ran = ran.map_err(|error| self.not_ended(error, call))?;
        self.output(&ran, call)
    }

    fn output(&self, ran: &Ran, call: &Call) -> Result<String, BoardFault> {
        if ran.status.success() {
            return Ok(ran.stdout.text());
        }
        Err(self.fault(&ran.stderr.text(), call))
    }

    /// Returns the fault of a call that failed with this error output.
    pub(super) fn fault(&self, stderr: &str, call: &Call) -> BoardFault {
        let about = About {
            coordinator: &self.address(),
            place: &call.place,
            doing: call.doing,
        };
        about.fault(stderr)
    }

    /// Returns the fault of a program that could not be started.
    pub(super) fn not_started(&self, error: &io::Error) -> BoardFault {
        let program = self.program.display();
        let words = match error.kind() {
            io::ErrorKind::NotFound => format!("there is no `{program}` on this host"),
            _ => format!("`{program}` cannot be started: {error}"),
        };
        BoardFault::new(FaultKind::Missing, words).advice(INSTALL)
    }

    fn not_ended(&self, error: RunError, call: &Call) -> BoardFault {
        match error {
            RunError::System(error) => self.not_started(&error),
            RunError::TookTooLong { stderr, .. } => {
                let said = last_lines(&stderr.text());
                let said = if said.is_empty() {
                    said
                } else {
                    format!("; its last lines: {said}")
                };
                let words = format!(
                    "`labgrid-client` did not {} within {:?}{said}",
                    call.doing, call.limit
                );
                BoardFault::new(FaultKind::TimedOut, words).advice(format!(
                    "check the coordinator at {} and the exporter of the place",
                    self.address()
                ))
            }
        }
    }

    /// Returns the version of the program. Asks the coordinator, as every call does.
    ///
    /// # Errors
    /// When it is missing or too old, or the coordinator does not answer.
    pub(super) async fn version(&self) -> Result<Version, BoardFault> {
        let call = Call::new("tell its version", "", ["version"]);
        let said = match self.run(&call).await {
            Ok(said) => said,
            // A program that is too old fails at coordinators of today, with other words.
            Err(fault) => {
                let program = self.program.clone();
                let version =
                    tokio::task::spawn_blocking(move || super::installed_version(&program)).await;
                return Err(match version.ok().flatten() {
                    Some(version) if version < Version::OLDEST => too_old(Some(version)),
                    Some(_) | None => fault,
                });
            }
        };
        match Version::parse(said.lines().last().unwrap_or_default()) {
            Some(version) if version < Version::OLDEST => Err(too_old(Some(version))),
            Some(version) => Ok(version),
            None => {
                let words = format!(
                    "`labgrid-client version` said `{}`, which is no version",
                    last_lines(&said)
                );
                Err(BoardFault::new(FaultKind::NotUnderstood, words).advice(INSTALL))
            }
        }
    }

    /// Returns all places of the lab.
    ///
    /// # Errors
    /// When the program fails, or its answer is not understood.
    pub(super) async fn places(&self) -> Result<Vec<KnownPlace>, BoardFault> {
        let said = self
            .run(&Call::new("list the places", "", ["-v", "places"]))
            .await?;
        KnownPlace::parse(&said).ok_or_else(|| not_understood("the list of places", &said))
    }
}

/// Returns the fault of an answer that is not understood.
pub(super) fn not_understood(what: &str, said: &str) -> BoardFault {
    let words = format!(
        "`labgrid-client` gave {what} in an unknown form: {}",
        last_lines(said)
    );
    BoardFault::new(FaultKind::NotUnderstood, words).advice(format!(
        "use labgrid {}, which is known to work",
        super::LABGRID_VERSION
    ))
}

/// Returns the address of the coordinator in an environment file.
fn address_in(environment: &std::path::Path) -> Option<String> {
    static ADDRESS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r##"(?m)^\s*coordinator_address:\s*['"]?([^\s'"#]+)"##).ok());
    let text = fs::read_to_string(environment).ok()?;
    let found = ADDRESS.as_ref()?.captures(&text)?;
    Some(found[1].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::labgrid::fake::Fake;

    #[test]
    fn a_call_says_everything_that_the_shell_of_the_user_could_say_otherwise() {
        let fake = Fake::new("");
        let mut spec = fake.spec("b1");
        spec.coordinator = Some("lab:1".to_owned());
        let owner = Owner::of_this_process("run").unwrap();
        let client = Client::new(&spec, Some(owner.clone()));
        let call = Call {
            environment: Some("env.yaml".into()),
            state: Some("shell".to_owned()),
            ..Call::new("x", "b1", ["power", "on"])
        };
        let command = client.command(&call);
        let words: Vec<_> = command
            .get_args()
            .map(|word| word.to_string_lossy())
            .collect();
        assert_eq!(
            words.join(" "),
            "-x lab:1 -c env.yaml -p b1 -s shell power on"
        );
        let variable = |name: &str| {
            let found = command.get_envs().find(|(known, _)| *known == name);
            found.and_then(|(_, value)| Some(value?.to_string_lossy().into_owned()))
        };
        assert_eq!(variable("LG_USERNAME"), Some(owner.user));
        assert_eq!(variable("LG_PLACE").as_deref(), Some("b1"));
        assert_eq!(variable("LG_TOKEN"), None);
    }

    #[test]
    fn the_address_may_be_that_of_the_environment_file() {
        let fake = Fake::new("");
        let file = fake.folder().join("env.yaml");
        fs::write(
            &file,
            "options:\n  coordinator_address: 'lab:20408'  # the lab\n",
        )
        .unwrap();
        let mut spec = fake.spec("b1");
        spec.environment = Some(file);
        assert_eq!(Client::new(&spec, None).address(), "lab:20408");
        spec.coordinator = Some("other:1".to_owned());
        assert_eq!(Client::new(&spec, None).address(), "other:1");
    }

    #[tokio::test]
    async fn a_missing_program_and_one_that_is_too_old_are_told() {
        let fake = Fake::new("fails too-old 2");
        let mut spec = fake.spec("b1");
        let fault = Client::new(&spec, None).version().await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Missing);
        assert!(fault.words.starts_with("labgrid is too old"), "{fault:?}");
        fake.answers("echo 0.9.1; exit 0");
        let fault = Client::new(&spec, None).version().await.unwrap_err();
        assert!(
            fault.words.starts_with("labgrid 0.9.1 is too old"),
            "{fault:?}"
        );
        fake.answers("says version");
        assert_eq!(
            Client::new(&spec, None)
                .version()
                .await
                .unwrap()
                .to_string(),
            "26.0.1"
        );
        fake.answers("echo '<html>'; exit 0");
        let fault = Client::new(&spec, None).version().await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::NotUnderstood);
        spec.program = "/nowhere/labgrid-client".into();
        let fault = Client::new(&spec, None).version().await.unwrap_err();
        assert_eq!(
            fault.words,
            "there is no `/nowhere/labgrid-client` on this host"
        );
        assert_eq!(fault.advice.as_deref(), Some(INSTALL));
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_ended_at_its_limit() {
        let fake = Fake::new("echo connecting >&2; sleep 1000");
        let client = Client::new(&fake.spec("b1"), None);
        let mut call = Call::new("list the places", "", ["places"]);
        call.limit = Duration::from_millis(50);
        let fault = client.run(&call).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::TimedOut);
        assert!(
            fault
                .words
                .starts_with("`labgrid-client` did not list the places within 50ms"),
            "{fault:?}"
        );
    }
}
