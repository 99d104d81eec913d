//! The guest agent: what it answers, and what it makes the guest do.

use std::collections::BTreeMap;

use qa_tests::GuestAnswer;
use serde_json::{Value, json};

use crate::base64;

/// What a line to the agent comes to.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// The bytes of the answer; none where the agent gives none.
    pub(crate) bytes: Option<Vec<u8>>,
    /// The command line that was run.
    pub(crate) ran: Option<String>,
    /// How the guest ends.
    pub(crate) ends: Option<End>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    PowerOff,
    Reboot,
}

#[derive(Debug, Default)]
pub(crate) struct Agent {
    answers: Vec<GuestAnswer>,
    /// Its answers to commands of its protocol, instead of the right ones.
    says: Vec<(String, String)>,
    running: BTreeMap<u64, GuestAnswer>,
}

impl Agent {
    pub(crate) fn new(answers: &[GuestAnswer], says: &[(String, String)]) -> Self {
        Self {
            answers: answers.to_vec(),
            says: says.to_vec(),
            ..Self::default()
        }
    }

    /// Takes a line. The error is what must not happen in a test.
    pub(crate) fn take(&mut self, message: &Value) -> Result<Reply, String> {
        let arguments = &message["arguments"];
        let name = message["execute"]
            .as_str()
            .ok_or_else(|| format!("the agent was asked nothing: {message}"))?;
        if let Some((_, line)) = self.says.iter().find(|(command, _)| command == name) {
            return Ok(Reply {
                bytes: (!line.is_empty()).then(|| format!("{line}\n").into_bytes()),
                ..Reply::default()
            });
        }
        match name {
            "guest-sync-delimited" => {
                only(arguments, &["id"])?;
                let mut reply = returns(&arguments["id"]);
                if let Some(bytes) = &mut reply.bytes {
                    bytes.insert(0, 0xff);
                }
                Ok(reply)
            }
            "guest-sync" => only(arguments, &["id"]).map(|()| returns(&arguments["id"])),
            "guest-ping" => only(arguments, &[]).map(|()| returns(&json!({}))),
            "guest-set-time" => only(arguments, &["time"]).map(|()| returns(&json!({}))),
            "guest-exec" => {
                only(
                    arguments,
                    &["path", "arg", "env", "input-data", "capture-output"],
                )?;
                self.exec(arguments)
            }
            "guest-exec-status" => {
                only(arguments, &["pid"])?;
                self.status(arguments)
            }
            "guest-shutdown" => {
                only(arguments, &["mode"])?;
                let ends = match arguments["mode"].as_str() {
                    None | Some("powerdown") => End::PowerOff,
                    Some("reboot") => End::Reboot,
                    Some(mode) => return Err(format!("guest-shutdown with mode `{mode}`")),
                };
                Ok(Reply {
                    ends: Some(ends),
                    ..Reply::default()
                })
            }
            _ => Err(format!("the agent of the fake does not know `{name}`")),
        }
    }

    fn exec(&mut self, arguments: &Value) -> Result<Reply, String> {
        let path = arguments["path"]
            .as_str()
            .ok_or("guest-exec without `path`")?;
        let more = arguments["arg"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let words: Vec<_> = [path]
            .into_iter()
            .chain(more.iter().filter_map(Value::as_str))
            .collect();
        if let [_, _, script, _, _, ended] = words[..]
            && script.starts_with("# qa: ends")
        {
            return self.end(ended);
        }
        let line = without_relay(&words).join(" ");
        if let Some(input) = arguments["input-data"].as_str() {
            base64::decode(input)?;
        }
        let place = self
            .answers
            .iter()
            .position(|answer| line.contains(&answer.contains));
        let place =
            place.ok_or_else(|| format!("the script has no answer to the command `{line}`"))?;
        let answer = if self.answers[place].once {
            self.answers.remove(place)
        } else {
            self.answers[place].clone()
        };
        let pid = 100 + self.running.len() as u64;
        self.running.insert(pid, answer);
        Ok(Reply {
            ran: Some(line),
            ..returns(&json!({"pid": pid}))
        })
    }

    /// Ends a command that never ends by itself; nothing of it is left.
    fn end(&mut self, pid: &str) -> Result<Reply, String> {
        let pid: u64 = pid.parse().map_err(|_| format!("no process `{pid}`"))?;
        let ended = self.running.get_mut(&pid);
        let ended = ended.ok_or_else(|| format!("no process {pid} to end"))?;
        ended.exit.get_or_insert(143);
        let pid = 100 + self.running.len() as u64;
        self.running.insert(
            pid,
            GuestAnswer {
                contains: String::new(),
                exit: Some(0),
                stdout: String::new(),
                stderr: String::new(),
                once: false,
                is_cut: false,
            },
        );
        Ok(Reply {
            ran: Some("kill".to_owned()),
            ..returns(&json!({"pid": pid}))
        })
    }

    fn status(&self, arguments: &Value) -> Result<Reply, String> {
        let pid = arguments["pid"]
            .as_u64()
            .and_then(|pid| self.running.get(&pid));
        let answer = pid.ok_or_else(|| format!("no such process: {arguments}"))?;
        let Some(exit) = answer.exit else {
            return Ok(returns(&json!({"exited": false})));
        };
        let mut status = json!({"exited": true, "exitcode": exit});
        // The real one leaves out what is empty.
        for (name, text) in [("out-data", &answer.stdout), ("err-data", &answer.stderr)] {
            if !text.is_empty() {
                status[name] = base64::encode(text.as_bytes()).into();
            }
        }
        if answer.is_cut {
            status["out-truncated"] = true.into();
        }
        Ok(returns(&status))
    }
}

/// A command line without the script that runs it in a real guest.
fn without_relay<'a>(words: &[&'a str]) -> Vec<&'a str> {
    match words {
        [sh, dash_c, script, _, _, _, user, line] if script.starts_with("# qa: runs") => {
            let by = match *user {
                "" => vec![],
                user => vec!["runuser", "-u", user, "--"],
            };
            by.into_iter().chain([*sh, dash_c, line]).collect()
        }
        words => words.to_vec(),
    }
}

fn returns(value: &Value) -> Reply {
    let mut line = json!({"return": value}).to_string().into_bytes();
    line.push(b'\n');
    Reply {
        bytes: Some(line),
        ..Reply::default()
    }
}

fn only(arguments: &Value, known: &[&str]) -> Result<(), String> {
    match arguments {
        Value::Null => Ok(()),
        Value::Object(given) => match given.keys().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => Err(format!("the agent's parameter `{unknown}` is unexpected")),
            None => Ok(()),
        },
        _ => Err(format!("the agent's arguments are no object: {arguments}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_run_and_its_end_told() {
        let answer = GuestAnswer {
            contains: "id -u".into(),
            exit: Some(1),
            stdout: "0\n".into(),
            stderr: String::new(),
            once: false,
            is_cut: false,
        };
        let mut agent = Agent::new(&[answer], &[]);
        let arguments = json!({"path": "/bin/sh", "arg": ["-c", "id -u"], "capture-output": true});
        let ask = json!({"execute": "guest-exec", "arguments": arguments});
        let reply = agent.take(&ask).unwrap();
        assert_eq!(reply.ran.as_deref(), Some("/bin/sh -c id -u"));
        assert_eq!(reply.bytes.unwrap(), b"{\"return\":{\"pid\":100}}\n");
        let status = agent
            .take(&json!({"execute": "guest-exec-status", "arguments": {"pid": 100}}))
            .unwrap();
        let status: Value = serde_json::from_slice(&status.bytes.unwrap()).unwrap();
        assert_eq!(
            status,
            json!({"return": {"exited": true, "exitcode": 1, "out-data": "MAo="}})
        );
    }

    #[test]
    fn what_the_script_does_not_foresee_is_a_problem() {
        let mut agent = Agent::default();
        for message in [
            json!({"execute": "guest-exec", "arguments": {"path": "/bin/true"}}),
            json!({"execute": "guest-exec-status", "arguments": {"pid": 7}}),
            json!({"execute": "guest-ping", "arguments": {"x": 1}}),
            json!({"execute": "guest-fsfreeze"}),
        ] {
            assert!(agent.take(&message).is_err(), "{message}");
        }
    }
}
