//! A look at a machine: every screen that differs is kept, until a person or a limit ends the look.
//!
//! ```text
//! the screen changes --it settles, or goes on changing--> frames/0001.png, and a step `look` in the event log
//! Enter --> a step `mark` with the screen of that moment
//! Ctrl-C, a limit, or a machine that cannot start --> the end
//! ```

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::Duration;
use tokio::time::Instant;

use needles::{Picture, are_alike};
use reports::{CauseKind, Event, Evidence, KeptScreen, StepOutcome, human_duration};

use super::Attempt;
use crate::engine::screen_frame::ScreenFrame;
use crate::engine::session::{Session, Wake};
use crate::engine::stop::Stop;
use crate::enter::Enter;
use crate::millis::millis;
use crate::plan::LookLimits;
use crate::project::shown_from_here;

/// A picture is kept when the screen has not changed for this time.
const SETTLED: Duration = Duration::from_millis(500);

/// A screen that goes on changing is kept this often.
const OFTEN: Duration = Duration::from_secs(3);

/// The largest number of screens that a look keeps.
const MOST: usize = 500;

/// The end of a wait of a look.
enum Woken {
    /// The person pressed Enter.
    Mark,
    /// The person ends the look.
    Leave,
    /// The machine switched itself off.
    Off,
    /// The machine ended or can start nothing, for this reason.
    Stopped(Stop),
    /// The machine did something, or the time has come to look.
    Machine,
}

impl Attempt<'_> {
    /// Keeps every screen that differs, until a person or a limit ends the look.
    ///
    /// # Errors
    /// The machine ended, or cannot start anything. Or a picture cannot be written.
    pub(super) async fn look(&mut self, limits: LookLimits) -> Result<(), Stop> {
        // Held before the note is written, because the reader may press Ctrl-C at once.
        let leave = self.engine.cancel.hold();
        let mut enter = Enter::on_terminal();
        let reachable = self.bench().reachable().await?;
        let keys = match &enter {
            Some(_) => "Enter marks a screen, Ctrl-C ends the look",
            None => "Ctrl-C ends the look",
        };
        let ends = limits
            .words()
            .map_or_else(String::new, |words| format!("; {words}"));
        self.note(&format!("{reachable}; {keys}{ends}"));
        let bench = self.bench();
        let folder = bench.folder.clone();
        bench.session()?.begin_hopeless_check(Vec::new(), &folder);
        let mut screens = Screens::new(limits);
        let ended = loop {
            let session = self.bench().session()?;
            screens.notice(session);
            let woken = tokio::select! {
                biased;
                () = leave.requested() => Woken::Leave,
                () = pressed(&mut enter) => Woken::Mark,
                woken = session.wake(Some(screens.moment())) => match woken {
                    Ok(Wake::Shutdown) => Woken::Off,
                    Err(stop) if stop.cause().kind == CauseKind::UnexpectedShutdown => Woken::Off,
                    Err(stop) => Woken::Stopped(stop),
                    Ok(
                        Wake::Frame | Wake::Serial | Wake::Reset | Wake::Agent | Wake::Watched | Wake::Deadline,
                    ) => Woken::Machine,
                },
            };
            screens.notice(self.bench().session()?);
            for passed in std::mem::take(&mut screens.passed) {
                self.keep_screen(&mut screens, &passed, KeptScreen::Different)
                    .await?;
            }
            match woken {
                Woken::Leave => break Ok(()),
                Woken::Off => {
                    self.note("the machine switched itself off");
                    break Ok(());
                }
                Woken::Stopped(stop) => break Err(stop),
                Woken::Mark => {
                    enter = Enter::on_terminal();
                    if let Some(shown) = self.bench().session()?.showing() {
                        self.keep_screen(&mut screens, &shown, KeptScreen::Marked)
                            .await?;
                    }
                }
                Woken::Machine => {
                    if let Some(shown) = screens.take_due() {
                        self.keep_screen(&mut screens, &shown, KeptScreen::Different)
                            .await?;
                    }
                }
            }
            if screens.is_over() {
                break Ok(());
            }
        };
        // What was seen last is kept, even if it has just come.
        if let Some((_, shown)) = screens.waiting.take() {
            self.keep_screen(&mut screens, &shown, KeptScreen::Different)
                .await?;
        }
        if let Ok(session) = self.bench().session() {
            session.end_hopeless_check(true);
        }
        ended
    }

    /// Keeps a screen, and records it as a step.
    async fn keep_screen(
        &mut self,
        screens: &mut Screens,
        shown: &ScreenFrame,
        kept: KeptScreen,
    ) -> Result<(), Stop> {
        if screens.steps > MOST {
            return Ok(());
        }
        let frame = self.bench().keep_shown(shown).await?;
        screens.steps += 1;
        let step = screens.steps.to_string();
        let path = self.engine.folder.path().join(&frame.file);
        let after = human_duration(millis(
            shown.captured.saturating_duration_since(screens.began),
        ));
        let what = match kept {
            KeptScreen::Different => "screen",
            KeptScreen::Marked => "marked",
        };
        let recorder = self.bench().recorder.clone();
        recorder.record(Event::StepStarted {
            stage: self.stage.clone(),
            step: step.clone(),
            verb: kept.verb().to_owned(),
            text: format!(
                "{what} after {after}, {}x{}: {}",
                frame.width,
                frame.height,
                shown_from_here(&path)
            ),
            place: self.job.scenario().at.to_string(),
            deadline_ms: None,
        });
        recorder.record(Event::StepFinished {
            stage: self.stage.clone(),
            step,
            outcome: StepOutcome::Passed,
            duration_ms: 0,
            evidence: Evidence {
                frame: Some(frame),
                ..Evidence::default()
            },
        });
        Ok(())
    }
}

/// Waits for Enter; for ever without a terminal.
async fn pressed(enter: &mut Option<Enter>) {
    match enter {
        Some(enter) => enter.pressed().await,
        None => std::future::pending().await,
    }
}

/// The screens of a look so far.
struct Screens {
    limits: LookLimits,
    began: Instant,
    /// The number of steps of the scenario, with one for each screen that was kept.
    steps: usize,
    /// The number of the frame that was noticed last.
    newest: Option<u64>,
    /// The hashes of all pictures that were noticed. A cursor that blinks shows the same pictures again.
    seen: HashSet<u64>,
    /// The time of the last new picture.
    changed: Instant,
    /// The newest picture that was not kept yet, and the time since which one waits.
    waiting: Option<(Instant, ScreenFrame)>,
    /// Pictures that another thing has replaced before they were kept.
    passed: Vec<ScreenFrame>,
}

impl Screens {
    fn new(limits: LookLimits) -> Self {
        let now = Instant::now();
        Self {
            limits,
            began: now,
            steps: 1,
            newest: None,
            seen: HashSet::new(),
            changed: now,
            waiting: None,
            passed: Vec::new(),
        }
    }

    /// Notes the picture on the screen.
    fn notice(&mut self, session: &mut Session) {
        let Some(shown) = session.showing() else {
            return;
        };
        if self.newest == Some(shown.generation) {
            return;
        }
        self.newest = Some(shown.generation);
        if !self.seen.insert(hash(shown.frame.picture())) {
            return;
        }
        self.changed = Instant::now();
        self.waiting = match self.waiting.take() {
            Some((since, before)) if are_alike(before.frame.picture(), shown.frame.picture()) => {
                Some((since, shown))
            }
            Some((_, before)) => {
                self.passed.push(before);
                Some((self.changed, shown))
            }
            None => Some((self.changed, shown)),
        };
    }

    /// Returns the moment at which the picture that waits is kept; none if none waits.
    fn due(&self) -> Option<Instant> {
        let (since, _) = self.waiting.as_ref()?;
        Some((self.changed + SETTLED).min(*since + OFTEN))
    }

    /// Returns the picture that waits, if it is time to keep it. It does not wait any more then.
    fn take_due(&mut self) -> Option<ScreenFrame> {
        self.due().filter(|due| *due <= Instant::now())?;
        self.waiting.take().map(|(_, shown)| shown)
    }

    /// Returns the next moment at which there is something to do.
    fn moment(&self) -> Instant {
        let ends = self.ends();
        match (self.due(), ends) {
            (Some(due), Some(ends)) => due.min(ends),
            (Some(moment), None) | (None, Some(moment)) => moment,
            (None, None) => Instant::now() + OFTEN,
        }
    }

    /// Returns the moment at which the look ends by itself; none without limits.
    fn ends(&self) -> Option<Instant> {
        let most = self.limits.most().map(|most| self.began + most);
        let still = self.limits.still().map(|still| self.changed + still);
        most.into_iter().chain(still).min()
    }

    fn is_over(&self) -> bool {
        self.ends().is_some_and(|ends| ends <= Instant::now())
    }
}

fn hash(picture: &Picture) -> u64 {
    let mut hasher = DefaultHasher::new();
    (picture.width(), picture.rgb()).hash(&mut hasher);
    hasher.finish()
}
