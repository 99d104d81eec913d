//! A property: no pause of QEMU or of this program, at any moment, changes the result of a wait.
//!
//! A small world with a clock of its own: the guest writes a line when it has run for some time, and a wait of this
//! program needs it within a limit. The bookkeeping is the real one. Tasks that would run in parallel run in random
//! order.
//!
//! While only this program is stopped, the guest continues. The time of a line that is found afterwards is not known.
//! It counts as in time.

use std::time::{Duration, Instant};

use super::silence::{Progress, Said, Silence};
use crate::own_gaps::Beats;

const CASES: u64 = 10_000;

/// The milliseconds in a step of the world.
const TICK: u64 = 100;

/// The error that a single pause may cause: the time between two questions, and the time until a silence is noticed.
const BLUR: u64 = 1_500;

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

#[derive(Debug, Clone, Copy)]
struct Pause {
    begins: u64,
    ends: u64,
    of_qemu: bool,
    of_program: bool,
}

#[derive(Debug)]
struct Case {
    seed: u64,
    limit: u64,
    /// The run time of the guest after which the line comes.
    line: u64,
    pauses: Vec<Pause>,
}

impl Case {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..8 {
            random.below(2);
        }
        let limit = 1_000 + random.below(9_000);
        let line = random.below(2 * limit);
        let pauses = (0..random.below(4)).map(|_| {
            let begins = random.below(limit);
            let who = random.below(3);
            let longest = if random.below(2) == 0 { 1_000 } else { 60_000 };
            Pause {
                begins,
                ends: begins + TICK + random.below(longest),
                of_qemu: who != 0,
                of_program: who != 1,
            }
        });
        let pauses = pauses.collect();
        Self {
            seed,
            limit,
            line,
            pauses,
        }
    }

    fn paused(&self, now: u64, whose: impl Fn(&Pause) -> bool) -> bool {
        let is_in = |pause: &&Pause| (pause.begins..pause.ends).contains(&now);
        self.pauses.iter().filter(is_in).any(whose)
    }

    /// The time for which this program is paused and QEMU is not.
    fn deaf(&self) -> u64 {
        let ticks = (0..200_000 / TICK).map(|tick| tick * TICK);
        let deaf = ticks.filter(|now| {
            self.paused(*now, |pause| pause.of_program) && !self.paused(*now, |pause| pause.of_qemu)
        });
        deaf.count() as u64 * TICK
    }
}

/// Returns true if the wait succeeds.
fn play(case: &Case) -> bool {
    let mut random = Random(case.seed | 1);
    let start = Instant::now();
    let ms = Duration::from_millis;
    let mut beats = Beats::new(start);
    let (mut beaten, mut looked) = (0, 0);
    let mut silence = Silence::new(ms(0));
    let (mut ran, mut written, mut read) = (0, false, false);
    let mut progress = Progress {
        ran: ms(0),
        waited: ms(0),
    };
    let (mut asked, mut answered, mut next) = (None, false, 0);
    let mut proof = None;
    for now in (0..).map(|tick| tick * TICK) {
        if !case.paused(now, |pause| pause.of_qemu) {
            ran += TICK;
            written |= ran > case.line;
            if asked.is_some() && !answered {
                answered = true;
                progress.ran += ms(1);
            }
        }
        if case.paused(now, |pause| pause.of_program) {
            continue;
        }
        let instant = start + ms(now);
        // The reader of the serial line, and the thread that notes gaps, run before the others or after them.
        let is_early = random.below(2) == 0;
        if is_early {
            read |= written;
        }
        if is_early && now >= beaten + 100 {
            beats.beat(instant);
            beaten = now;
        }
        let awake = ms(now).saturating_sub(beats.total(instant));
        match asked {
            Some(at) if answered => {
                // Everything before the answer is read before the answer counts.
                read |= written;
                silence.answers(awake, Said::Runs);
                proof = Some(at);
                (asked, answered, next) = (None, false, now + 500);
            }
            Some(_) if now >= looked + 250 => {
                silence.looks(awake, Some(progress));
                looked = now;
            }
            None if now >= next => {
                silence.asks(awake, Some(progress));
                asked = Some(now);
            }
            Some(_) | None => {}
        }
        silence.looks(awake, Some(progress));
        let lost = beats.total(instant) + silence.lost(awake);
        let deadline = case.limit + u64::try_from(lost.as_millis()).unwrap();
        // In the order of a step: note the proof, look, and only then judge.
        let noticed = proof;
        if read {
            return true;
        }
        if now >= deadline {
            if noticed.is_some_and(|noticed| noticed >= deadline) {
                return false;
            }
            next = now;
        }
        if !is_early && now >= beaten + 100 {
            beats.beat(instant);
            beaten = now;
        }
    }
    unreachable!()
}

#[test]
fn no_pause_changes_what_a_wait_comes_to() {
    let (mut held, mut missed) = (0, 0);
    for seed in 1..=CASES {
        let case = Case::new(seed);
        let blur = BLUR * (case.pauses.len() as u64 + 1);
        let holds = play(&case);
        if case.line + blur <= case.limit {
            assert!(holds, "{case:?}");
            held += 1;
        }
        if case.line >= case.limit + case.deaf() + blur {
            assert!(!holds, "{case:?}");
            missed += 1;
        }
    }
    assert!(held > CASES / 10 && missed > CASES / 10, "{held}, {missed}");
}
