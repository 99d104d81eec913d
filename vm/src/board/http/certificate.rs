//! Looks at the certificate of a device that was refused, to tell its fingerprint.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::trust::Trust;
use crate::own_gaps;

/// The longest time of the look.
const LIMIT: Duration = Duration::from_secs(5);

/// Returns the SHA-256 of the certificate that this device shows. None if it shows none in time. Sends nothing.
pub(super) async fn look(host: &str, port: u16) -> Option<[u8; 32]> {
    let seen = Arc::new(Mutex::new(None));
    let connector = TlsConnector::from(Arc::new(Trust::Nobody(seen.clone()).config()));
    let name = ServerName::try_from(host.to_owned()).ok()?;
    let handshake = async {
        let stream = TcpStream::connect((host, port)).await.ok()?;
        // It always fails, since the certificate is refused after it was seen.
        connector.connect(name, stream).await.ok()
    };
    own_gaps::within(LIMIT, handshake).await;
    let sum = seen.lock().unwrap_or_else(PoisonError::into_inner);
    *sum
}
