//! Runs a command line behind a relay in the guest.
//!
//! The agent reports the end of a command only when no process has its output open any more, and keeps only the
//! beginning of long output. The relay is a shell script. It ends with the command's shell, whatever processes that
//! left running, and keeps the beginning and the end of the output.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::{GuestExit, GuestOutput, Output};

const END: &str = include_str!("relay_end.sh");

/// One run behind a relay. The script writes its mark around the command's output.
#[derive(Debug, Clone)]
pub struct Relay {
    // In two parts, so that a list of processes in the output does not have the mark.
    halves: [String; 2],
}

/// The words of a program call for the agent.
pub(crate) type Call = (String, Vec<String>);

impl Default for Relay {
    fn default() -> Self {
        Self::new()
    }
}

impl Relay {
    /// The script. Its arguments are the two halves of the mark, the user or nothing, and the command line.
    pub const SCRIPT: &str = include_str!("relay.sh");

    /// Returns a relay with a new random mark.
    #[must_use]
    pub fn new() -> Self {
        let half = || format!("{:016x}", RandomState::new().build_hasher().finish());
        Self {
            halves: [half(), half()],
        }
    }

    /// Returns the two halves of its mark, which the guest joins with a colon.
    #[must_use]
    pub fn halves(&self) -> [&str; 2] {
        self.halves.each_ref().map(String::as_str)
    }

    /// Returns the call that runs the command line.
    pub(crate) fn call(&self, line: &str, user: Option<&str>) -> Call {
        let [first, second] = &self.halves;
        let user = user.unwrap_or_default();
        script(Self::SCRIPT, &[first, second, user, line])
    }

    /// Returns the call that ends the command, which the agent knows by `pid`. It answers with one line for each
    /// process that is left.
    pub(crate) fn end(&self, pid: i64) -> Call {
        script(END, &[&self.halves[0], &pid.to_string()])
    }

    /// Returns the command's own output from the relay's output. Output without the relay's mark is that of a command
    /// without a relay.
    #[must_use]
    pub fn read(&self, output: GuestOutput) -> GuestOutput {
        let mark = self.halves.join(":");
        let begins = [mark.as_bytes(), b"\n"].concat();
        let ends = [b"\n", &begins[..]].concat();
        let Some((told, stdout)) = Told::of(&mark, output.stdout.parts().0) else {
            return output;
        };
        let stderr = output.stderr.parts().0;
        // The shell's own messages are before the mark.
        let stderr = after(stderr, &begins).unwrap_or(stderr);
        GuestOutput {
            exit: GuestExit::Code(told.status),
            stdout: told.stream(stdout, &output.stdout, &ends, told.stdout),
            stderr: told.stream(stderr, &output.stderr, &ends, told.stderr),
        }
    }
}

fn script(text: &str, words: &[&str]) -> Call {
    let before = ["-c", text, "qa"];
    let words = before.iter().chain(words);
    (
        "/bin/sh".to_owned(),
        words.map(|word| (*word).to_owned()).collect(),
    )
}

/// The first line of a relay.
#[derive(Debug, Clone, Copy)]
struct Told {
    status: i64,
    stdout: Cut,
    stderr: Cut,
    /// True if the guest had no room for the whole output.
    lost: bool,
}

/// This many bytes are missing behind `head` bytes.
#[derive(Debug, Clone, Copy)]
struct Cut {
    left_out: u64,
    head: usize,
}

impl Told {
    fn of<'a>(mark: &str, output: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let line_end = output.iter().position(|&byte| byte == b'\n')?;
        let line = std::str::from_utf8(&output[..line_end]).ok()?;
        let mut words = line.strip_prefix(mark)?.split_whitespace();
        let mut number = || words.next()?.parse::<u64>().ok();
        let status = i64::try_from(number()?).ok()?;
        let mut cut = || {
            Some(Cut {
                left_out: number()?,
                head: usize::try_from(number()?).ok()?,
            })
        };
        let (stdout, stderr) = (cut()?, cut()?);
        let lost = number()? != 0;
        let told = Self {
            status,
            stdout,
            stderr,
            lost,
        };
        Some((told, &output[line_end + 1..]))
    }

    /// Returns a stream of the command. `head` is the rest of the beginning of `all`, which is everything received.
    fn stream(self, head: &[u8], all: &Output, ends: &[u8], cut: Cut) -> Output {
        let (_, tail) = all.parts();
        if !tail.is_empty() {
            let end = find(tail, ends);
            let left_out = all.left_out().filter(|_| end.is_some());
            let tail = &tail[..end.unwrap_or(tail.len())];
            return Output::cut(
                head.to_vec(),
                left_out.map(|bytes| bytes.saturating_add(cut.left_out)),
                tail.to_vec(),
            );
        }
        let end = find(head, ends);
        let kept = &head[..end.unwrap_or(head.len())];
        if cut.left_out > 0 && cut.head <= kept.len() {
            let (head, tail) = kept.split_at(cut.head);
            let left_out = end.map(|_| cut.left_out);
            return Output::cut(head.to_vec(), left_out, tail.to_vec());
        }
        // The mark comes last. Without it the end is missing.
        match end {
            Some(_) if !self.lost => Output::whole(kept.to_vec()),
            Some(_) | None => Output::cut(kept.to_vec(), None, Vec::new()),
        }
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(part.len())?;
    let first = *part.first()?;
    let mut from = 0;
    while let Some(place) = bytes[from..=last.max(from)]
        .iter()
        .position(|&byte| byte == first)
    {
        let place = from + place;
        if bytes[place..].starts_with(part) {
            return Some(place);
        }
        from = place + 1;
        if from > last {
            return None;
        }
    }
    None
}

fn after<'a>(bytes: &'a [u8], part: &[u8]) -> Option<&'a [u8]> {
    find(bytes, part).map(|place| &bytes[place + part.len()..])
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        process::{Command, Stdio},
        time::Instant,
    };

    use super::*;

    /// Runs the script as the agent does: waits until no process has the output open.
    fn run_by(shell: &str, line: &str, stdin: &str) -> GuestOutput {
        let relay = Relay::new();
        let (_, words) = relay.call(line, None);
        let mut child = Command::new(shell)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        // A command that does not read its input closes it.
        let _ = input.write_all(stdin.as_bytes());
        drop(input);
        let output = child.wait_with_output().unwrap();
        relay.read(GuestOutput {
            exit: GuestExit::Code(i64::from(output.status.code().unwrap())),
            stdout: Output::whole(output.stdout),
            stderr: Output::whole(output.stderr),
        })
    }

    fn run(line: &str) -> GuestOutput {
        run_by("/bin/sh", line, "")
    }

    fn shells() -> Vec<&'static str> {
        let all = ["/bin/sh", "/bin/bash", "/bin/dash"];
        let there = |path: &&str| std::path::Path::new(path).exists();
        all.into_iter().filter(there).collect()
    }

    #[test]
    fn a_command_behind_the_relay_is_as_without_it() {
        for shell in shells() {
            let output = run_by(shell, "cat; printf 'no end'; echo err >&2; exit 3", "in\n");
            assert_eq!(output.exit, GuestExit::Code(3));
            assert_eq!(output.stdout, Output::whole(b"in\nno end".to_vec()));
            assert_eq!(output.stderr, Output::whole(b"err\n".to_vec()));
            let output = run_by(shell, "true", "");
            assert_eq!(output.stdout, Output::whole(Vec::new()));
        }
        let output = run("printf 'a\\0b\\377\\n\\n'");
        assert_eq!(output.stdout, Output::whole(b"a\0b\xff\n\n".to_vec()));
        // The status by which a shell reports a signal.
        assert_eq!(run("kill -9 $$").exit, GuestExit::Code(137));
        // A list of processes has the words of the script, and not its mark.
        let output = run("cat /proc/$PPID/cmdline; echo; echo end");
        assert!(output.stdout.kept().ends_with(b"\nend\n"));
    }

    #[test]
    fn what_is_left_running_does_not_hold_the_command() {
        for shell in shells() {
            let began = Instant::now();
            let output = run_by(shell, "sleep 20 & echo started", "");
            assert!(began.elapsed().as_secs() < 15);
            assert_eq!(output.stdout, Output::whole(b"started\n".to_vec()));
        }
        // Output that comes later is ignored, and the run does not wait for it.
        let output =
            run("(while echo more && [ -d /proc/$$ ]; do :; done; sleep 1) & echo started");
        assert_eq!(output.exit, GuestExit::Code(0));
        assert!(find(output.stdout.kept(), b"started\n").is_some());
    }

    #[test]
    fn long_output_keeps_its_beginning_and_its_end() {
        let output = run("echo BEGIN; seq 1 4000000; echo TAIL; seq 1 2000 >&2");
        assert!(output.stdout.is_cut());
        let (head, tail) = output.stdout.parts();
        assert!(head.starts_with(b"BEGIN\n1\n2\n") && head.len() >= 1 << 20);
        assert!(tail.ends_with(b"\n4000000\nTAIL\n") && tail.len() >= 1 << 20);
        let whole: u64 = 6
            + 5
            + (1..=4_000_000_u64)
                .map(|n| n.to_string().len() as u64 + 1)
                .sum::<u64>();
        let kept = (head.len() + tail.len()) as u64;
        assert_eq!(output.stdout.left_out(), Some(whole - kept));
        assert_eq!(output.stderr.parts().0.len(), 8893);
    }

    #[test]
    fn output_without_the_mark_is_that_of_the_command() {
        let output = GuestOutput {
            exit: GuestExit::Code(2),
            stdout: Output::whole(b"plain\n".to_vec()),
            stderr: Output::whole(Vec::new()),
        };
        assert_eq!(Relay::new().read(output.clone()), output);
    }

    #[test]
    fn a_relay_that_lies_is_no_more_than_its_bytes() {
        let relay = Relay::new();
        let mark = relay.halves.join(":");
        for line in [
            "",
            "0 0",
            "0 9 99999999999 0 0 0",
            "-1 0 0 0 0 0",
            "0 0 0 0 0 x",
        ] {
            let stdout = format!("{mark} {line}\nabc\n{mark}\n");
            let output = relay.read(GuestOutput {
                exit: GuestExit::Code(0),
                stdout: Output::whole(stdout.into_bytes()),
                stderr: Output::whole(Vec::new()),
            });
            assert!(output.stdout.kept().len() < 200, "{line}");
        }
    }

    #[test]
    fn a_command_that_is_ended_gives_what_it_wrote_and_tells_what_is_left() {
        let relay = Relay::new();
        let (shell, words) = relay.call(
            "echo seen; setsid sleep 9 & trap '' TERM; echo ready >&2; sleep 30; sleep 30",
            None,
        );
        let child = Command::new(&shell)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It runs when the number of its process is written.
        let pid = |root: &str| format!("{root}/qa-{}/pid", relay.halves[0]);
        let began = Instant::now();
        while !["/run", "/dev/shm", "/tmp", "/var/tmp"]
            .iter()
            .any(|root| std::fs::metadata(pid(root)).is_ok_and(|file| file.len() > 0))
        {
            assert!(began.elapsed().as_secs() < 20);
            std::thread::yield_now();
        }
        let (shell, words) = relay.end(i64::from(child.id()));
        let left = Command::new(&shell).args(words).output().unwrap();
        let output = child.wait_with_output().unwrap();
        let output = relay.read(GuestOutput {
            exit: GuestExit::Code(0),
            stdout: Output::whole(output.stdout),
            stderr: Output::whole(output.stderr),
        });
        // Ended by TERM, or by KILL because it ignores TERM.
        assert!(
            matches!(output.exit, GuestExit::Code(137 | 143)),
            "{output:?}"
        );
        let left = String::from_utf8(left.stdout).unwrap();
        assert!(left.lines().count() <= 1, "{left}");
    }
}
