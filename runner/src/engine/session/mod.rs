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
//! A step never waits by itself: it calls [`Session::wake`] in a loop, so that whatever ends a wait ends every wait.

mod frames;
mod hope;
mod judge;
mod power_state;
mod resets;
mod screen;
mod vouch;

use std::time::Duration;
use tokio::time::Instant;

use needles::Picture;
use reports::{CauseKind, Event, MachineNews};
use tokio::sync::watch;
use vm::{Machine, MachineEvents, ScreenState};

use crate::cancel::Cancel;
use crate::engine::shown::Shown;
use crate::engine::stop::Stop;
use crate::engine::watches::{WatchNews, Watches};
use crate::host::HostMemory;
use crate::recorder::Recorder;
use crate::standstill::StandsWith;
use screen::{Judged, unjudged};

pub(super) use frames::{Frames, LookTime};
pub(super) use hope::Hope;
use hope::answered;
pub(super) use power_state::Asked;
use power_state::PowerState;
pub(super) use resets::Ledger;
pub(super) use vouch::Vouched;

/// Why a wait ended.
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
    /// A watch has asked the guest and got its answer.
    Watched,
    /// The time is over: QEMU has said since that the machine runs, and all that came before that has been read.
    Deadline,
}

/// Why a person looks at the machine no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LookedAt {
    /// It was asked for.
    Ended,
    /// The machine has ended.
    MachineGone,
}

/// A running machine as the engine sees it.
#[derive(Debug)]
pub(super) struct Session {
    machine: Machine,
    /// It stands still while this program is stopped.
    _stands: StandsWith,
    events: MachineEvents,
    screen: watch::Receiver<ScreenState>,
    serial: watch::Receiver<u64>,
    cancel: Cancel,
    recorder: Recorder,
    watches: Watches,
    power: PowerState,
    /// What steps under way say of resets.
    ledger: Ledger,
    /// The state of the wait under way, where it can become hopeless.
    hope: Option<Hope>,
    /// The position of the serial console when such a step held last.
    hopeful_at: u64,
    shown: Option<Shown>,
    /// What the watches have judged of the screen last.
    judged: Judged,
    /// Where a `serial` step begins to search.
    serial_from: u64,
    /// How far the serial console had come at the last reset.
    serial_at_reset: u64,
    /// When the last action on the machine began and ended.
    action: Option<(Instant, Instant)>,
    /// The screen before the last input: what `changed` compares with.
    before_input: Option<Picture>,
    /// The number of the frame before the last input.
    frame_before_input: Option<u64>,
    /// The first frame that was another one after it, and how long after it.
    first_change: Option<(u64, Duration)>,
    /// The time at which those who watch were last told which needle is nearest.
    told: Instant,
    began: Instant,
    /// The host's memory at that time.
    memory: HostMemory,
}

/// The nearest needle is searched for the display's sake this often at most.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// The longest time until the end of a machine is told, after something failed that may be its consequence.
const GRACE: Duration = Duration::from_secs(2);

/// The same where QEMU's connection is known to have ended: the end of its process follows, unless it goes on without
/// it.
const LONG_GRACE: Duration = Duration::from_secs(10);

impl Session {
    /// Takes over a machine that was just launched.
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
            ledger: Ledger::default(),
            hope: None,
            hopeful_at: 0,
            shown: None,
            judged: Judged::Nothing,
            serial_from: 0,
            serial_at_reset: 0,
            action: None,
            before_input: None,
            frame_before_input: None,
            first_change: None,
            told: Instant::now(),
            began: Instant::now(),
            memory: HostMemory::now(),
        }
    }

    /// How long this machine has been running.
    pub(super) fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// What happens from now on belongs to another attempt.
    pub(super) fn log_to(&mut self, recorder: Recorder) {
        self.recorder = recorder;
    }

    /// Returns true if it is time to tell a watching person which needle is nearest.
    pub(super) fn may_tell_nearest(&mut self) -> bool {
        let is_due = self.told.elapsed() >= TELL_EVERY && self.recorder.is_watched();
        if is_due {
            self.told = Instant::now();
        }
        is_due
    }

    /// The machine's power was cut by a step: it can only be switched on again.
    ///
    /// # Errors
    /// A step under way expects fewer cuts.
    pub(super) fn mark_cut(&mut self) -> Result<(), Stop> {
        let counted = self.count_cut();
        self.power.cut();
        counted
    }

    /// What steps under way say of resets.
    pub(super) fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// The same machine, for the scenario that goes on where another ended.
    pub(super) fn continue_with(&mut self, watches: Watches) {
        // What came since the last look of those who watched is nobody's else.
        let serial_from = self.watches.serial_from();
        self.watches = watches;
        self.watches.begin_at(serial_from);
        self.ledger = Ledger::default();
        self.judged = Judged::Nothing;
        self.serial_from = self.machine.serial().position();
        self.hopeful_at = self.serial_from;
        self.before_input = None;
    }

    /// The machine.
    pub(super) fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The machine, to change what is in its drive or its boot order.
    pub(super) fn machine_mut(&mut self) -> &mut Machine {
        &mut self.machine
    }

    /// Ends the session; the machine is the caller's, and so is what is watched on it.
    pub(super) fn into_parts(self) -> (Machine, Watches) {
        (self.machine, self.watches)
    }

    /// Lets watches ask the guest that are to; whether one of them waits for its answer.
    pub(super) fn asks_guest(&mut self) -> bool {
        self.watches.start_due(&self.machine);
        self.watches.is_waiting()
    }

    /// What is watched.
    pub(super) fn watches(&mut self) -> &mut Watches {
        &mut self.watches
    }

    /// Returns true if the guest has powered the machine off.
    pub(super) fn is_off(&self) -> bool {
        self.power.is_off()
    }

    /// Succeeds where the guest can be asked to restart or to power off.
    ///
    /// # Errors
    /// The machine is off, or cannot go on.
    pub(super) fn check_on(&self) -> Result<(), Stop> {
        self.power.check_on()
    }

    /// Ends the session; the machine is the caller's to shut down.
    pub(super) fn into_machine(self) -> Machine {
        self.machine
    }

    /// A step asks for something now: what comes of it is no surprise.
    pub(super) fn ask(&mut self, what: fn(Instant) -> Asked) {
        self.power.ask(what(Instant::now()));
        self.begin_action();
    }

    /// The step that asked for something does not wait for it any more.
    pub(super) fn forget_asked(&mut self) {
        self.power.forget();
    }

    /// Returns true if a step has asked the machine to power itself off, and it has not yet.
    pub(super) fn expects_shutdown(&self) -> bool {
        self.power.power_off_asked().is_some()
    }

    /// Where the next `serial` step begins to search.
    pub(super) fn serial_from(&self) -> u64 {
        self.serial_from
    }

    /// Where the serial console stood when the machine was reset last: what is before is of another start.
    pub(super) fn serial_at_reset(&self) -> u64 {
        self.serial_at_reset
    }

    /// What the serial console said before the last reset is not searched any more.
    pub(super) fn search_serial_from_reset(&mut self) {
        self.serial_from = self.serial_from.max(self.serial_at_reset);
    }

    /// Lets searches begin after what the serial console has said up to now. Used when a step asks for a restart.
    /// Counted from the question on: by the time the reset is known, the new start may have said something.
    pub(super) fn search_serial_from_here(&mut self) {
        self.serial_from = self.serial_from.max(self.machine.serial().position());
    }

    /// The next `serial` step begins to search here.
    pub(super) fn set_serial_from(&mut self, position: u64) {
        self.serial_from = position;
    }

    /// Hides a text from now on in all logs of serial lines and in all events.
    pub(super) fn conceal(&self, secret: &str) {
        self.recorder.conceal(secret);
        for line in self.machine.serials() {
            line.conceal(secret);
        }
    }

    fn check_over(&self) -> Result<(), Stop> {
        self.power.check()
    }

    /// Awaits something of the machine's, and meanwhile everything that ends a wait.
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

    /// The reason behind an operation that failed because the machine ended, else the given one.
    pub(super) async fn explain(&mut self, otherwise: Stop) -> Stop {
        match self.drain_events(GRACE).await {
            Err(stop) => stop,
            Ok(()) => otherwise,
        }
    }

    /// Takes what the machine did until now, or until its end if that is near.
    async fn drain_events(&mut self, grace: Duration) -> Result<(), Stop> {
        let grace = tokio::time::sleep(grace);
        tokio::pin!(grace);
        loop {
            tokio::select! {
                event = self.events.next() => match event {
                    Some(event) => { self.take(event)?; }
                    None => return self.check_over(),
                },
                () = &mut grace => return self.check_over(),
            }
        }
    }

    /// Waits until something happens that a step may care about.
    ///
    /// # Errors
    /// What ends every wait: a breached watch, the machine's end, an unexpected reset, a QEMU that
    /// does not answer, the user.
    pub(super) async fn wake(&mut self, deadline: Option<Instant>) -> Result<Wake, Stop> {
        let woken = self.woken(deadline).await?;
        // Whoever called looks now.
        self.machine.starvation().notice();
        Ok(woken)
    }

    async fn woken(&mut self, deadline: Option<Instant>) -> Result<Wake, Stop> {
        self.check_over()?;
        let starvation = self.machine.starvation().clone();
        loop {
            self.watches.start_due(&self.machine);
            let next_due = sleep_until(self.watches.next_due());
            let doubted = sleep_until(self.doubted()?);
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
                event = self.events.next() => match event {
                    Some(event) => {
                        if let Some(wake) = self.take(event)? {
                            return Ok(wake);
                        }
                    }
                    None => {
                        self.check_over()?;
                        return Err(self.finish(Stop::error(
                            CauseKind::MachineExited,
                            "QEMU ended, and nothing says why",
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
                    // Noted only when it is done: a wait that is dropped in the middle leaves the frame to the next.
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
                () = doubted => starvation.proven(Instant::now()).await,
                processors = answered(&mut self.hope) => self.take_processors(processors),
                () = next_look => {}
                () = next_due => {}
            }
        }
    }

    /// Leaves the machine to a person until `ended`. What it does meanwhile is written down and judged by nobody.
    ///
    /// # Errors
    /// The machine was over before.
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
                        let _ = self.take(event); // The person sees it.
                    }
                    None => return Ok(LookedAt::MachineGone),
                },
            }
        }
    }

    /// Returns true if the machine cannot go on.
    pub(super) fn is_over(&self) -> bool {
        self.power.check().is_err()
    }

    fn news(&self, what: MachineNews) {
        self.recorder.record(Event::Machine { what });
    }

    /// Remembers that the machine cannot go on.
    fn finish(&mut self, stop: Stop) -> Stop {
        self.power.broke(stop.clone());
        stop
    }
}

async fn sleep_until(when: Option<Instant>) {
    match when {
        Some(when) => tokio::time::sleep_until(when).await,
        None => std::future::pending().await,
    }
}
