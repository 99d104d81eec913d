//! `reboot` and `shutdown` of a guest that has no agent: in a shell on the serial line.

use scenarios::{Exit, Over, Run, Text};
use vm::Capability;

use crate::engine::bench::Bench;
use crate::engine::session::{PowerRequest, Wake};
use crate::engine::shell_line::Login;
use crate::engine::step_output::StepOutput;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// Restarts the guest after the shell has answered, which takes some seconds on a slow line. Otherwise the answer could
/// be lost with the shell.
const RESTART: &str = "(sleep 5; reboot) </dev/null >/dev/null 2>&1 &";

/// Powers the guest off after the shell has answered.
const POWER_OFF: &str = "(sleep 5; poweroff) </dev/null >/dev/null 2>&1 &";

impl Bench<'_> {
    /// Returns whether the machine has none of these capabilities.
    ///
    /// # Errors
    /// There is no machine.
    pub(super) fn lacks(&mut self, ways: &[Capability]) -> Result<bool, Stop> {
        let capabilities = self.session()?.machine().capabilities().clone();
        Ok(ways.iter().all(|way| !capabilities.has(*way)))
    }

    /// Restarts the guest by its own command.
    pub(super) async fn reboot_over_serial(
        &mut self,
        login: Option<Login>,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        self.ask_over_serial(RESTART, PowerRequest::Restart, login, wait)
            .await?;
        self.await_power(Wake::Reset, "the guest did not restart", wait)
            .await
    }

    /// Powers the guest off by its own command.
    pub(super) async fn shutdown_over_serial(
        &mut self,
        login: Option<Login>,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        self.ask_over_serial(POWER_OFF, PowerRequest::PowerOff, login, wait)
            .await?;
        self.await_power(Wake::Shutdown, "the guest did not power off", wait)
            .await
    }

    async fn ask_over_serial(
        &mut self,
        command: &str,
        request: fn(tokio::time::Instant) -> PowerRequest,
        login: Option<Login>,
        wait: &Wait,
    ) -> Result<(), Stop> {
        self.session()?.check_on()?;
        self.look_of_watches().await?;
        self.session()?.request_power(request);
        let run = Run {
            command: Text::open(command),
            exit: Exit::Status(0),
            output: None,
            save: None,
            user: None,
            stdin: None,
            over: Some(Over::Serial),
        };
        let asked = self.run_over_serial(&run, login, wait).await;
        let session = self.session()?;
        match asked {
            Ok(_) => session.machine().power().announce_restart(),
            Err(_) => session.forget_power_request(),
        }
        asked.map(drop)
    }
}
