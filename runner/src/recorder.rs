//! Records events: adds the envelope, masks secrets, cuts long texts, and gives the entry to the feed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reports::{Entry, Envelope, Event, Notice, NoticeKind};
use serde_json::Value;

use crate::feed::Feed;

/// The text in the place of a secret.
pub(crate) const MASK: &str = "•••";

/// The remark about a file of the guest that was kept with a secret in it.
pub(crate) const SECRET_NOT_HIDDEN: &str =
    "it is no text and has a secret in it, which is not hidden";

/// Records events of a run. A clone can be about the whole run, a scenario or an attempt.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    feed: Feed,
    /// Values that must not appear in any event.
    secrets: Arc<Mutex<Vec<String>>>,
    /// The envelope of every event of this recorder. The feed adds number and time.
    envelope: Envelope,
}

impl Recorder {
    /// Makes a recorder of this host that writes into a feed and masks these secrets.
    pub(crate) fn new(feed: Feed, host: &str, secrets: Vec<String>) -> Self {
        Self {
            feed,
            secrets: Arc::new(Mutex::new(secrets)),
            envelope: Envelope {
                host: host.to_owned(),
                ..Envelope::default()
            },
        }
    }

    /// Returns a recorder into the same log, about a scenario.
    pub(crate) fn of_scenario(&self, name: &str) -> Self {
        self.about(Some(name), None)
    }

    /// Returns a recorder into the same log, about an attempt at a scenario.
    pub(crate) fn of_attempt(&self, scenario: &str, number: u32) -> Self {
        self.about(Some(scenario), Some(number))
    }

    /// Returns a recorder into the same log, about one machine of the same attempt.
    pub(crate) fn of_machine(&self, name: &str) -> Self {
        Self {
            envelope: Envelope {
                machine: Some(name.to_owned()),
                ..self.envelope.clone()
            },
            ..self.clone()
        }
    }

    fn about(&self, scenario: Option<&str>, attempt: Option<u32>) -> Self {
        Self {
            envelope: Envelope {
                scenario: scenario.map(str::to_owned),
                attempt,
                machine: None,
                ..self.envelope.clone()
            },
            ..self.clone()
        }
    }

    fn known_secrets(&self) -> MutexGuard<'_, Vec<String>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event, without secrets and with its long texts cut.
    pub(crate) fn record(&self, event: Event) {
        let entry = Entry {
            envelope: self.envelope.clone(),
            event,
        };
        // Masks before cutting: half of a cut secret would not be recognized.
        let entry = mask_entry(entry, &self.known_secrets()).bounded();
        self.feed.publish(entry);
    }

    /// Sends a notice to the listeners that show notices. It is not recorded.
    pub(crate) fn notify(&self, kind: NoticeKind) {
        self.feed.notify(&Notice {
            scenario: self.envelope.scenario.clone(),
            attempt: self.envelope.attempt,
            machine: self.envelope.machine.clone(),
            kind,
        });
    }

    /// Hides a text in all events from now on.
    pub(crate) fn conceal(&self, secret: &str) {
        let mut secrets = self.known_secrets();
        // A shorter text would hide too much.
        let lines = secret.split(char::is_control).map(str::trim);
        for line in lines.filter(|line| line.len() >= 3) {
            if !secrets.iter().any(|known| known == line) {
                secrets.push(line.to_owned());
            }
        }
    }

    /// Returns the texts that must not appear in any event.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.known_secrets().clone()
    }

    /// Returns the reason why the log on disk is not whole, if it is not.
    pub(crate) fn broken(&self) -> Option<String> {
        self.feed.broken()
    }

    /// Returns the time since the run began, in milliseconds.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.feed.elapsed_ms()
    }
}

/// Replaces secrets in every string of an entry. If the masked entry is no entry any more, a note takes its place.
fn mask_entry(entry: Entry, secrets: &[String]) -> Entry {
    if secrets.is_empty() {
        return entry;
    }
    let Ok(mut value) = serde_json::to_value(&entry) else {
        return entry;
    };
    if !mask_value(&mut value, secrets) {
        return entry;
    }
    serde_json::from_value(value).unwrap_or_else(|_| Entry {
        envelope: Envelope {
            scenario: None,
            ..entry.envelope
        },
        event: Event::Note {
            text: "an event was left out: masking a secret made it unreadable".to_owned(),
        },
    })
}

fn mask_value(value: &mut Value, secrets: &[String]) -> bool {
    match value {
        Value::String(text) => {
            let mut found = false;
            for secret in secrets {
                if text.contains(secret.as_str()) {
                    *text = text.replace(secret.as_str(), MASK);
                    found = true;
                }
            }
            found
        }
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |found, item| mask_value(item, secrets) | found),
        Value::Object(fields) => fields
            .iter_mut()
            .filter(|(name, _)| *name != "event" && *name != "kind")
            .fold(false, |found, (_, item)| mask_value(item, secrets) | found),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests;
