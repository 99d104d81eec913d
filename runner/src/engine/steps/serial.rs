//! `serial`: sends text to the serial console, and waits for text of it.

use std::time::Duration;
use tokio::time::Instant;

use reports::CauseKind;
use scenarios::{Pattern, Serial, SerialWait, Text};
use vm::{How, Looked, SerialMatch, SerialSearch};

use crate::engine::bench::Bench;
use crate::engine::step_output::StepOutput;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// The default time between two sendings of the same text.
const AGAIN: Duration = Duration::from_secs(5);

impl Bench<'_> {
    /// Sends the text of the step, if there is one, then waits for its pattern or makes sure that it stays absent.
    pub(super) async fn serial(&mut self, step: &Serial, wait: &Wait) -> Result<StepOutput, Stop> {
        let mut from = self.session()?.serial_from();
        if let Some(text) = &step.send {
            // The search begins after the sent text, because an answer cannot come before it.
            from = self.send(text).await?;
            let session = self.session()?;
            session.set_serial_from(from);
            session.begin_action();
        }
        match &step.wait {
            None => Ok(StepOutput::default()),
            Some(SerialWait::Appears {
                pattern,
                save,
                again,
            }) => {
                let every = again.as_ref().map(|again| again.every.unwrap_or(AGAIN));
                let again = every.and_then(|every| Some((step.send.as_ref()?, every)));
                let (found, sends) = self.appears(pattern, save, again, from, wait).await?;
                self.session()?.set_serial_from(found.end);
                self.note_how_found(pattern, &found, sends);
                Ok(StepOutput {
                    saved: save
                        .as_ref()
                        .map(|name| (name.clone(), Text::open(found.value))),
                    ..StepOutput::default()
                })
            }
            Some(SerialWait::Absent { pattern, lasts }) => {
                if step.send.is_none() {
                    from = self.session()?.machine().serial().position();
                }
                self.absent(pattern, from, wait.lasting(*lasts)).await
            }
        }
    }

    /// Sends text. Returns the position of the console from which on an answer can come.
    async fn send(&mut self, text: &Text) -> Result<u64, Stop> {
        let session = self.session()?;
        let console = session.machine().serial().clone();
        if text.is_secret() {
            session.conceal(text.reveal());
        }
        match session
            .during(console.write(text.reveal().as_bytes()))
            .await?
        {
            Ok(from) => Ok(from),
            Err(_) => {
                let otherwise =
                    Stop::error(CauseKind::MachineExited, "the serial console took no input");
                Err(session.explain(otherwise).await)
            }
        }
    }

    /// Waits until the console shows the pattern. Meanwhile sends the text of `again` at its interval. Returns the
    /// match and the number of sendings.
    async fn appears(
        &mut self,
        pattern: &Pattern,
        save: &Option<String>,
        again: Option<(&Text, Duration)>,
        from: u64,
        wait: &Wait,
    ) -> Result<(SerialMatch, u32), Stop> {
        let console = self.session()?.machine().serial().clone();
        let mut search = SerialSearch::new(pattern.regex(), from);
        if save.is_some() {
            search = search.for_value();
        }
        let mut sends = 1;
        let mut next = again.map(|(text, every)| (text, every, Instant::now() + every));
        loop {
            let looked = search.look(&console);
            match looked {
                Looked::Found(found) => return Ok((found, sends)),
                // At the deadline, a match counts even if its line could still change.
                Looked::Unsettled(found) if wait.is_over() => return Ok((found, sends)),
                Looked::Nothing if wait.is_over() => {
                    let stop = not_said(pattern, &console.text_from(from), sends, wait);
                    return Err(self.session()?.unless_unheard(stop, wait));
                }
                Looked::Nothing | Looked::Unsettled(_) => {}
            }
            let mut until = wait.deadline();
            if let Some((text, every, due)) = &mut next {
                if *due <= Instant::now() && looked == Looked::Nothing {
                    self.send(text).await?;
                    sends += 1;
                    *due = Instant::now() + *every;
                }
                if looked == Looked::Nothing {
                    until = until.min(*due);
                }
            }
            self.session()?.wake(Some(until)).await?;
        }
    }

    /// Makes sure that the console does not show a pattern for a time.
    async fn absent(
        &mut self,
        pattern: &Pattern,
        from: u64,
        lasting: Wait,
    ) -> Result<StepOutput, Stop> {
        let console = self.session()?.machine().serial().clone();
        let mut search = SerialSearch::new(pattern.regex(), from);
        loop {
            let is_over = lasting.is_over();
            match search.look(&console) {
                Looked::Found(found) => return Err(said(&found)),
                Looked::Unsettled(found) if is_over => return Err(said(&found)),
                Looked::Nothing if is_over => {
                    return self
                        .session()?
                        .heard(&lasting)
                        .map(|()| StepOutput::default());
                }
                Looked::Nothing | Looked::Unsettled(_) => {}
            }
            self.session()?.wake(Some(lasting.deadline())).await?;
        }
    }

    /// Notes how a match was found, if that is not obvious to a reader of the log.
    fn note_how_found(&self, pattern: &Pattern, found: &SerialMatch, sends: u32) {
        let mut words = Vec::new();
        match found.how {
            How::Shown => {}
            How::WithoutKernel => words.push("after kernel messages were removed from the line"),
            How::Before => words.push("before the line was rewritten"),
        }
        if found.could_change() {
            words.push("because no more text came for a moment");
        }
        let sent = format!("after the text was sent {sends} times");
        if sends > 1 {
            words.push(&sent);
        }
        if !words.is_empty() {
            let line = found.line.trim();
            let pattern = pattern.as_str();
            self.note(&format!(
                "serial: `{pattern}` is in `{line}`, {}",
                words.join(", ")
            ));
        }
    }
}

fn said(found: &SerialMatch) -> Stop {
    let line = found.line.trim();
    let message = format!("the serial console says `{line}`, which it must not");
    Stop::failed(CauseKind::Assertion, message)
}

/// Returns the failure of a wait whose pattern did not come. Explains an echo that matches, because the reader sees it
/// in the console.
fn not_said(pattern: &Pattern, text: &str, sends: u32, wait: &Wait) -> Stop {
    let times = if sends > 1 {
        format!(", although the text was sent {sends} times")
    } else {
        String::new()
    };
    let stop = Stop::failed(
        CauseKind::Deadline,
        format!(
            "the serial console did not say `{}` within {}{times}",
            pattern.as_str(),
            wait.words()
        ),
    );
    match text.lines().find(|line| pattern.regex().is_match(line)) {
        Some(line) => stop.hint(format!(
            "it is in `{}`, but that is only the echo of the text that was sent",
            line.trim()
        )),
        None => stop,
    }
}
