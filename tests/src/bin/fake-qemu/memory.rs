//! The main memory: a file, where the machine can be saved. All that the guest knows lies in it, and nowhere else in
//! what is saved, so a copy of it that is not whole shows on the screen.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt,
    path::PathBuf,
};

use qa_tests::Frame;
use serde::{Deserialize, Serialize};

/// Where the guest's notes lie; the length comes first.
const NOTES: u64 = 1 << 20;

/// Where the picture on the screen lies: far from the notes, with a hole between.
const PICTURE: u64 = 3 << 20;

/// `-object memory-backend-file`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Backend {
    pub(crate) qom_type: String,
    pub(crate) id: String,
    size: u64,
    mem_path: PathBuf,
    share: bool,
}

/// What the guest knows.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Guest {
    pub(crate) screen: Option<(Frame, Vec<u8>)>,
    pub(crate) captures: u32,
    pub(crate) typed: String,
    pub(crate) sent: String,
    pub(crate) agent_open: bool,
}

#[derive(Debug)]
pub(crate) struct Memory {
    file: File,
    share: bool,
}

impl Memory {
    /// Opens the file. The error is QEMU's sentence.
    pub(crate) fn open(backend: &Backend) -> Result<Self, String> {
        let path = backend.mem_path.display();
        // What a machine writes that does not share its memory stays in it: ours never needs it again.
        let file = OpenOptions::new()
            .read(true)
            .write(backend.share)
            .open(&backend.mem_path)
            .map_err(|error| format!("can't open backing store {path} for guest RAM: {error}"))?;
        let length = file.metadata().map_err(|error| error.to_string())?.len();
        if length != backend.size {
            return Err(format!(
                "backing store size {length:#x} does not match 'size' option {:#x}",
                backend.size
            ));
        }
        Ok(Self {
            file,
            share: backend.share,
        })
    }

    /// Whether a machine with this memory can be saved.
    pub(crate) fn is_shared(&self) -> bool {
        self.share
    }

    /// Puts what the guest knows into the file.
    pub(crate) fn write(&self, guest: &Guest) -> Result<(), String> {
        if !self.share {
            return Ok(());
        }
        let mut notes = Guest {
            screen: None,
            typed: guest.typed.clone(),
            sent: guest.sent.clone(),
            ..*guest
        };
        if let Some((frame, picture)) = &guest.screen {
            notes.screen = Some((frame.clone(), Vec::new()));
            self.put(PICTURE, picture)?;
        }
        let notes = serde_json::to_vec(&notes).map_err(|error| error.to_string())?;
        self.put(NOTES, &notes)
    }

    /// What the guest knew when the memory was saved.
    pub(crate) fn read(&self) -> Result<Guest, String> {
        let mut guest: Guest =
            serde_json::from_slice(&self.get(NOTES)?).map_err(|error| error.to_string())?;
        if let Some((_, picture)) = &mut guest.screen {
            *picture = self.get(PICTURE)?;
        }
        Ok(guest)
    }

    fn put(&self, at: u64, bytes: &[u8]) -> Result<(), String> {
        let length = (bytes.len() as u64).to_le_bytes();
        self.file
            .write_all_at(&length, at)
            .and_then(|()| self.file.write_all_at(bytes, at + 8))
            .map_err(|error| error.to_string())
    }

    fn get(&self, at: u64) -> Result<Vec<u8>, String> {
        let mut length = [0; 8];
        self.file
            .read_exact_at(&mut length, at)
            .map_err(|error| error.to_string())?;
        let length = usize::try_from(u64::from_le_bytes(length))
            .ok()
            .filter(|length| *length < 2 << 20)
            .ok_or("the memory holds no guest")?;
        let mut bytes = vec![0; length];
        self.file
            .read_exact_at(&mut bytes, at + 8)
            .map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_guest_knows_is_in_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(8 << 20).unwrap();
        let backend = |share| Backend {
            qom_type: "memory-backend-file".into(),
            id: "ram".into(),
            size: 8 << 20,
            mem_path: file.path().to_owned(),
            share,
        };
        let frame = Frame {
            file: "1.ppm".into(),
            width: 4,
            height: 3,
        };
        let guest = Guest {
            screen: Some((frame.clone(), b"P6".to_vec())),
            captures: 3,
            typed: "ab".into(),
            sent: String::new(),
            agent_open: true,
        };
        Memory::open(&backend(true)).unwrap().write(&guest).unwrap();
        let read = Memory::open(&backend(false)).unwrap().read().unwrap();
        assert_eq!(read.screen, Some((frame, b"P6".to_vec())));
        assert_eq!((read.captures, read.typed.as_str()), (3, "ab"));
        assert!(read.agent_open);
        let other = Backend {
            size: 4 << 20,
            ..backend(true)
        };
        assert!(Memory::open(&other).is_err());
    }

    #[test]
    fn blank_memory_holds_no_guest() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(8 << 20).unwrap();
        let memory = Memory {
            file: file.reopen().unwrap(),
            share: false,
        };
        assert!(memory.read().is_err());
    }
}
