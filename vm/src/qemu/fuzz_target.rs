//! The parser of the control connection, behind a function that takes any bytes: see
//! [`fuzz_targets`](crate::fuzz_targets).

use std::{io, path::Path};

use super::qmp::{Qmp, QmpLog};
use crate::fuzz_targets::{NOWHERE, line, say};

/// Feeds these bytes to the control connection, behind a greeting.
///
/// # Errors
/// When the host gives no socket.
pub async fn qmp(bytes: &[u8]) -> io::Result<String> {
    let (ours, theirs) = line()?;
    let greeting = concat!(
        r#"{"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 9}, "package": ""}, "#,
        r#""capabilities": ["oob"]}}"#,
    );
    let answer = b"\n{\"return\": {}, \"id\": 1}\n";
    let said = [greeting.as_bytes(), answer, bytes].concat();
    let talk = tokio::spawn(say(theirs, said));
    let log = QmpLog::open(Path::new(NOWHERE))?;
    let told = match Qmp::connect(ours, log).await {
        Ok((qmp, mut events)) => {
            let mut names = Vec::new();
            while let Ok(event) = events.recv().await {
                names.push(event.name.len());
            }
            drop(qmp);
            format!("{names:?}")
        }
        Err(error) => error.to_string(),
    };
    talk.abort();
    Ok(told)
}
