use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a fake QEMU was asked and did, in order; those of one test share it.
#[derive(Debug, Default)]
pub struct Journal {
    entries: Vec<Entry>,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// A process started.
    Started {
        /// Its id.
        pid: u32,
        /// Its arguments.
        args: Vec<String>,
    },
    /// A machine spent a rule.
    Spent {
        /// The folder of its attempt.
        machine: PathBuf,
        /// The rule's number.
        rule: usize,
    },
    /// A machine told the others of its call something.
    Told {
        /// Its process id.
        by: u32,
        /// What.
        what: String,
    },
    /// A QMP command other than a capture or input.
    Command(Value),
    /// Text was typed, or a key without text as `<esc>`.
    Typed(String),
    /// Keys went down together.
    Pressed(String),
    /// A button or the wheel was used at this pixel.
    Clicked {
        /// QEMU's name of the button.
        button: String,
        /// From the left.
        x: u32,
        /// From the top.
        y: u32,
    },
    /// A button was let go at this pixel.
    Released {
        /// QEMU's name of the button.
        button: String,
        /// From the left.
        x: u32,
        /// From the top.
        y: u32,
    },
    /// Something was sent to the serial console.
    Serial(String),
    /// The agent was asked this.
    Agent(Value),
    /// Something that must not happen: the test fails.
    Problem(String),
}

impl Journal {
    /// Reads what has been written until now; empty when nothing has.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        // A line without its end is still being written.
        let entries = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect();
        Self { entries }
    }

    /// Adds an entry. One write a line: several processes may add to it.
    pub fn add(path: &Path, entry: &Entry) {
        let mut line = serde_json::to_vec(entry).unwrap();
        line.push(b'\n');
        let mut file: File = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        file.write_all(&line).unwrap();
    }

    /// Every entry.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The process ids of all machines.
    #[must_use]
    pub fn pids(&self) -> Vec<u32> {
        let pid = |entry: &Entry| match entry {
            Entry::Started { pid, .. } => Some(*pid),
            _ => None,
        };
        self.entries.iter().filter_map(pid).collect()
    }

    /// The arguments of all machines.
    #[must_use]
    pub fn starts(&self) -> Vec<&[String]> {
        fn args(entry: &Entry) -> Option<&[String]> {
            match entry {
                Entry::Started { args, .. } => Some(args.as_slice()),
                _ => None,
            }
        }
        self.entries.iter().filter_map(args).collect()
    }

    /// Everything typed, keys without text as `<esc>`.
    #[must_use]
    pub fn typed(&self) -> String {
        let typed = |entry: &Entry| match entry {
            Entry::Typed(text) => Some(text.clone()),
            _ => None,
        };
        self.entries.iter().filter_map(typed).collect()
    }

    /// Everything sent to the serial console.
    #[must_use]
    pub fn serial(&self) -> String {
        let sent = |entry: &Entry| match entry {
            Entry::Serial(text) => Some(text.clone()),
            _ => None,
        };
        self.entries.iter().filter_map(sent).collect()
    }

    /// Where buttons went down, as `left 80,60`.
    #[must_use]
    pub fn clicks(&self) -> Vec<String> {
        let click = |entry: &Entry| match entry {
            Entry::Clicked { button, x, y } => Some(format!("{button} {x},{y}")),
            _ => None,
        };
        self.entries.iter().filter_map(click).collect()
    }

    /// What must not have happened.
    #[must_use]
    pub fn problems(&self) -> Vec<&str> {
        self.entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Problem(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }
}
