//! Waits for another program that uses apt's files, and says for which.

use std::time::{Duration, Instant};

use vm::host::AptUser;

use crate::failure::Failure;

/// The longest time to wait: an upgrade of the system may take minutes.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// The time between two looks. The kernel does not tell when the lock of another process is gone, except to a process
/// that takes the lock.
const EVERY: Duration = Duration::from_secs(1);

/// The option of apt to wait itself, in seconds, if another program locked the files just before.
const OWN_WAIT: &str = "DPkg::Lock::Timeout=300";

/// Returns the words of a command, with the option to wait if it is a command of apt.
pub(super) fn with_own_wait(command: &[String]) -> Vec<String> {
    let mut words = command.to_vec();
    if is_apt(command) {
        words.extend(["-o".to_owned(), OWN_WAIT.to_owned()]);
    }
    words
}

/// Waits until no other program uses apt's files, if the command is one of apt.
///
/// # Errors
/// When another program still uses them after ten minutes.
pub(super) fn wait(command: &[String], say: impl FnMut(&str)) -> Result<(), Failure> {
    if !is_apt(command) {
        return Ok(());
    }
    wait_for(AptUser::now, say, || std::thread::sleep(EVERY), LIMIT)
}

fn wait_for(
    user: impl Fn() -> Option<AptUser>,
    mut say: impl FnMut(&str),
    mut pause: impl FnMut(),
    limit: Duration,
) -> Result<(), Failure> {
    let began = Instant::now();
    let mut told = None;
    while let Some(user) = user() {
        let AptUser { pid, name, lock } = &user;
        if told != Some(*pid) {
            say(&format!(
                "waiting for `{name}`, process {pid}, which installs or looks for packages"
            ));
            told = Some(*pid);
        }
        if began.elapsed() >= limit {
            let failure = Failure::error(format!(
                "`{name}`, process {pid}, has locked {} for {} minutes",
                lock.display(),
                limit.as_secs() / 60
            ));
            return Err(failure.hint("run `qa doctor --install` again when it has ended"));
        }
        pause();
    }
    Ok(())
}

fn is_apt(command: &[String]) -> bool {
    command.first().is_some_and(|program| program == "apt-get")
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    fn user(pid: u32) -> AptUser {
        AptUser {
            pid,
            name: "apt-get".to_owned(),
            lock: "/var/lib/dpkg/lock-frontend".into(),
        }
    }

    #[test]
    fn each_program_is_told_once_and_waited_for() {
        let turn = Cell::new(0);
        let said = RefCell::new(Vec::new());
        let now = || match turn.get() {
            0..3 => Some(user(7)),
            3..5 => Some(user(8)),
            _ => None,
        };
        let done = wait_for(
            now,
            |text| said.borrow_mut().push(text.to_owned()),
            || turn.set(turn.get() + 1),
            LIMIT,
        );
        assert!(done.is_ok());
        assert_eq!(turn.get(), 5);
        assert_eq!(
            *said.borrow(),
            [
                "waiting for `apt-get`, process 7, which installs or looks for packages",
                "waiting for `apt-get`, process 8, which installs or looks for packages"
            ]
        );
    }

    #[test]
    fn one_that_never_ends_is_named() {
        let failure = wait_for(|| Some(user(7)), |_| {}, || {}, Duration::ZERO).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "error: `apt-get`, process 7, has locked /var/lib/dpkg/lock-frontend for 0 minutes\n  \
             next: run `qa doctor --install` again when it has ended"
        );
    }

    #[test]
    fn apt_waits_by_itself_too_and_others_stay_as_they_are() {
        let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        assert_eq!(
            with_own_wait(&words("apt-get install x")).join(" "),
            "apt-get install x -o DPkg::Lock::Timeout=300"
        );
        assert_eq!(
            with_own_wait(&words("dnf install x")),
            words("dnf install x")
        );
    }
}
