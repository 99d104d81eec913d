//! A serial device of this host.

use std::{
    io,
    path::{Path, PathBuf},
};

use rustix::fs::{Mode, OFlags};
use serial2_tokio::{KeepSettings, SerialPort, Settings};

use super::stream::LineStream;
use crate::board::{BoardFault, FaultKind};

/// Returns the name of the line in messages.
pub(super) fn name(path: &Path) -> String {
    format!("the serial device {}", path.display())
}

/// Opens a device: 8 data bits, no parity, 1 stop bit, no flow control. Until it is closed, no other program can open
/// it. The caller limits the time.
pub(super) async fn open(path: &Path, speed: u32) -> Result<LineStream, BoardFault> {
    let owned = path.to_owned();
    // A broken adapter can hold the call for seconds.
    let opening = tokio::task::spawn_blocking(move || open_now(&owned, speed));
    match opening.await {
        Ok(port) => {
            let (read, write) = tokio::io::split(port?);
            Ok(LineStream::new(read, write))
        }
        Err(_) => Err(BoardFault::new(
            FaultKind::Refused,
            format!(
                "{} was not opened: this program is about to end",
                name(path)
            ),
        )),
    }
}

fn open_now(path: &PathBuf, speed: u32) -> Result<SerialPort, BoardFault> {
    let mut port = SerialPort::open(path, KeepSettings).map_err(|error| not_open(path, &error))?;
    let mut settings = port
        .get_configuration()
        .map_err(|error| not_open(path, &error))?;
    set(&mut settings, speed)
        .and_then(|()| port.set_configuration(&settings))
        .map_err(|error| wrong_speed(path, speed, &error))?;
    lock(path);
    // Bytes that came before belong to nobody.
    let _ = port.discard_input_buffer();
    Ok(port)
}

/// Refuses the device to other programs until it is closed. Two programs would each get a part of the bytes. A device
/// that cannot be locked works as well, so errors do not matter.
fn lock(path: &Path) {
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    if let Ok(device) = rustix::fs::open(path, flags, Mode::empty()) {
        // The lock belongs to the device, not to this descriptor.
        let _ = rustix::termios::ioctl_tiocexcl(&device);
    }
}

fn set(settings: &mut Settings, speed: u32) -> io::Result<()> {
    // Zero would hang the line up.
    if speed == 0 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    settings.set_raw();
    settings.set_baud_rate(speed)
}

fn not_open(path: &Path, error: &io::Error) -> BoardFault {
    let name = name(path);
    // What a file without speed answers to a question for its speed.
    const NO_TTY: i32 = rustix::io::Errno::NOTTY.raw_os_error();
    const BUSY: i32 = rustix::io::Errno::BUSY.raw_os_error();
    match (error.kind(), error.raw_os_error()) {
        (io::ErrorKind::NotFound, _) => {
            BoardFault::new(FaultKind::Missing, format!("{name} is not there")).advice(
                "connect the serial adapter; `ls -l /dev/serial/by-id` shows those that are there",
            )
        }
        (io::ErrorKind::PermissionDenied, _) => BoardFault::new(
            FaultKind::Denied,
            format!("{name} may not be opened by this user"),
        )
        .advice("add the user to the group of the device (`dialout` on Debian), and log in again"),
        (_, Some(BUSY)) => BoardFault::new(
            FaultKind::Held,
            format!("{name} is used by another program"),
        )
        .advice("end the other program: `fuser -v` with the device shows it"),
        (io::ErrorKind::IsADirectory | io::ErrorKind::InvalidInput, _) | (_, Some(NO_TTY)) => {
            BoardFault::new(FaultKind::Refused, format!("{name} is no serial device"))
                .advice("name the device of the serial adapter, such as /dev/ttyUSB0")
        }
        _ => BoardFault::new(
            FaultKind::Refused,
            format!("{name} cannot be opened: {error}"),
        )
        .advice("disconnect the serial adapter, and connect it again"),
    }
}

fn wrong_speed(path: &Path, speed: u32, error: &io::Error) -> BoardFault {
    let words = format!("{} cannot be set to {speed} baud: {error}", name(path));
    BoardFault::new(FaultKind::Refused, words).advice(
        "check the speed in the manual of the board; for 1,500,000 baud use an adapter with CH340, CP2102N or FT232",
    )
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::ffi::OsStringExt, os::unix::fs::PermissionsExt};

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use tokio::{
        fs::File,
        io::{AsyncReadExt, AsyncWriteExt},
    };

    use super::*;
    use crate::board::line::LineSpec;

    /// A pair of pseudo terminals: the board's end, and the path of the other one.
    fn pty() -> (File, PathBuf) {
        let board = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&board).unwrap();
        unlockpt(&board).unwrap();
        let path = ptsname(&board, Vec::new()).unwrap().into_bytes();
        let board = File::from_std(fs::File::from(board));
        (board, PathBuf::from(std::ffi::OsString::from_vec(path)))
    }

    async fn fault(path: &Path, speed: u32) -> BoardFault {
        let path = path.to_owned();
        let spec = LineSpec::Device { path, speed };
        spec.open().await.unwrap_err()
    }

    #[tokio::test]
    async fn every_byte_passes_both_ways_at_an_unusual_speed() {
        let (mut board, path) = pty();
        let speed = 1_500_000;
        let spec = LineSpec::Device { path, speed };
        let mut line = spec.open().await.unwrap();
        let every: Vec<u8> = (0..=255).collect();
        board.write_all(&every).await.unwrap();
        board.flush().await.unwrap();
        let mut bytes = vec![0; 256];
        line.read.read_exact(&mut bytes).await.unwrap();
        assert_eq!(bytes, every);
        line.write.write_all(&every).await.unwrap();
        board.read_exact(&mut bytes).await.unwrap();
        assert_eq!(bytes, every);
    }

    #[tokio::test]
    async fn a_device_that_is_disconnected_ends_the_line() {
        let (board, path) = pty();
        let spec = LineSpec::Device { path, speed: 9600 };
        let mut line = spec.open().await.unwrap();
        drop(board.into_std().await);
        let read = line.read.read(&mut [0; 8]).await;
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    }

    #[tokio::test]
    async fn a_device_that_is_not_there_is_missing() {
        let fault = fault(Path::new("/dev/ttyUSB-none"), 115_200).await;
        assert_eq!(fault.kind, FaultKind::Missing);
        assert_eq!(
            fault.words,
            "the serial device /dev/ttyUSB-none is not there"
        );
    }

    #[tokio::test]
    async fn a_file_that_is_no_tty_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ttyUSB0");
        fs::write(&file, "").unwrap();
        for path in [&file, folder.path(), Path::new("/dev/null")] {
            let fault = fault(path, 115_200).await;
            assert_eq!(fault.kind, FaultKind::Refused, "{fault}");
            assert!(fault.words.ends_with("is no serial device"), "{fault}");
        }
    }

    #[tokio::test]
    async fn a_device_of_others_is_denied() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ttyUSB0");
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser may open it.
        let fault = match fs::File::open(&file) {
            Ok(_) => not_open(&file, &io::ErrorKind::PermissionDenied.into()),
            Err(_) => fault(&file, 115_200).await,
        };
        assert_eq!(fault.kind, FaultKind::Denied);
        assert!(fault.advice.unwrap().contains("dialout"));
    }

    #[tokio::test]
    async fn a_speed_that_is_not_possible_is_named() {
        let (_board, path) = pty();
        let fault = fault(&path, 0).await;
        assert_eq!(fault.kind, FaultKind::Refused);
        assert!(fault.words.contains("cannot be set to 0 baud"), "{fault}");
    }

    #[test]
    fn a_device_in_use_is_held() {
        let error = io::Error::from_raw_os_error(rustix::io::Errno::BUSY.raw_os_error());
        assert_eq!(
            not_open(Path::new("/dev/ttyUSB0"), &error).kind,
            FaultKind::Held
        );
    }
}
