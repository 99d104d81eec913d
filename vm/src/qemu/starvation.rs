//! Finds the threads of a QEMU that run its machine's processors, and starts its pulse.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use qapi::qmp;
use serde::Deserialize;

use super::{
    pulse::{Before, Process, Pulse, Subject},
    qmp::{Call, Qmp},
};
use crate::Starvation;

/// Counts the time in which the QEMU with this process id, and its TPM, could not run. If its threads are not known,
/// their wait counts as nothing.
pub(crate) async fn starvation(
    qmp: &Qmp,
    pid: u32,
    tpm: Option<u32>,
    is_held: Arc<AtomicBool>,
    before: Before,
) -> Starvation {
    let processors: Result<Vec<Processor>, _> =
        qmp.ask(qmp::query_cpus_fast {}, Call::default()).await;
    let processors = processors.unwrap_or_default().into_iter();
    let threads: Vec<u64> = processors.map(|processor| processor.thread_id).collect();
    let proc = std::env::var_os(Starvation::PROC).map_or_else(|| "/proc".into(), PathBuf::from);
    let subject = Subject {
        qmp: qmp.clone(),
        qemu: Process::new(&proc, pid),
        tpm: tpm.map(|pid| Process::new(&proc, pid)),
        is_held,
        before,
    };
    Starvation::new(&proc, pid, threads).with_pulse(Pulse::start(subject))
}

/// The part of an answer to `query-cpus-fast` that is used. The type of `qapi` knows the processors of its own QEMU
/// alone.
#[derive(Debug, Deserialize)]
struct Processor {
    #[serde(rename = "thread-id")]
    thread_id: u64,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::qemu::qmp::fake::FakeQemu;

    const PID: u32 = 7;

    #[test]
    fn threads_are_read_from_the_answers_of_every_qemu() {
        let read = |answer: &str| {
            let processors: Vec<Processor> = serde_json::from_str(answer).unwrap();
            let ids = processors.iter().map(|processor| processor.thread_id);
            ids.collect::<Vec<_>>()
        };
        // QEMU 7.2.22, two processors that share a thread.
        let old = r#"[
            {"thread-id": 25180, "props": {"core-id": 0, "thread-id": 0, "socket-id": 0},
             "qom-path": "/machine/unattached/device[0]", "cpu-index": 0, "target": "x86_64"},
            {"thread-id": 25180, "props": {"core-id": 0, "thread-id": 0, "socket-id": 1},
             "qom-path": "/machine/unattached/device[2]", "cpu-index": 1, "target": "x86_64"}]"#;
        assert_eq!(read(old), [25180, 25180]);
        // A machine of a kind that qapi does not know.
        let new =
            r#"[{"thread-id": 12, "qom-path": "/machine/x", "cpu-index": 0, "target": "hexagon"}]"#;
        assert_eq!(read(new), [12]);
    }

    #[tokio::test]
    async fn a_qemu_that_refuses_to_tell_counts_as_never_starved() {
        let (qmp, _events, mut qemu) = FakeQemu::connected().await;
        let refusal = async {
            let heard = qemu.heard().await;
            qemu.say(&format!(
                "{{\"error\": {{\"class\": \"GenericError\", \"desc\": \"no\"}}, \"id\": {}}}\n",
                heard["id"]
            ))
            .await;
        };
        let (events, _settling) = tokio::sync::mpsc::channel(1);
        let before = Before {
            events,
            serials: Vec::new(),
        };
        let of = starvation(&qmp, PID, None, Arc::default(), before);
        let (starvation, ()) = tokio::join!(of, refusal);
        assert_eq!(starvation.total(), Duration::ZERO);
    }
}
