//! One running machine, and the single place where the engine waits for it.
//!
//! ```text
//!             frame        serial        machine event     deadline     cancel
//!               |             |               |               |            |
//!               v             v               v               |            |
//!          needle watches  serial watches  expected? --no--+  |            |
//!               | held        | held          | yes        |  |            |
//!               v             v               v            v  v            v
//!            Wake::Frame   Wake::Serial   Wake::Reset ..  Stop  Wake::Deadline  Stop
//! ```
//!
//! A step never waits by itself: it calls [`Session::wake`] in a loop. So everything that must end a wait ends all of
//! them.

mod confirmed_result;
mod frames;
mod hopeless_check;
mod machine_events;
mod power_state;
mod resets;
mod screen;
mod unobserved;

use std::time::Duration;
use tokio::time::Instant;

use needles::Picture;
use reports::{CauseKind, Event, MachineNews};
use tokio::sync::watch;
use vm::{BackendFacts, Machine, MachineEvents, ScreenState};

use crate::cancel::Cancel;
use crate::engine::screen_frame::ScreenFrame;
use crate::engine::stop::Stop;
use crate::engine::watches::{WatchNews, Watches};
use crate::host::HostMemory;
use crate::recorder::Recorder;
use crate::standstill::StandsWith;
use screen::{Judged, unjudged};

pub(super) use confirmed_result::ConfirmedResult;
pub(super) use frames::{Frames, LookTime};
pub(super) use hopeless_check::HopelessCheck;
use hopeless_check::answered;
pub(super) use power_state::PowerRequest;
use power_state::PowerState;
pub(super) use resets::Ledger;

/// The reason why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// The screen changed, or cannot be captured any more.
    Frame,
    /// The serial console said something.
    Serial,
    /// The machine was reset, as a step expects.
    Reset,
    /// The machine powered itself off, as a step expects.
    Shutdown,
    /// The guest agent came or went.
    Agent,
    /// A watch has asked the guest and got an answer.
    Watched,
    /// The time is over. QEMU has confirmed since that the machine runs, and everything that came before was read.
    Deadline,
}

/// The reason why a person's look at the machine ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LookedAt {
    /// The person ended it.
    Ended,
    /// The machine ended.
    MachineGone,
}

/// A running machine as the engine sees it.
#[derive(Debug)]
pub(super) struct Session {
    machine: Machine,
    /// Pauses the machine while this program is stopped by Ctrl-Z.
    _stands: StandsWith,
    events: MachineEvents,
    screen: watch::Receiver<ScreenState>,
    serial: watch::Receiver<u64>,
    cancel: Cancel,
    recorder: Recorder,
    watches: Watches,
    power: PowerState,
    /// True if no more events come: the machine ended when it powered itself off.
    events_are_over: bool,
    /// The resets and power-offs that running steps expect.
    ledger: Ledger,
    /// The hopelessness check of the wait that runs; none if that wait cannot become hopeless.
    hopeless_check: Option<HopelessCheck>,
    /// The position of the serial console when a wait with a hopelessness check held last.
    console_accepted_to: u64,
    shown: Option<ScreenFrame>,
    /// The state of the screen that the watches judged last.
    judged: Judged,
    /// The position of the serial console at which the next `serial` step begins to search.
    serial_from: u64,
    /// The position of the serial console at the last reset.
    serial_at_reset: u64,
    /// The begin and the end of the last action on the machine.
    action: Option<(Instant, Instant)>,
    /// The screen before the last input, for `changed`.
    before_input: Option<Picture>,
    /// The number of the frame before the last input.
    frame_before_input: Option<u64>,
    /// The number of the first frame after the last input that differs from the one before it, and the time from the
    /// input to it.
    first_change: Option<(u64, Duration)>,
    began: Instant,
    /// The host's memory when the session began.
    memory: HostMemory,
}

/// The longest time that an operation which failed waits for the event that explains it: the end of the machine.
const GRACE: Duration = Duration::from_secs(2);

/// The same for a connection to QEMU that has ended. The process usually ends soon after that.
const LONG_GRACE: Duration = Duration::from_secs(10);

impl Session {
    /// Makes the session of a machine that was just launched or restored.
    pub(super) fn new(
        machine: Machine,
        events: MachineEvents,
        watches: Watches,
        cancel: Cancel,
        recorder: Recorder,
    ) -> Self {
        Self {
            screen: machine.screen().watch(),
            serial: machine.serial().watch(),
            _stands: cancel.standstill().with(machine.power().clone()),
            machine,
            events,
            cancel,
            recorder,
            watches,
            power: PowerState::default(),
            events_are_over: false,
            ledger: Ledger::default(),
            hopeless_check: None,
            console_accepted_to: 0,
            shown: None,
            judged: Judged::Nothing,
            serial_from: 0,
            serial_at_reset: 0,
            action: None,
            before_input: None,
            frame_before_input: None,
            first_change: None,
            began: Instant::now(),
            memory: HostMemory::now(),
        }
    }

    /// Returns the time since the session began.
    pub(super) fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// Writes later events to another log: the machine now belongs to another attempt.
    pub(super) fn log_to(&mut self, recorder: Recorder) {
        self.recorder = recorder;
    }

    /// Notes that a step cut the machine's power. The machine can only be switched on again.
    ///
    /// # Errors
    /// A running step expects fewer power cuts.
    pub(super) fn mark_cut(&mut self) -> Result<(), Stop> {
        let counted = self.count_cut();
        self.power.cut();
        counted
    }

    /// Returns the ledger of the resets and power-offs that running steps expect.
    pub(super) fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// Begins another stage on the same machine, with the watches of that stage.
    pub(super) fn continue_with(&mut self, watches: Watches) {
        // The new watches begin where the old ones stopped, so that no line between two stages is skipped.
        let serial_from = self.watches.serial_from();
        self.watches = watches;
        self.watches.begin_at(serial_from);
        self.ledger = Ledger::default();
        self.judged = Judged::Nothing;
        self.serial_from = self.machine.serial().position();
        self.console_accepted_to = self.serial_from;
        self.before_input = None;
    }

    /// Returns the machine.
    pub(super) fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Returns the machine for changes of its drives or its boot order.
    pub(super) fn machine_mut(&mut self) -> &mut Machine {
        &mut self.machine
    }

    /// Ends the session and returns the machine with its watches.
    pub(super) fn into_parts(self) -> (Machine, Watches) {
        (self.machine, self.watches)
    }

    /// Starts the questions of watches that are due. Returns whether an answer is still to come.
    pub(super) fn asks_guest(&mut self) -> bool {
        self.watches.start_due(&self.machine);
        self.watches.is_waiting()
    }

    /// Returns the watches.
    pub(super) fn watches(&mut self) -> &mut Watches {
        &mut self.watches
    }

    /// Returns whether the guest has powered the machine off.
    pub(super) fn is_off(&self) -> bool {
        self.power.is_off()
    }

    /// Succeeds if the guest can be asked to restart or to power off.
    ///
    /// # Errors
    /// The machine is off or broken.
    pub(super) fn check_on(&self) -> Result<(), Stop> {
        self.power.check_on()
    }

    /// Shuts the machine down. A board that could not be switched off or given back is noted.
    pub(super) async fn end(self) {
        let is_board = match &self.machine.facts().backend {
            BackendFacts::Board(_) => true,
            BackendFacts::Qemu(_) | BackendFacts::Scripted => false,
        };
        let ending = self.machine.shutdown().await;
        if is_board && !ending.stderr_tail.is_empty() {
            self.recorder.record(Event::Note {
                text: format!(
                    "the board was not left as it should be: {}",
                    ending.stderr_tail
                ),
            });
        }
    }

    /// Notes that a step requests a restart or a power-off now, so that its effect is expected.
    pub(super) fn request_power(&mut self, what: fn(Instant) -> PowerRequest) {
        self.power.request(what(Instant::now()));
        self.begin_action();
    }

    /// Forgets the request: its step does not wait for the effect any more.
    pub(super) fn forget_power_request(&mut self) {
        self.power.forget_request();
    }

    /// Returns whether a step has requested a restart or a power-off that has not happened yet.
    pub(super) fn has_power_request(&self) -> bool {
        self.power.requested().is_some()
    }

    /// Returns whether a step has requested a power-off that has not happened yet.
    pub(super) fn expects_shutdown(&self) -> bool {
        self.power.power_off_requested().is_some()
    }

    /// Returns the position of the serial console at which the next `serial` step begins to search.
    pub(super) fn serial_from(&self) -> u64 {
        self.serial_from
    }

    /// Returns the position of the serial console at the last reset; 0 if there was none. Text before it belongs to an
    /// earlier start.
    pub(super) fn serial_at_reset(&self) -> u64 {
        self.serial_at_reset
    }

    /// Excludes console text from before the last reset from later searches.
    pub(super) fn search_serial_from_reset(&mut self) {
        self.serial_from = self.serial_from.max(self.serial_at_reset);
    }

    /// Excludes the console text until now from later searches. Used when a step requests a restart, and not only when
    /// the reset is known, because the new start may have printed something by then.
    pub(super) fn search_serial_from_here(&mut self) {
        self.serial_from = self.serial_from.max(self.machine.serial().position());
    }

    /// Sets the position of the serial console at which the next `serial` step begins to search.
    pub(super) fn set_serial_from(&mut self, position: u64) {
        self.serial_from = position;
    }

    /// Masks a text from now on in all logs of serial lines and in all events.
    pub(super) fn conceal(&self, secret: &str) {
        self.recorder.conceal(secret);
        for line in self.machine.serials() {
            line.conceal(secret);
        }
    }

    /// Succeeds while the machine can be waited for.
    fn check_over(&self) -> Result<(), Stop> {
        self.power.check()
    }

    /// Awaits an operation on the machine. Meanwhile, everything that ends a wait ends it.
    ///
    /// # Errors
    /// As [`Session::wake`].
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Stop> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                wake = self.wake(None) => { wake?; }
            }
        }
    }

    /// Returns the machine's own failure if it explains why an operation failed, else the given one.
    pub(super) async fn explain(&mut self, otherwise: Stop) -> Stop {
        match self.drain_events(GRACE).await {
            Err(stop) => stop,
            Ok(()) => otherwise,
        }
    }

    /// Judges events of the machine until it ends or `grace` is over.
    ///
    /// # Errors
    /// The machine ended, broke, or did something unexpected.
    async fn drain_events(&mut self, grace: Duration) -> Result<(), Stop> {
        let grace = tokio::time::sleep(grace);
        tokio::pin!(grace);
        loop {
            tokio::select! {
                event = self.events.next() => match event {
                    Some(event) => { self.judge_event(event)?; }
                    None => return self.check_over(),
                },
                () = &mut grace => return self.check_over(),
            }
        }
    }

    /// Waits until something happens that may concern a step, at most until `deadline`. Returns what happened.
    ///
    /// # Errors
    /// A watch was breached, the machine ended, an unexpected reset or power-off came, QEMU does not answer, the wait
    /// is hopeless, or the user stopped the run.
    pub(super) async fn wake(&mut self, deadline: Option<Instant>) -> Result<Wake, Stop> {
        let woken = self.woken(deadline).await?;
        // The caller looks at the machine now.
        self.machine.starvation().notice();
        Ok(woken)
    }

    async fn woken(&mut self, deadline: Option<Instant>) -> Result<Wake, Stop> {
        self.check_over()?;
        let starvation = self.machine.starvation().clone();
        loop {
            self.watches.start_due(&self.machine);
            let next_due = sleep_until(self.watches.next_due());
            let hopeless_at = sleep_until(self.hopeless_deadline()?);
            let next_look = sleep_until(self.next_look());
            let timer = async {
                sleep_until(deadline).await;
                starvation
                    .proven(deadline.unwrap_or_else(Instant::now))
                    .await;
            };
            tokio::select! {
                biased;
                () = self.cancel.requested() => return Err(Stop::cancelled()),
                event = self.events.next(), if !self.events_are_over => match event {
                    Some(event) => {
                        if let Some(wake) = self.judge_event(event)? {
                            return Ok(wake);
                        }
                    }
                    // It ended when it powered itself off.
                    None if self.power.is_off() => self.events_are_over = true,
                    None => {
                        self.check_over()?;
                        return Err(self.mark_broken(Stop::error(
                            CauseKind::MachineExited,
                            "the machine ended for an unknown reason",
                        )));
                    }
                },
                Ok(()) = self.serial.changed() => {
                    let serial = self.machine.serial().clone();
                    if let Some(stop) = self.watches.check_serial(&serial) {
                        return Err(stop);
                    }
                    return Ok(Wake::Serial);
                }
                () = unjudged(&mut self.screen, self.judged) => {
                    let Some(shown) = self.showing() else {
                        self.judged = Judged::Off;
                        return Ok(Wake::Frame);
                    };
                    // Noted after the check: if this wait is dropped during the check, the next one checks the frame.
                    let breach = self.watches.check_screen(&shown).await?;
                    self.judged = Judged::Frame(shown.generation);
                    return breach.map_or(Ok(Wake::Frame), Err);
                }
                news = self.watches.next_news() => return match news {
                    WatchNews::Breach(stop) => Err(stop),
                    WatchNews::Looked => Ok(Wake::Watched),
                },
                lost = starvation.lost() => return Err(self.lose(lost)),
                () = timer => return Ok(Wake::Deadline),
                () = hopeless_at => starvation.proven(Instant::now()).await,
                processors = answered(&mut self.hopeless_check) => self.take_processors(processors),
                () = next_look => {}
                () = next_due => {}
            }
        }
    }

    /// Leaves the machine to a person until `ended` resolves. Its events are recorded, but not judged.
    ///
    /// # Errors
    /// The machine was off or broken before.
    pub(super) async fn leave_alone(
        &mut self,
        ended: impl Future<Output = ()>,
    ) -> Result<LookedAt, Stop> {
        self.check_over()?;
        tokio::pin!(ended);
        loop {
            tokio::select! {
                biased;
                () = &mut ended => return Ok(LookedAt::Ended),
                event = self.events.next() => match event {
                    Some(event) => {
                        // Only recorded: the person may restart the machine or power it off.
                        let _ = self.judge_event(event);
                    }
                    None => return Ok(LookedAt::MachineGone),
                },
            }
        }
    }

    /// Returns whether the machine cannot continue: it is broken, or its power is cut.
    pub(super) fn is_over(&self) -> bool {
        self.power.check().is_err()
    }

    /// Records an event of the machine.
    fn record_machine(&self, what: MachineNews) {
        self.recorder.record(Event::Machine { what });
    }

    /// Notes that the machine cannot continue, and returns the reason.
    fn mark_broken(&mut self, stop: Stop) -> Stop {
        self.power.broke(stop.clone());
        stop
    }
}

/// Waits until a moment; for ever if there is none.
async fn sleep_until(when: Option<Instant>) {
    match when {
        Some(when) => tokio::time::sleep_until(when).await,
        None => std::future::pending().await,
    }
}
