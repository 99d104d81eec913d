//! The agent's client against an agent in this process that speaks bytes, as the test says.

use std::{
    future::Future,
    os::unix::net::UnixStream as StdUnixStream,
    time::{Duration, UNIX_EPOCH},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
    sync::watch,
    time::Instant,
};

use crate::{
    agent::{Agent, AgentError, GuestCommand, GuestExit, Output, ShutdownMode},
    machine::{Capability, Lack},
};

const LIMIT: Duration = Duration::from_secs(5);

/// The guest's end of the channel.
struct FakeAgent {
    stream: BufReader<UnixStream>,
    connected: watch::Sender<bool>,
}

impl FakeAgent {
    fn pair() -> (Agent, Self) {
        let (ours, theirs) = StdUnixStream::pair().unwrap();
        theirs.set_nonblocking(true).unwrap();
        let (connected, seen) = watch::channel(true);
        let agent = Agent::of_qemu(ours, seen).unwrap();
        let stream = BufReader::new(UnixStream::from_std(theirs).unwrap());
        (agent, Self { stream, connected })
    }

    async fn say(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    async fn line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).await.unwrap();
        line
    }

    /// Returns the next command.
    async fn heard(&mut self) -> Value {
        let line = self.line().await;
        serde_json::from_slice(&line)
            .unwrap_or_else(|_| panic!("no command: {}", line.escape_ascii()))
    }

    /// Receives a sync. Returns its number.
    async fn hears_sync(&mut self) -> Value {
        let line = self.line().await;
        let sync: Value =
            serde_json::from_slice(line.strip_prefix(b"\xff").expect("no sync")).unwrap();
        assert_eq!(sync["execute"], "guest-sync-delimited");
        sync["arguments"]["id"].clone()
    }

    async fn syncs(&mut self) {
        let id = self.hears_sync().await;
        let answer = format!("{{\"return\": {id}}}\n");
        self.say(&[b"\xff", answer.as_bytes()].concat()).await;
    }

    /// Expects a command and answers it. Returns its arguments.
    async fn answers(&mut self, command: &str, value: Value) -> Value {
        let heard = self.heard().await;
        assert_eq!(heard["execute"], command, "unexpected command: {heard}");
        self.say(format!("{}\n", json!({"return": value})).as_bytes())
            .await;
        heard["arguments"].clone()
    }

    async fn refuses(&mut self, command: &str, description: &str) {
        let heard = self.heard().await;
        assert_eq!(heard["execute"], command);
        let error = json!({"error": {"class": "GenericError", "desc": description}});
        self.say(format!("{error}\n").as_bytes()).await;
    }
}

/// Runs both sides at once.
async fn both<A, B>(ours: impl Future<Output = A>, theirs: impl Future<Output = B>) -> (A, B) {
    tokio::join!(ours, theirs)
}

#[tokio::test]
async fn the_first_command_is_behind_a_sync_and_the_next_ones_are_not() {
    let (agent, mut guest) = FakeAgent::pair();
    let (pinged, ()) = both(agent.ping(LIMIT), async {
        guest.syncs().await;
        guest.answers("guest-ping", json!({})).await;
    })
    .await;
    pinged.unwrap();
    let (pinged, _) = both(agent.ping(LIMIT), guest.answers("guest-ping", json!({}))).await;
    pinged.unwrap();
}

#[tokio::test]
async fn what_comes_before_the_answer_to_a_sync_belongs_to_nobody() {
    let (agent, mut guest) = FakeAgent::pair();
    let (pinged, ()) = both(agent.ping(LIMIT), async {
        let id = guest.hears_sync().await;
        // The agent answers the sentinel, an older sync, half a line, and the answer in two pieces.
        guest
            .say(b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Invalid JSON syntax\"}}\n")
            .await;
        guest
            .say(b"\xff{\"return\": 99}\nboot garbage \x00\xfe")
            .await;
        guest
            .say(format!("{{\"return\": {id}}}\n").as_bytes())
            .await;
        guest.say(b"\xff{\"ret").await;
        guest.say(format!("urn\": {id}}}\n").as_bytes()).await;
        guest.answers("guest-ping", json!({})).await;
    })
    .await;
    pinged.unwrap();
}

#[tokio::test]
async fn bytes_that_nobody_asked_for_make_a_sync_necessary() {
    let (agent, mut guest) = FakeAgent::pair();
    let (pinged, ()) = both(agent.ping(LIMIT), async {
        guest.syncs().await;
        guest.answers("guest-ping", json!({})).await;
    })
    .await;
    pinged.unwrap();
    guest.say(b"{\"return\": {\"late\": true}}\n").await;
    let (pinged, ()) = both(agent.ping(LIMIT), async {
        guest.syncs().await;
        guest.answers("guest-ping", json!({})).await;
    })
    .await;
    pinged.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_says_nothing_is_an_error_and_its_late_answer_harmless() {
    let (agent, mut guest) = FakeAgent::pair();
    let error = agent.ping(LIMIT).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the guest agent did not answer `guest-ping` within 5 s"
    );
    let id = guest.hears_sync().await;
    guest
        .say(format!("\u{0}{{\"return\": {id}}}\n").as_bytes())
        .await;
    let (pinged, ()) = both(agent.ping(LIMIT), async {
        guest.syncs().await;
        guest.answers("guest-ping", json!({})).await;
    })
    .await;
    pinged.unwrap();
}

#[tokio::test]
async fn a_caller_who_leaves_leaves_the_channel_usable() {
    let (agent, mut guest) = FakeAgent::pair();
    tokio::select! {
        biased;
        _ = agent.ping(LIMIT) => unreachable!("nobody answers"),
        () = async { guest.syncs().await; guest.heard().await; } => {}
    }
    guest.say(b"{\"return\": {}}\n").await;
    let (time, ()) = both(agent.set_time(UNIX_EPOCH + Duration::from_secs(3)), async {
        guest.syncs().await;
        let arguments = guest.answers("guest-set-time", json!({})).await;
        assert_eq!(arguments, json!({"time": 3_000_000_000_u64}));
    })
    .await;
    time.unwrap();
}

#[tokio::test]
async fn without_agent_channel_or_machine_each_has_its_error() {
    let lack = Lack::without_remedy(Capability::Agent);
    let pinged = Agent::absent(lack).ping(LIMIT).await;
    assert_eq!(pinged, Err(AgentError::Lacking(lack)));
    let (agent, guest) = FakeAgent::pair();
    guest.connected.send_replace(false);
    assert!(!agent.is_connected());
    assert_eq!(agent.ping(LIMIT).await, Err(AgentError::NotConnected));
    drop(guest);
    assert_eq!(agent.ping(LIMIT).await, Err(AgentError::Gone));
}

#[tokio::test]
async fn an_agent_that_ends_wakes_who_waits() {
    let (agent, mut guest) = FakeAgent::pair();
    let (pinged, ()) = both(agent.ping(LIMIT), async {
        guest.hears_sync().await;
        guest.connected.send_replace(false);
    })
    .await;
    assert_eq!(pinged, Err(AgentError::NotConnected));
    guest.connected.send_replace(true);
    let (pinged, ()) = both(agent.ping(LIMIT), async {
        guest.hears_sync().await;
        drop(guest);
    })
    .await;
    assert_eq!(pinged, Err(AgentError::Gone));
}

#[tokio::test]
async fn answers_that_make_no_sense_are_told() {
    for (line, reason) in [
        ("7", "invalid type: integer `7`"),
        ("{}", "it has neither `return` nor `error`"),
        (
            "{\"return\": {\"pid\": \"x\"}}",
            "invalid type: string \"x\"",
        ),
    ] {
        let (agent, mut guest) = FakeAgent::pair();
        let command = GuestCommand::shell("true");
        let (ran, ()) = both(agent.exec(&command), async {
            guest.syncs().await;
            guest.heard().await;
            guest.say(format!("{line}\n").as_bytes()).await;
        })
        .await;
        let error = ran.unwrap_err().to_string();
        assert!(
            error.starts_with("the guest agent's answer to `guest-exec` makes no sense: ")
                && error.contains(reason),
            "{line}: {error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_is_run_and_looked_at_until_it_ends() {
    let (agent, mut guest) = FakeAgent::pair();
    let mut command = GuestCommand::argv(["tee", "/dev/stderr"]);
    command.stdin = b"hi".to_vec();
    command.user = Some("tester".to_owned());
    let (ran, ()) = both(agent.exec(&command), async {
        guest.syncs().await;
        let start = guest.answers("guest-exec", json!({"pid": 7})).await;
        assert_eq!(
            start,
            json!({"path": "runuser", "arg": ["-u", "tester", "--", "tee", "/dev/stderr"],
                   "input-data": "aGk=", "capture-output": true})
        );
        for _ in 0..30 {
            let look = guest
                .answers("guest-exec-status", json!({"exited": false}))
                .await;
            assert_eq!(look, json!({"pid": 7}));
        }
        let end = json!({"exited": true, "exitcode": 3, "out-data": "aGk=", "err-data": "aGkK", "err-truncated": true});
        guest.answers("guest-exec-status", end).await;
    })
    .await;
    let output = ran.unwrap();
    assert_eq!(output.exit, GuestExit::Code(3));
    assert_eq!(
        (output.stdout, output.stderr),
        (
            Output::whole(b"hi".to_vec()),
            Output::cut(b"hi\n".to_vec(), None, Vec::new())
        )
    );
}

#[tokio::test]
async fn a_command_may_end_by_a_signal() {
    let (agent, mut guest) = FakeAgent::pair();
    let command = GuestCommand::shell("kill $$");
    let (ran, ()) = both(agent.exec(&command), async {
        guest.syncs().await;
        guest.answers("guest-exec", json!({"pid": 7})).await;
        guest
            .answers("guest-exec-status", json!({"exited": true, "signal": 15}))
            .await;
    })
    .await;
    let output = ran.unwrap();
    assert_eq!(
        (output.exit, output.stdout),
        (GuestExit::Signal(15), Output::default())
    );
}

#[tokio::test(start_paused = true)]
async fn a_command_that_does_not_end_is_ended_with_its_children() {
    let (agent, mut guest) = FakeAgent::pair();
    let mut command = GuestCommand::shell("sleep 1000\necho done");
    command.timeout = Duration::from_secs(90);
    let began = Instant::now();
    let (ran, looks) = both(agent.exec(&command), async {
        guest.syncs().await;
        guest.answers("guest-exec", json!({"pid": 7})).await;
        let mut looks = 0;
        loop {
            let heard = guest.heard().await;
            if heard["execute"] == "guest-exec" {
                let script = heard["arguments"]["arg"][1].as_str().unwrap().to_owned();
                assert!(
                    script.contains("kill -TERM") && script.ends_with(" 7"),
                    "{script}"
                );
                guest.say(b"{\"return\": {\"pid\": 8}}\n").await;
                return looks;
            }
            looks += 1;
            guest.say(b"{\"return\": {\"exited\": false}}\n").await;
        }
    })
    .await;
    assert_eq!(
        ran.unwrap_err().to_string(),
        "`sleep 1000` still ran in the guest after 90 s"
    );
    assert_eq!(began.elapsed().as_secs(), 90);
    // Polite: about one look a second.
    assert!((90..110).contains(&looks), "{looks}");
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_moves_gives_a_command_and_the_agent_more_time() {
    let (agent, mut guest) = FakeAgent::pair();
    let command = GuestCommand::shell("make");
    let start = Instant::now();
    // Two seconds, and two more when they are nearly over.
    let left = || {
        let limit = if start.elapsed().as_millis() < 1500 {
            2
        } else {
            4
        };
        (start + Duration::from_secs(limit)).saturating_duration_since(Instant::now())
    };
    let (ran, ()) = both(agent.exec_while(&command, left), async {
        guest.syncs().await;
        guest.answers("guest-exec", json!({"pid": 7})).await;
        // The look is not answered. Its limit is the rest of the first two seconds.
        assert_eq!(guest.heard().await["execute"], "guest-exec-status");
        guest.syncs().await;
        guest
            .answers("guest-exec-status", json!({"exited": true, "exitcode": 0}))
            .await;
    })
    .await;
    assert_eq!(ran.unwrap().exit, GuestExit::Code(0));
    assert!((2..4).contains(&start.elapsed().as_secs()));
}

#[tokio::test]
async fn a_command_that_cannot_start_is_refused_and_the_channel_stays_in_step() {
    let (agent, mut guest) = FakeAgent::pair();
    let command = GuestCommand::argv(["warp"]);
    let (ran, ()) = both(agent.exec(&command), async {
        guest.syncs().await;
        guest
            .refuses("guest-exec", "Failed to execute child process")
            .await;
    })
    .await;
    assert_eq!(
        ran.unwrap_err().to_string(),
        "the guest agent refused `guest-exec`: Failed to execute child process"
    );
    let (pinged, _) = both(agent.ping(LIMIT), guest.answers("guest-ping", json!({}))).await;
    pinged.unwrap();
    let nothing = agent.exec(&GuestCommand::argv([""; 0])).await;
    assert!(matches!(nothing, Err(AgentError::Refused { .. })));
}

#[tokio::test]
async fn a_file_is_read_in_pieces_up_to_its_end_or_the_limit() {
    for (limit, eof, expected) in [
        (100, true, &b"hi you"[..]),
        (6, false, b"hi you"),
        (4, false, b"hi y"),
    ] {
        let (agent, mut guest) = FakeAgent::pair();
        let (content, ()) = both(agent.read_file("/etc/motd", limit), async {
            guest.syncs().await;
            let open = guest.answers("guest-file-open", json!(1000)).await;
            assert_eq!(open, json!({"path": "/etc/motd", "mode": "r"}));
            let read = guest
                .answers(
                    "guest-file-read",
                    json!({"count": 3, "buf-b64": "aGkg", "eof": false}),
                )
                .await;
            assert_eq!(read, json!({"handle": 1000, "count": limit}));
            guest
                .answers(
                    "guest-file-read",
                    json!({"count": 3, "buf-b64": "eW91", "eof": eof}),
                )
                .await;
            guest.answers("guest-file-close", json!({})).await;
        })
        .await;
        assert_eq!(content.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_file_is_written_whole_even_when_the_guest_takes_it_in_parts() {
    let (agent, mut guest) = FakeAgent::pair();
    let (written, ()) = both(agent.write_file("/tmp/x", b"hi you"), async {
        guest.syncs().await;
        guest.answers("guest-file-open", json!(5)).await;
        let first = guest
            .answers("guest-file-write", json!({"count": 3, "eof": false}))
            .await;
        assert_eq!(first["buf-b64"], "aGkgeW91");
        let second = guest
            .answers("guest-file-write", json!({"count": 3, "eof": false}))
            .await;
        assert_eq!(second["buf-b64"], "eW91");
        guest.answers("guest-file-close", json!({})).await;
    })
    .await;
    written.unwrap();
}

#[tokio::test]
async fn a_write_that_fails_closes_the_file_and_is_the_error() {
    let (agent, mut guest) = FakeAgent::pair();
    let (written, ()) = both(agent.write_file("/tmp/x", b"hi"), async {
        guest.syncs().await;
        guest.answers("guest-file-open", json!(5)).await;
        guest
            .refuses("guest-file-write", "No space left on device")
            .await;
        guest.answers("guest-file-close", json!({})).await;
    })
    .await;
    let error = written.unwrap_err().to_string();
    assert!(
        error.ends_with("`guest-file-write`: No space left on device"),
        "{error}"
    );
    let (written, ()) = both(agent.write_file("/tmp/x", b"hi"), async {
        guest.answers("guest-file-open", json!(5)).await;
        guest
            .answers("guest-file-write", json!({"count": 0, "eof": false}))
            .await;
        guest.answers("guest-file-close", json!({})).await;
    })
    .await;
    let error = written.unwrap_err().to_string();
    assert!(error.ends_with("it wrote 0 of 2 bytes"), "{error}");
}

#[tokio::test]
async fn ending_the_guest_is_accepted_by_silence_and_by_its_end() {
    let (agent, mut guest) = FakeAgent::pair();
    let (asked, ()) = both(agent.shutdown(ShutdownMode::Reboot), async {
        guest.syncs().await;
        let heard = guest.heard().await;
        assert_eq!(
            heard,
            json!({"execute": "guest-shutdown", "arguments": {"mode": "reboot"}})
        );
        guest.answers("guest-ping", json!({})).await;
    })
    .await;
    asked.unwrap();
    let (asked, ()) = both(agent.shutdown(ShutdownMode::PowerOff), async {
        let heard = guest.heard().await;
        assert_eq!(heard["arguments"], json!({"mode": "powerdown"}));
        guest.connected.send_replace(false);
    })
    .await;
    asked.unwrap();
}

#[tokio::test]
async fn a_guest_that_refuses_to_end_is_an_error_and_its_ping_harmless() {
    let (agent, mut guest) = FakeAgent::pair();
    let (asked, ()) = both(agent.shutdown(ShutdownMode::PowerOff), async {
        guest.syncs().await;
        guest
            .refuses("guest-shutdown", "it has been disabled")
            .await;
        guest.answers("guest-ping", json!({})).await;
    })
    .await;
    assert_eq!(
        asked.unwrap_err().to_string(),
        "the guest agent refused `guest-shutdown`: it has been disabled"
    );
    let (pinged, ()) = both(agent.ping(LIMIT), async {
        guest.syncs().await;
        guest.answers("guest-ping", json!({})).await;
    })
    .await;
    pinged.unwrap();
}
