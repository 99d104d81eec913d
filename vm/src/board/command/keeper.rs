//! Ends the process groups of this process when it is killed.
//!
//! If this process is killed, the kernel kills the leaders of its groups, but not what they have started. So a shell
//! knows all groups. It reads from a pipe of this process, which ends with it, whatever ends it.

use std::{
    io::{ErrorKind, Write},
    os::unix::process::CommandExt,
    process::{ChildStdin, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustix::{io::ioctl_fionbio, process::Pid};

/// Reads `+ GROUP` and `- GROUP`, and kills the groups that are left at the end.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
groups=' '
while read -r sign group; do
    case $sign in
        +) groups="$groups$group " ;;
        -) case $groups in
            *" $group "*) groups="${groups%% $group *} ${groups#* $group }" ;;
            esac ;;
    esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
"#;

/// The pipe to the shell; none before the first group.
static SHELL: Mutex<Option<ChildStdin>> = Mutex::new(None);

/// Lets a group end when this process is killed. Best effort: without a shell, only its leader ends then.
pub(super) fn watch(group: Pid) {
    let mut shell = lock();
    if shell.is_none() {
        *shell = start();
    }
    tell(&mut shell, '+', group);
}

/// Leaves a group alone from now on: it has ended, or its programs may stay.
pub(super) fn forget(group: Pid) {
    tell(&mut lock(), '-', group);
}

fn lock() -> MutexGuard<'static, Option<ChildStdin>> {
    SHELL.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tell(shell: &mut Option<ChildStdin>, sign: char, group: Pid) {
    let line = format!("{sign} {}\n", group.as_raw_nonzero());
    let told = shell.as_mut().map(|pipe| pipe.write_all(line.as_bytes()));
    // A shell that has ended is replaced for the next group. One that does not read keeps its pipe: at the end of the
    // pipe it would kill groups that run. A line is shorter than what a pipe takes at once, so none is cut.
    if matches!(told, Some(Err(error)) if error.kind() == ErrorKind::BrokenPipe) {
        *shell = None;
    }
}

fn start() -> Option<ChildStdin> {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", SCRIPT])
        // It must not keep a folder busy, nor an output open.
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C in the terminal is for this process, which ends its programs itself.
        .process_group(0);
    let mut child = command.spawn().ok()?;
    let pipe = child.stdin.take()?;
    // A program that is switched on must never wait for it.
    ioctl_fionbio(&pipe, true).ok()?;
    Some(pipe)
}

#[cfg(test)]
mod tests {
    use std::process::Child;

    use super::*;

    fn group() -> (Child, Pid) {
        let mut command = Command::new("sleep");
        let child = command.arg("1000").process_group(0).spawn().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        (child, pid)
    }

    #[test]
    fn the_groups_that_are_left_end_with_the_pipe() {
        // One of its own: the tests of this process share the other one.
        let mut shell = start();
        let mut groups: Vec<(Child, Pid)> = (0..4).map(|_| group()).collect();
        for (_, pid) in &groups {
            tell(&mut shell, '+', *pid);
        }
        for forgotten in [2, 0] {
            tell(&mut shell, '-', groups[forgotten].1);
        }
        // Unknown ones change nothing.
        tell(&mut shell, '-', Pid::from_raw(i32::MAX).unwrap());
        drop(shell);
        for left in [1, 3] {
            groups[left].0.wait().unwrap();
        }
        for forgotten in [0, 2] {
            let child = &mut groups[forgotten].0;
            assert!(child.try_wait().unwrap().is_none(), "it was forgotten");
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
