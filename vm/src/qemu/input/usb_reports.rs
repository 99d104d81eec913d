//! The reports that a guest has fetched from its USB keyboard.

use std::os::unix::fs::FileExt;

use rustix::fs::{FallocateFlags, fallocate};

use crate::{input::KeyName, qemu::screen::MemoryFile};

/// The lengths of the header of a capture file, of the header of a record, and of the header that Linux's usbmon puts
/// before a packet.
const FILE_HEADER: u64 = 24;
const RECORD_HEADER: usize = 16;
const PACKET_HEADER: usize = 64;

/// The reports that the guest has fetched from a USB keyboard. QEMU writes them into a file (property `pcap` of the
/// device).
#[derive(Debug)]
pub(crate) struct UsbReports {
    file: MemoryFile,
    /// The place up to which it was read.
    read: u64,
    /// The place up to which its memory was freed.
    freed: u64,
    waiting: u32,
    lost: u32,
}

/// A record in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Record {
    /// The guest has fetched a report.
    Fetched,
    /// The guest has configured the device, which empties the queue.
    SetUp,
    /// Another record.
    Other,
}

impl UsbReports {
    /// Returns the reports in a file that QEMU is about to write.
    pub(crate) fn new(file: MemoryFile) -> Self {
        Self {
            file,
            read: FILE_HEADER,
            freed: 0,
            waiting: 0,
            lost: 0,
        }
    }

    /// Returns the number of places in the queue that a key takes when it is pressed or released. The device fetches
    /// one at a time.
    pub(super) fn cost(key: KeyName) -> u32 {
        // Their codes have a prefix.
        let extended = matches!(
            key.name(),
            "alt_r"
                | "ctrl_r"
                | "meta_l"
                | "meta_r"
                | "compose"
                | "home"
                | "end"
                | "pgup"
                | "pgdn"
                | "up"
                | "down"
                | "left"
                | "right"
                | "insert"
                | "delete"
                | "kp_enter"
                | "kp_divide"
        );
        if extended { 2 } else { 1 }
    }

    pub(super) fn sent(&mut self, places: u32) {
        self.waiting += places;
    }

    pub(super) fn waiting(&self) -> u32 {
        self.waiting
    }

    pub(super) fn take_lost(&mut self) -> u32 {
        std::mem::take(&mut self.lost)
    }

    pub(super) fn give_up(&mut self) {
        self.waiting = 0;
    }

    /// Reads the new records.
    pub(super) fn read(&mut self) {
        while let Some((record, length)) = self.record() {
            self.read += length;
            match record {
                Record::Fetched => self.waiting = self.waiting.saturating_sub(1),
                Record::SetUp => self.lost += std::mem::take(&mut self.waiting),
                Record::Other => {}
            }
        }
        // Typed text must not stay in memory, nor fill it.
        let length = self.read - self.freed;
        let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        if length > 0 && fallocate(self.file.file(), flags, self.freed, length).is_ok() {
            self.freed = self.read;
        }
    }

    /// Returns the next complete record, and its length.
    fn record(&self) -> Option<(Record, u64)> {
        let mut header = [0; RECORD_HEADER];
        self.file
            .file()
            .read_exact_at(&mut header, self.read)
            .ok()?;
        let size = u32::from_le_bytes([header[8], header[9], header[10], header[11]]);
        let mut packet = vec![0; usize::try_from(size).ok().filter(|size| *size <= 1 << 16)?];
        let at = self.read + RECORD_HEADER as u64;
        self.file.file().read_exact_at(&mut packet, at).ok()?;
        Some((judge(&packet), RECORD_HEADER as u64 + u64::from(size)))
    }
}

/// Returns the meaning of a packet. Its first bytes have the host's byte order.
fn judge(packet: &[u8]) -> Record {
    let Some(header) = packet.get(..PACKET_HEADER) else {
        return Record::Other;
    };
    let (kind, transfer, endpoint) = (header[8], header[9], header[10]);
    let status = [header[28], header[29], header[30], header[31]];
    let setup = &header[40..42];
    match (kind, transfer) {
        // A completed transfer of the endpoint that sends reports, whatever its type: QEMU 7.2 has lost the type of it
        // in a machine that was restored.
        (b'C', _) if endpoint == 0x81 && status == [0; 4] => Record::Fetched,
        // The standard request SET_CONFIGURATION.
        (b'S', 2) if setup == [0, 9] => Record::SetUp,
        _ => Record::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the bytes that QEMU 7.2 writes for a control transfer and a report.
    fn record(kind: u8, transfer: u8, endpoint: u8, setup: [u8; 2], data: &[u8]) -> Vec<u8> {
        let size = u32::try_from(PACKET_HEADER + data.len())
            .unwrap()
            .to_le_bytes();
        let mut bytes = [&[0; 8], &size[..], &size[..]].concat();
        let mut header = [0; PACKET_HEADER];
        (header[8], header[9], header[10]) = (kind, transfer, endpoint);
        header[40..42].copy_from_slice(&setup);
        bytes.extend(header);
        bytes.extend(data);
        bytes
    }

    #[test]
    fn a_restored_keyboard_has_an_endpoint_without_a_type() {
        let mut capture = Capture::new();
        capture.reports.sent(2);
        let restored = record(b'C', 0x0a, 0x81, [0, 0], &[0; 8]);
        assert_eq!(capture.write(&restored), 1);
        // A transfer that is begun is none that has come.
        assert_eq!(capture.write(&record(b'S', 0x0a, 0x81, [0, 0], &[])), 1);
    }

    fn fetched() -> Vec<u8> {
        record(b'C', 1, 0x81, [0, 0], &[0, 0, 4, 0, 0, 0, 0, 0])
    }

    struct Capture {
        reports: UsbReports,
        written: u64,
    }

    impl Capture {
        fn new() -> Self {
            let reports = UsbReports::new(MemoryFile::new().unwrap());
            Self {
                reports,
                written: FILE_HEADER,
            }
        }

        fn write(&mut self, bytes: &[u8]) -> u32 {
            self.reports
                .file
                .file()
                .write_all_at(bytes, self.written)
                .unwrap();
            self.written += bytes.len() as u64;
            self.reports.read();
            self.reports.waiting()
        }
    }

    #[test]
    fn every_fetched_report_is_one_that_waits_no_more() {
        let mut capture = Capture::new();
        capture.reports.sent(3);
        assert_eq!(capture.write(&record(b'S', 1, 0x81, [0, 0], &[])), 3);
        assert_eq!(capture.write(&fetched()), 2);
        // An incomplete record is read when it is complete.
        let (first, rest) = (fetched()[..50].to_vec(), fetched()[50..].to_vec());
        assert_eq!(capture.write(&first), 2);
        assert_eq!(capture.write(&[rest, fetched(), fetched()].concat()), 0);
        assert_eq!(capture.reports.take_lost(), 0);
    }

    #[test]
    fn what_waited_when_the_device_was_set_up_is_lost() {
        let mut capture = Capture::new();
        capture.reports.sent(5);
        assert_eq!(capture.write(&fetched()), 4);
        assert_eq!(capture.write(&record(b'S', 2, 0, [0, 9], &[])), 0);
        assert_eq!(
            (capture.reports.take_lost(), capture.reports.take_lost()),
            (4, 0)
        );
        // A class request such as SET_IDLE does not count.
        capture.reports.sent(1);
        assert_eq!(capture.write(&record(b'S', 2, 0, [0x21, 9], &[])), 1);
    }

    #[test]
    fn a_key_with_a_prefix_takes_two_places() {
        let cost = |name: &str| UsbReports::cost(name.parse().unwrap());
        assert_eq!(
            (cost("a"), cost("shift"), cost("alt_r"), cost("left")),
            (1, 1, 2, 2)
        );
    }
}
