//! A log cut to one scenario, for people who get it without the rest of the run.

use std::collections::BTreeSet;

use crate::log::{Entry, Envelope, Event, FORMAT, Log, ScenarioInfo, StartedFrom};
use crate::run::Run;

impl Log {
    /// Returns the log of one scenario and of those that it stands on: the scenarios of the same run whose machine or
    /// checkpoint its attempts went on with. None if the log has nothing about a scenario of this name.
    ///
    /// It is a whole log with the beginning and the end of the run. Times stay as they are. The exit status is the one
    /// that the scenarios of the cut lead to. A remark says how many scenarios were left out.
    pub fn of_scenario(&self, name: &str) -> Option<Self> {
        let infos = announced(&self.entries);
        let told = self.entries.iter().filter_map(Entry::scenario);
        let known: BTreeSet<&str> = infos
            .iter()
            .map(|info| info.name.as_str())
            .chain(told)
            .collect();
        if !known.contains(name) {
            return None;
        }
        let kept = stands_on(&self.entries, infos, name);
        let left_out = known.len() - kept.len();
        let is_kept = |name: &str| kept.contains(name);
        let mut entries: Vec<Entry> = Vec::new();
        for entry in &self.entries {
            if entry.scenario().is_some_and(|name| !is_kept(name)) {
                continue;
            }
            let Some(event) = cut(&entry.event, &is_kept) else {
                continue;
            };
            let is_beginning = matches!(event, Event::RunStarted { .. });
            entries.push(Entry {
                envelope: entry.envelope.clone(),
                event,
            });
            if is_beginning && left_out > 0 {
                entries.push(remark(entry, left_out));
            }
        }
        set_exit(&mut entries);
        for (seq, entry) in (0..).zip(&mut entries) {
            entry.envelope.seq = seq;
        }
        Some(Self {
            entries,
            torn_line: self.torn_line,
        })
    }
}

fn announced(entries: &[Entry]) -> &[ScenarioInfo] {
    match entries.first().map(|entry| &entry.event) {
        Some(Event::RunStarted { scenarios, .. }) => scenarios,
        Some(_) | None => &[],
    }
}

/// Returns the names of a scenario and of all that it stands on.
fn stands_on<'e>(
    entries: &'e [Entry],
    infos: &'e [ScenarioInfo],
    name: &'e str,
) -> BTreeSet<&'e str> {
    let mut kept = BTreeSet::from([name]);
    let mut open = vec![name];
    while let Some(name) = open.pop() {
        for entry in entries {
            let Event::ScenarioStarted { from, .. } = &entry.event else {
                continue;
            };
            if entry.scenario() != Some(name) {
                continue;
            }
            let before = match from {
                StartedFrom::Continued { scenario }
                | StartedFrom::Checkpoint {
                    scenario,
                    this_run: true,
                    ..
                } => named(infos, scenario, name),
                StartedFrom::PowerOn
                | StartedFrom::Checkpoint {
                    this_run: false, ..
                } => None,
            };
            if let Some(before) = before
                && kept.insert(before)
            {
                open.push(before);
            }
        }
    }
    kept
}

/// Returns the name in this run of a scenario that `of` names: in a matrix, the one on the same image and machine.
fn named<'e>(infos: &'e [ScenarioInfo], scenario: &str, of: &str) -> Option<&'e str> {
    if let Some(info) = infos.iter().find(|info| info.name == scenario) {
        return Some(&info.name);
    }
    let own = infos.iter().find(|info| info.name == of)?;
    let cell = |info: &&ScenarioInfo| {
        (info.own_name(), &info.image, &info.machine) == (scenario, &own.image, &own.machine)
    };
    infos.iter().find(cell).map(|info| info.name.as_str())
}

/// Returns an event without what it says of other scenarios; none if it is about others only.
fn cut(event: &Event, is_kept: &dyn Fn(&str) -> bool) -> Option<Event> {
    let mut event = event.clone();
    if let Event::RunStarted {
        format, scenarios, ..
    } = &mut event
    {
        // A log of an older format was upgraded when it was read.
        *format = FORMAT;
        scenarios.retain(|info| is_kept(&info.name));
    }
    if let Event::RunFinished {
        scenarios: Some(names),
        ..
    } = &mut event
    {
        names.retain(|name| is_kept(name));
        if names.is_empty() {
            return None;
        }
    }
    Some(event)
}

fn remark(beginning: &Entry, left_out: usize) -> Entry {
    let others = match left_out {
        1 => "another scenario was".to_owned(),
        many => format!("{many} other scenarios were"),
    };
    Entry {
        envelope: Envelope {
            host: beginning.envelope.host.clone(),
            at_ms: beginning.envelope.at_ms,
            ..Envelope::default()
        },
        event: Event::Note {
            text: format!("this is a part of the run: {others} left out of the log"),
        },
    }
}

/// Sets the exit status to what the verdicts of these entries lead to.
fn set_exit(entries: &mut [Entry]) {
    let gate = Run::of(entries).gate();
    for entry in entries {
        if let Event::RunFinished { exit, .. } = &mut entry.event {
            *exit = gate;
        }
    }
}
