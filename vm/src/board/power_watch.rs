//! Asks again and again whether a board is still on: some systems power off without a word.

use std::{pin::pin, time::Duration};

use tokio::time::{sleep, timeout};

use super::{
    BoardFault,
    gap::Gap,
    log::BoardLog,
    power::{BoardPower, Life},
};

/// The time after a first answer `off` until the question is asked once more.
const CONFIRM: Duration = Duration::from_secs(1);

/// The time without an answer after which the power counts as not asked.
const SLOW: Duration = Duration::from_secs(10);

/// Watches the power until its source is known not to tell.
pub(super) async fn watch(power: BoardPower, gap: Gap, log: BoardLog) {
    let mut answers = Answers::new(gap.clone());
    let mut is_well = true;
    loop {
        sleep(match answers.first_off {
            Some(_) => CONFIRM,
            None => power.ask_every(),
        })
        .await;
        let mut asked = pin!(power.ask());
        let answer = match timeout(SLOW, &mut asked).await {
            Ok(answer) => answer,
            Err(_) => {
                gap.began(&format!("no answer for {} s", SLOW.as_secs()));
                asked.await
            }
        };
        if let Err(fault) = &answer
            && is_well
        {
            // The first of a row is enough.
            log.say(&format!("ask the power: {fault}"));
        }
        is_well = answer.is_ok();
        match answers.take(answer) {
            Next::Ask => {}
            Next::WentOff => power.went_off("its power is off"),
            Next::Stop => return,
        }
    }
}

/// The answers to the questions whether the board is on.
#[derive(Debug)]
struct Answers {
    gap: Gap,
    /// The source has told at least once.
    has_told: bool,
    /// The last answer was `off`, and the board had been switched this many times.
    first_off: Option<u64>,
}

/// The next thing to do.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Ask,
    /// The board has powered itself off.
    WentOff,
    /// The source cannot tell.
    Stop,
}

impl Answers {
    fn new(gap: Gap) -> Self {
        Self {
            gap,
            has_told: false,
            first_off: None,
        }
    }

    fn take(&mut self, answer: Result<Life, BoardFault>) -> Next {
        let first_off = self.first_off.take();
        match answer {
            Ok(Life::On) => self.told(),
            Ok(Life::Off { switches }) => {
                self.told();
                // One answer alone may be a contact that bounces, or a controller that starts again.
                if first_off == Some(switches) {
                    return Next::WentOff;
                }
                self.first_off = Some(switches);
            }
            Ok(Life::Void) => {}
            Ok(Life::NotTold) if self.has_told => {
                self.gap.began("its source does not tell any more");
            }
            Ok(Life::NotTold) => {
                self.gap.ended();
                return Next::Stop;
            }
            Err(fault) => self.gap.began(&fault.words),
        }
        Next::Ask
    }

    fn told(&mut self) {
        self.has_told = true;
        self.gap.ended();
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;
    use crate::board::FaultKind;

    const OFF: Result<Life, BoardFault> = Ok(Life::Off { switches: 1 });

    fn fault() -> Result<Life, BoardFault> {
        Err(BoardFault::new(FaultKind::Unreachable, "no relay"))
    }

    #[tokio::test]
    async fn a_board_is_off_after_two_answers_in_a_row() {
        let mut answers = Answers::new(Gap::of_power());
        let rows = [
            (OFF, Next::Ask),
            (Ok(Life::On), Next::Ask),
            (OFF, Next::Ask),
            // It was switched meanwhile.
            (Ok(Life::Void), Next::Ask),
            (OFF, Next::Ask),
            (Ok(Life::Off { switches: 2 }), Next::Ask),
            (OFF, Next::Ask),
            (fault(), Next::Ask),
            (OFF, Next::Ask),
            (OFF, Next::WentOff),
        ];
        for (index, (answer, next)) in rows.into_iter().enumerate() {
            assert_eq!(answers.take(answer), next, "{index}");
        }
    }

    #[tokio::test]
    async fn only_a_source_that_cannot_tell_is_not_asked_again() {
        let gap = Gap::of_power();
        let begun = Instant::now();
        let mut answers = Answers::new(gap.clone());
        // A fault at the first question is a gap, and not the last word.
        assert_eq!(answers.take(fault()), Next::Ask);
        assert_eq!(
            gap.since(begun).as_deref(),
            Some("the power of the board cannot be asked: no relay")
        );
        assert_eq!(answers.take(Ok(Life::On)), Next::Ask);
        assert!(gap.since(begun).unwrap().contains("meanwhile: no relay"));
        assert_eq!(answers.take(Ok(Life::NotTold)), Next::Ask);
        let words = gap.since(Instant::now()).unwrap();
        assert!(words.ends_with("does not tell any more"), "{words}");
        let mut silent = Answers::new(Gap::of_power());
        assert_eq!(silent.take(Ok(Life::NotTold)), Next::Stop);
    }
}
