//! The device of the keyboard: what it holds until the guest takes it.
//!
//! A virtio keyboard's guest takes everything at once. A USB one has room for 16 codes, drops what comes more, and
//! gives one away every 8 ms.

use std::{
    collections::VecDeque,
    fs::File,
    io::Write,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// Room of a USB keyboard.
const PLACES: usize = 16;

/// The time between two reports that the guest fetches.
const INTERVAL: Duration = Duration::from_millis(8);

/// Some keys whose codes have a prefix, which takes a place, too.
const EXTENDED: &[&str] = &[
    "alt_r", "compose", "left", "right", "up", "down", "meta_l", "delete",
];

#[derive(Debug, Default)]
pub(crate) enum Keyboard {
    /// The one that every PC has: nothing is told of it.
    #[default]
    BuiltIn,
    /// So many buffers were used.
    Virtio(u16),
    Usb(Usb),
}

#[derive(Debug, Default)]
pub(crate) struct Usb {
    /// The waiting reports; none for a prefix.
    queue: VecDeque<Option<Value>>,
    /// The time at which the guest fetches next.
    next: Option<Instant>,
    /// The file that gets the reports.
    reports: Option<File>,
}

impl Keyboard {
    /// A USB keyboard that writes its reports into a file.
    pub(crate) fn usb(reports: Option<&str>) -> Result<Self, String> {
        let open = |path: &str| -> Result<File, String> {
            let mut file = File::create(path).map_err(|error| format!("open {path}: {error}"))?;
            // The header of a capture file.
            file.write_all(&[0; 24])
                .map_err(|error| error.to_string())?;
            Ok(file)
        };
        Ok(Self::Usb(Usb {
            reports: reports.map(open).transpose()?,
            ..Usb::default()
        }))
    }

    /// Takes events of a command; gives those that reach the guest now.
    pub(crate) fn send(&mut self, events: &[Value]) -> Vec<Value> {
        let is_key = |event: &&Value| event["type"] == "key";
        match self {
            Self::BuiltIn => events.to_vec(),
            Self::Virtio(used) => {
                let keys = events.iter().filter(is_key).count();
                if keys > 0 {
                    *used = used.wrapping_add(u16::try_from(keys + 1).unwrap_or(0));
                }
                events.to_vec()
            }
            Self::Usb(usb) => {
                for event in events.iter().filter(is_key) {
                    usb.push(event);
                }
                let others = events.iter().filter(|event| !is_key(event));
                others.cloned().collect()
            }
        }
    }

    /// Returns the keys that have reached the guest since the last call.
    pub(crate) fn fetched(&mut self) -> Vec<Value> {
        let Self::Usb(usb) = self else {
            return Vec::new();
        };
        let mut fetched = Vec::new();
        while let Some(due) = usb
            .next
            .filter(|due| *due <= Instant::now() && !usb.queue.is_empty())
        {
            fetched.extend(usb.fetch());
            usb.next = Some(due + INTERVAL);
        }
        fetched
    }

    /// All that waits: the guest fetches it before the machine ends.
    pub(crate) fn rest(&mut self) -> Vec<Value> {
        match self {
            Self::BuiltIn | Self::Virtio(_) => Vec::new(),
            Self::Usb(usb) => usb.queue.drain(..).flatten().collect(),
        }
    }

    /// Returns the time until the guest fetches next; none where nothing waits.
    pub(crate) fn due(&self) -> Option<Duration> {
        match self {
            Self::BuiltIn | Self::Virtio(_) => None,
            Self::Usb(usb) if usb.queue.is_empty() => None,
            Self::Usb(usb) => (usb.next).map(|due| due.saturating_duration_since(Instant::now())),
        }
    }

    /// The answer to `x-query-virtio-queue-element`; the error is QEMU's sentence.
    pub(crate) fn element(&self) -> Result<Value, String> {
        match self {
            Self::Virtio(used) => Ok(json!({
                "index": 0, "name": "virtio-input", "descs": [],
                "avail": {"idx": used.wrapping_add(64), "flags": 0, "ring": 0},
                "used": {"idx": used, "flags": 0},
            })),
            Self::BuiltIn | Self::Usb(_) => Err("Path is not a realized VirtIO device".to_owned()),
        }
    }
}

impl Usb {
    fn push(&mut self, event: &Value) {
        let key = event["data"]["key"]["data"].as_str().unwrap_or_default();
        let places = if EXTENDED.contains(&key) { 2 } else { 1 };
        if self.queue.len() + places > PLACES {
            return; // As QEMU does: nobody is told.
        }
        if self.queue.is_empty() {
            let soonest = self
                .next
                .map_or_else(Instant::now, |next| next.max(Instant::now()));
            self.next = Some(soonest);
        }
        if places == 2 {
            self.queue.push_back(None);
        }
        self.queue.push_back(Some(event.clone()));
    }

    fn fetch(&mut self) -> Option<Value> {
        let event = self.queue.pop_front()?;
        if let Some(file) = &mut self.reports {
            let mut packet = [0; 64];
            (packet[8], packet[9], packet[10]) = (b'C', 1, 0x81);
            let size = 72_u32.to_le_bytes();
            let record = [&[0; 8], &size[..], &size[..], &packet, &[0; 8]].concat();
            // A file that cannot be written is seen by a test that waits for it.
            let _ = file.write_all(&record);
        }
        event
    }
}
