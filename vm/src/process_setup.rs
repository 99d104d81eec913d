//! Prepares a child process between fork and exec, and watches it from outside: the one place of this crate that needs
//! `unsafe`.
//!
//! Only async-signal-safe calls are allowed between fork and exec. A lock that another thread held while forking stays
//! locked for ever, even that of the memory allocator. The closure here makes system calls only.
#![expect(
    unsafe_code,
    reason = "`pre_exec` runs a closure between fork and exec, and `AsyncFd::register` trusts its argument to keep its \
        descriptor"
)]

use std::{
    io,
    os::{
        fd::{BorrowedFd, OwnedFd, RawFd},
        unix::process::CommandExt,
    },
    process::Command,
};

use rustix::process::{
    Pid, PidfdFlags, Signal, getpid, getppid, pidfd_open, set_parent_process_death_signal,
};
use tokio::io::unix::AsyncFd;

/// Makes the child of `command` die with the thread that spawns it, lead a process group of its own, and inherit the
/// descriptors `inherited` under their numbers. The process group is its own because Ctrl-C in the terminal is for this
/// program, which ends its machines itself.
///
/// The descriptors must stay open until the child is spawned.
pub(crate) fn prepare(command: &mut Command, inherited: Vec<RawFd>) {
    command.process_group(0);
    let parent = getpid();
    // SAFETY: the closure only makes system calls (prctl, getppid, fcntl) on data made before the fork. It does not
    // allocate, lock or unwind.
    unsafe {
        command.pre_exec(move || set_up(parent, &inherited));
    }
}

fn set_up(parent: Pid, inherited: &[RawFd]) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have died before the call above: then the signal would never come.
    if getppid() != Some(parent) {
        return Err(io::Error::from_raw_os_error(
            rustix::io::Errno::SRCH.raw_os_error(),
        ));
    }
    for &fd in inherited {
        // SAFETY: the caller of `prepare` keeps the descriptor open until the child is spawned.
        let fd = unsafe { BorrowedFd::borrow_raw(fd) };
        // Changed in the child only: children that other threads spawn meanwhile inherit nothing.
        rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::empty())?;
    }
    Ok(())
}

/// Returns a descriptor of a process that becomes readable when the process has ended.
pub(crate) fn watch(pid: Pid) -> io::Result<AsyncFd<OwnedFd>> {
    let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
    // SAFETY: an `OwnedFd` is the same open descriptor for its whole life. The `AsyncFd` owns it and lends it only
    // shared.
    let watched = unsafe { AsyncFd::register(pidfd) };
    Ok(watched?)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        os::{fd::AsRawFd, unix::process::ExitStatusExt},
        process::Stdio,
        sync::mpsc,
        thread,
    };

    use super::*;

    #[test]
    fn a_child_inherits_the_descriptors_named_and_leads_its_group() {
        let (mut ours, theirs) = std::io::pipe().unwrap();
        let mut command = Command::new("/bin/sh");
        let fd = theirs.as_raw_fd();
        // By its path: `>&` of a small shell takes one digit, and other tests have files open.
        let line = format!("(cut -d ' ' -f 5 /proc/$$/stat; echo $$) > /proc/self/fd/{fd}");
        command.args(["-c", &line]);
        prepare(&mut command, vec![fd]);
        let mut child = command.spawn().unwrap();
        drop(theirs);
        let mut said = String::new();
        ours.read_to_string(&mut said).unwrap();
        child.wait().unwrap();
        let numbers: Vec<_> = said.split_whitespace().collect();
        assert_eq!(numbers, [child.id().to_string(), child.id().to_string()]);
    }

    #[test]
    fn a_child_dies_with_the_thread_that_spawned_it() {
        let (give, take) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let parent = thread::spawn(move || {
            let mut command = Command::new("/bin/cat");
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            prepare(&mut command, Vec::new());
            give.send(command.spawn().unwrap()).unwrap();
            // An error means that the test has gone: then the thread ends as well.
            let _ = ended.recv();
        });
        let mut child = take.recv().unwrap();
        // It lives as long as the thread.
        child.stdin.as_mut().unwrap().write_all(b"x").unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        end.send(()).unwrap();
        parent.join().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
    }
}
