//! `serial`: waits for text of the serial console, and sends some.

use std::time::Instant;

use reports::CauseKind;
use scenarios::{Serial, SerialWait, Text};

use crate::engine::attempt::Attempt;
use crate::engine::evidence::Held;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

impl Attempt<'_> {
    pub(super) async fn serial(&mut self, step: &Serial, wait: &Wait) -> Result<Held, Stop> {
        let session = self.session()?;
        let console = session.machine().serial().clone();
        let mut from = session.serial_from();
        if let Some(text) = &step.send {
            // An answer can only come after the question.
            from = console.position();
            let bytes = text.reveal().as_bytes();
            if session.during(console.write(bytes)).await?.is_err() {
                let otherwise =
                    Stop::error(CauseKind::MachineExited, "the serial console took no input");
                return Err(session.explain(otherwise).await);
            }
            session.set_serial_from(from);
            session.begin_deed();
        }
        match &step.wait {
            None => Ok(Held::default()),
            Some(SerialWait::Appears { pattern, save }) => loop {
                if let Some(found) = console.find(pattern.regex(), from) {
                    self.session()?.set_serial_from(found.end);
                    if let Some(name) = save {
                        let value = pattern
                            .regex()
                            .captures(&found.text)
                            .and_then(|groups| groups.get(1).or_else(|| groups.get(0)))
                            .map_or(found.text.as_str(), |group| group.as_str());
                        self.vars.set(name.clone(), Text::open(value));
                    }
                    return Ok(Held::default());
                }
                if wait.is_over() {
                    return Err(Stop::failed(
                        CauseKind::Deadline,
                        format!(
                            "the serial console did not say `{}` within {}",
                            pattern.as_str(),
                            wait.words()
                        ),
                    ));
                }
                self.session()?.wake(Some(wait.deadline())).await?;
            },
            Some(SerialWait::Absent { pattern, lasts }) => {
                let from = if step.send.is_some() {
                    from
                } else {
                    console.position()
                };
                let until = Instant::now() + *lasts;
                loop {
                    if let Some(found) = console.find(pattern.regex(), from) {
                        return Err(Stop::failed(
                            CauseKind::Assertion,
                            format!(
                                "the serial console says `{}`, which it must not",
                                found.line.trim()
                            ),
                        ));
                    }
                    if Instant::now() >= until {
                        return Ok(Held::default());
                    }
                    self.session()?.wake(Some(until)).await?;
                }
            }
        }
    }
}
