//! Tests of the answers to the questions that watches ask the guest.

use vm::Output;

use super::*;

fn output(code: i64, stdout: &str, stderr: &str) -> GuestOutput {
    GuestOutput {
        exit: GuestExit::Code(code),
        stdout: Output::whole(stdout.as_bytes().to_vec()),
        stderr: Output::whole(stderr.as_bytes().to_vec()),
    }
}

fn what(answer: &Answer) -> &str {
    match answer {
        Answer::Breached(breach) => &breach.what,
        Answer::Holds | Answer::CannotTell(_) => "",
    }
}

fn line(question: &Question, since: &JournalPosition) -> String {
    question
        .command(since)
        .argv
        .last()
        .cloned()
        .unwrap_or_default()
}

#[test]
fn failed_units_are_named_but_for_those_that_may_fail() {
    let question = Question::FailedUnits {
        except: vec!["wait.service".to_owned()],
    };
    let judge = |text: &str| question.judge(&mut JournalPosition::Boot, &output(0, text, ""));
    assert_eq!(judge(""), Answer::Holds);
    assert_eq!(
        judge("wait.service loaded failed failed Waits\n"),
        Answer::Holds
    );
    let both = judge(
        "wait.service loaded failed failed Waits\nnginx.service loaded failed failed A web server\n\
        ● data.mount loaded failed failed /data\n",
    );
    assert_eq!(
        what(&both),
        "units have failed: `nginx.service` (A web server), `data.mount` (/data)"
    );
    let Answer::Breached(Breach {
        more: Some(more), ..
    }) = both
    else {
        panic!("{both:?}");
    };
    assert!(more.ends_with("-- 'nginx.service' 'data.mount'"), "{more}");
}

#[test]
fn the_journal_is_read_on_from_where_it_was_read_to() {
    let pattern = Pattern::new("segfault").expect("a pattern");
    let question = Question::Journal(pattern);
    // Entries from before the position do not count.
    let mut since = position_in(&output(0, "-- cursor: s=1;i=a\n", "")).expect("a place");
    assert_eq!(since, JournalPosition::Cursor("s=1;i=a".into()));
    assert!(line(&question, &since).contains("--after-cursor='s=1;i=a'"));
    let nothing = question.judge(&mut since, &output(0, "-- cursor: s=1;i=b\n", ""));
    assert_eq!(
        (nothing, &since),
        (Answer::Holds, &JournalPosition::Cursor("s=1;i=b".into()))
    );
    let text = "-- cursor: s=1;i=c\n09:00 host kernel: app[7]: segfault at 0\n09:01 host x\n";
    let breach = question.judge(&mut since, &output(0, text, ""));
    assert_eq!(
        what(&breach),
        "the journal says `09:00 host kernel: app[7]: segfault at 0`"
    );
}

#[test]
fn a_journal_without_a_place_counts_from_its_boot() {
    assert_eq!(position_in(&output(0, "", "")), None);
    assert_eq!(position_in(&output(127, "-- cursor: s=1\n", "")), None);
    assert_eq!(position_in(&output(0, "-- cursor: '; reboot\n", "")), None);
}

#[test]
fn an_empty_journal_and_one_that_was_cleared_lose_nothing() {
    let question = Question::Journal(Pattern::new("bad").expect("a pattern"));
    let mut since = JournalPosition::Boot;
    assert!(line(&question, &since).contains("--boot"));
    assert_eq!(
        question.judge(&mut since, &output(0, "", "")),
        Answer::Holds
    );
    assert_eq!(since, JournalPosition::Boot);
    since = JournalPosition::Cursor("s=1".into());
    let lost = question.judge(&mut since, &output(1, "", "Failed to seek to cursor\n"));
    assert_eq!(lost, Answer::CannotTell("Failed to seek to cursor".into()));
    assert_eq!(since, JournalPosition::Boot);
    // Text that is no cursor never gets into a command line.
    let mut since = JournalPosition::Boot;
    question.judge(&mut since, &output(0, "-- cursor: '; reboot\n", ""));
    assert_eq!(since, JournalPosition::Boot);
}

#[test]
fn what_a_scenario_asks_is_not_found_in_the_journal() {
    let question = Question::Journal(Pattern::new("segfault").expect("a pattern"));
    let text = "-- cursor: s=1\n09:00 host qemu-ga[3]: info: guest-exec called: \"/bin/sh -c grep\n            \
        segfault\"\n";
    assert_eq!(
        question.judge(&mut JournalPosition::Boot, &output(0, text, "")),
        Answer::Holds
    );
}

/// An entry of the journal about a core dump, as `journalctl --output=json` prints it.
fn dump(cursor: &str, program: &str) -> String {
    let message = format!(
        "Process 7 ({program}) of user 1000 dumped core.\n\nStack trace of thread 7:\n#0 main (x)"
    );
    let entry = serde_json::json!({ "__CURSOR": cursor, "_BOOT_ID": "b", "MESSAGE": message });
    format!("{entry}\n")
}

#[test]
fn core_dumps_are_told_by_program_and_process() {
    let question = Question::Coredumps {
        except: vec!["noisy".to_owned()],
    };
    let judge = |text: &str| question.judge(&mut JournalPosition::Boot, &output(0, text, ""));
    assert_eq!(judge(&dump("s=1", "noisy")), Answer::Holds);
    let breach = judge(&(dump("s=1", "noisy") + &dump("s=2", "gnome-shell")));
    assert_eq!(
        what(&breach),
        "`gnome-shell` (process 7 of user 1000) dumped core"
    );
    // A core dump in other words counts as well, and so does what is no entry.
    let bytes = "{\"MESSAGE\":[97,112,112,255,32,99,114,97,115,104,101,100]}\n";
    assert!(what(&judge(bytes)).contains("app\u{fffd} crashed"));
    assert!(what(&judge("09:00 host x[9]: app crashed\n")).contains("app crashed"));
    let elsewhere = output(
        127,
        "",
        "core dumps go to 'core' and not to systemd-coredump\n",
    );
    assert!(matches!(
        question.judge(&mut JournalPosition::Boot, &elsewhere),
        Answer::CannotTell(_)
    ));
}

#[test]
fn the_first_core_dump_after_a_position_counts_and_the_one_at_it_does_not() {
    let question = Question::Coredumps { except: Vec::new() };
    let mut since = JournalPosition::Cursor("s=1;i=a".into());
    // A filter with `--after-cursor` loses the first entry in Debian 12.
    let asked = line(&question, &since);
    assert!(
        asked.contains(" --cursor='s=1;i=a' ") && !asked.contains("--after-cursor"),
        "{asked}"
    );
    let told = format!("-- cursor: s=1;i=b\n{}", dump("s=1;i=a", "old"));
    assert_eq!(
        question.judge(&mut since, &output(0, &told, "")),
        Answer::Holds
    );
    let told = format!("-- cursor: s=1;i=d\n{}", dump("s=1;i=c", "new"));
    let breach = question.judge(&mut since, &output(0, &told, ""));
    assert_eq!(what(&breach), "`new` (process 7 of user 1000) dumped core");
}

#[test]
fn a_guest_without_the_means_says_so() {
    let question = Question::FailedUnits { except: Vec::new() };
    let answer = question.judge(
        &mut JournalPosition::Boot,
        &output(127, "", "there is no systemctl in the guest\n"),
    );
    assert_eq!(
        answer,
        Answer::CannotTell("there is no systemctl in the guest".into())
    );
}
