//! Waits for the Enter key of a person at a terminal.

use std::io::IsTerminal;
use std::os::fd::{AsFd, OwnedFd};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::getpgrp;
use rustix::termios::{QueueSelector, tcflush, tcgetpgrp};
use tokio::sync::oneshot;

/// Waits for Enter in a thread of its own. The thread ends when this value is dropped: a blocked read would keep the
/// process from ending.
#[derive(Debug)]
pub(crate) struct Enter {
    pressed: oneshot::Receiver<()>,
    _enough: OwnedFd,
}

impl Enter {
    /// Begins to read the terminal of this process; none if standard input is not a terminal, or another program uses
    /// it.
    pub(crate) fn on_terminal() -> Option<Self> {
        let stdin = std::io::stdin();
        // The system stops a background program that reads from the terminal.
        let is_ours = tcgetpgrp(&stdin).is_ok_and(|foreground| foreground == getpgrp());
        if !(stdin.is_terminal() && is_ours) {
            return None;
        }
        // Keys that were pressed before the question are no answer.
        let _ = tcflush(&stdin, QueueSelector::IFlush);
        let (dropped, enough) = pipe_with(PipeFlags::CLOEXEC).ok()?;
        let (press, pressed) = oneshot::channel();
        thread::Builder::new()
            .name("enter".to_owned())
            .spawn(move || {
                if read_line(&stdin, &dropped) {
                    let _ = press.send(()); // Nobody waits any more.
                }
            })
            .ok()?;
        Some(Self {
            pressed,
            _enough: enough,
        })
    }

    /// Returns at the next Enter, or at the end of the input. If the terminal is closed, a signal says so.
    pub(crate) async fn pressed(&mut self) {
        if (&mut self.pressed).await.is_err() {
            std::future::pending().await
        }
    }
}

/// Reads until a line or the end of the input, and returns true; returns false if nobody waits any more.
fn read_line(stdin: impl AsFd, dropped: &OwnedFd) -> bool {
    loop {
        let mut either = [
            PollFd::new(&stdin, PollFlags::IN),
            PollFd::new(dropped, PollFlags::IN),
        ];
        match poll(&mut either, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return false,
        }
        if !either[1].revents().is_empty() {
            return false;
        }
        let mut line = [0; 256];
        match rustix::io::read(&stdin, &mut line) {
            Ok(0) => return true,
            Ok(length) if line[..length].contains(&b'\n') => return true,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipe() -> (OwnedFd, OwnedFd) {
        pipe_with(PipeFlags::CLOEXEC).expect("a pipe")
    }

    #[test]
    fn a_line_or_the_end_of_the_input_is_enter_and_less_is_not() {
        let (terminal, keys) = pipe();
        let (dropped, enough) = pipe();
        rustix::io::write(&keys, b"\n").expect("a key");
        assert!(read_line(&terminal, &dropped));
        rustix::io::write(&keys, b"half a line").expect("keys");
        let reader = thread::spawn(move || {
            let first = read_line(&terminal, &dropped);
            (first, read_line(&terminal, &dropped))
        });
        rustix::io::write(&keys, b" and its end\n").expect("keys");
        drop(keys);
        assert_eq!(reader.join().ok(), Some((true, true)));
        drop(enough);
    }

    #[test]
    fn who_waits_no_more_takes_nothing() {
        let (terminal, keys) = pipe();
        let (dropped, enough) = pipe();
        drop(enough);
        rustix::io::write(&keys, b"\n").expect("a key");
        assert!(!read_line(&terminal, &dropped));
        let mut line = [0; 8];
        let length = rustix::io::read(&terminal, &mut line);
        assert_eq!(length, Ok(1), "the key is there for another");
    }
}
