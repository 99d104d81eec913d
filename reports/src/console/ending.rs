//! The lines about an attempt that did not hold, when it ends.

use crate::log::{Cause, Event, Verdict};
use crate::plain_text::plain_line;

/// The cause of an attempt that did not hold, and the places to look at. All texts are on one line and safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadEnd {
    /// The first line of the cause, with the likely reason if there is one. Empty if the log has no cause.
    pub why: String,
    /// The step and its place in a file: `scenarios/gnome-login.yaml:9:5, gnome-login step 3`. None outside of steps.
    pub at: Option<String>,
    /// The last picture of the screen: a PNG file, relative to the folder of the run, as the log names it. It may
    /// contain every character that a file name can have.
    pub picture: Option<String>,
}

impl BadEnd {
    /// Returns what is to be told of an event; none if it is not the end of an attempt that failed or broke off.
    pub fn of(event: &Event) -> Option<Self> {
        let Event::ScenarioFinished {
            verdict,
            cause,
            last_frame,
            ..
        } = event
        else {
            return None;
        };
        match verdict {
            Verdict::Failed | Verdict::Error | Verdict::Flaky => {}
            Verdict::Passed | Verdict::SoftFailed | Verdict::Skipped | Verdict::Cancelled => {
                return None;
            }
        }
        let cause = cause.as_ref();
        Some(Self {
            why: cause.map_or_else(String::new, |cause| plain_line(cause.first_line())),
            at: cause.and_then(at),
            picture: last_frame.as_ref().map(|frame| frame.file.clone()),
        })
    }

    /// Returns the path of the picture, for people. `folder` is the folder of the run, as people name it.
    pub fn picture_below(&self, folder: &str) -> Option<String> {
        let file = self.picture.as_ref()?;
        Some(plain_line(&format!("{folder}/{file}")))
    }
}

fn at(cause: &Cause) -> Option<String> {
    let parts: Vec<String> = [&cause.place, &cause.step]
        .into_iter()
        .flatten()
        .map(|part| plain_line(part))
        .collect();
    match parts.is_empty() {
        true => None,
        false => Some(parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{CauseKind, FrameRef};

    fn ended(verdict: Verdict, message: Option<&str>) -> Event {
        Event::ScenarioFinished {
            verdict,
            cause: message.map(|message| Cause {
                kind: CauseKind::Deadline,
                message: message.into(),
                hints: Vec::new(),
                step: Some("login step 3".into()),
                place: Some("scenarios/login.yaml:9:5".into()),
            }),
            duration_ms: 1,
            last_frame: Some(FrameRef {
                file: "login/frames/7.png".into(),
                generation: 7,
                width: 1,
                height: 1,
            }),
            files: Vec::new(),
        }
    }

    #[test]
    fn the_end_of_a_failure_has_its_cause_its_step_and_its_picture() {
        let end = BadEnd::of(&ended(Verdict::Failed, Some("no needle\x1b[2J\nmore"))).unwrap();
        assert_eq!(end.why, "no needle");
        assert_eq!(
            end.at.as_deref(),
            Some("scenarios/login.yaml:9:5, login step 3")
        );
        assert_eq!(
            end.picture_below("qa-results/1").as_deref(),
            Some("qa-results/1/login/frames/7.png")
        );
        let unknown = BadEnd::of(&ended(Verdict::Error, None)).unwrap();
        assert_eq!((unknown.why.as_str(), unknown.at), ("", None));
    }

    #[test]
    fn what_held_was_stopped_or_was_skipped_is_no_failure() {
        use Verdict::{Cancelled, Passed, Skipped, SoftFailed};
        for verdict in [Passed, SoftFailed, Skipped, Cancelled] {
            assert_eq!(BadEnd::of(&ended(verdict, Some("x"))), None, "{verdict}");
        }
    }
}
