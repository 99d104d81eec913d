//! Finds the threads of a QEMU that run processors of its machine, and starts its pulse.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use serde_json::Value;

use super::{
    pulse::{Before, Process, Pulse, Subject},
    qmp::{Qmp, Sensitivity},
};
use crate::Starvation;

/// Counts the time that the QEMU with this process id, and its TPM, did not have. One whose threads cannot be learnt
/// counts as never starved.
pub(crate) async fn starvation(
    qmp: &Qmp,
    pid: u32,
    tpm: Option<u32>,
    is_held: Arc<AtomicBool>,
    before: Before,
) -> Starvation {
    let asked = qmp.raw("query-cpus-fast", Value::Null, Sensitivity::Open);
    let threads = asked.await.as_ref().map_or_else(|_| Vec::new(), threads);
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

/// Reads the ids of the threads in an answer to `query-cpus-fast`.
fn threads(answer: &Value) -> Vec<u64> {
    let processors = answer.as_array().into_iter().flatten();
    processors
        .filter_map(|processor| processor["thread-id"].as_u64())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::qemu::qmp::fake::FakeQemu;

    const PID: u32 = 7;

    #[tokio::test]
    async fn threads_are_learnt_from_qemu() {
        let (qmp, _events, mut qemu) = FakeQemu::connected().await;
        let answer = r#"[{"thread-id": 10, "cpu-index": 0}, {"thread-id": 10}, {"thread-id": 12}]"#;
        let (answer, _) = tokio::join!(
            qmp.raw("query-cpus-fast", Value::Null, Sensitivity::Open),
            qemu.answer("query-cpus-fast", answer)
        );
        let ids = threads(&answer.unwrap());
        assert_eq!(ids, [10, 10, 12]);
        for odd in [
            r#"{}"#,
            r#"[3, null, {"thread-id": "x"}, {"thread-id": -1}]"#,
        ] {
            assert_eq!(threads(&serde_json::from_str(odd).unwrap()), [0; 0]);
        }
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
