//! Decides which certificate of a device is right.

use std::path::{Path, PathBuf};

use reqwest::ClientBuilder;

use super::trust::{Trust, install_cryptography};
use crate::board::{BoardFault, FaultKind};

/// The rule by which the certificate of a device is checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Tls {
    /// It must be signed by an authority that this host knows.
    #[default]
    System,
    /// It is not checked. Anybody on the way can read the password.
    Insecure,
    /// It must be this one: its SHA-256. Neither its name nor its age matters.
    Fingerprint([u8; 32]),
    /// It must be a certificate of this PEM file, or be signed by one of them. One that has expired is refused.
    File(PathBuf),
}

/// The error of a text that is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no fingerprint: expected `sha256:` and 64 hexadecimal digits")]
pub struct ParseFingerprintError {
    /// The text.
    pub text: String,
}

impl Tls {
    /// Parses a fingerprint: `sha256:` and 64 hexadecimal digits. Colons between the digits are allowed, since
    /// `openssl` prints them.
    ///
    /// # Errors
    /// When it is none.
    pub fn fingerprint(text: &str) -> Result<Self, ParseFingerprintError> {
        let error = || ParseFingerprintError {
            text: text.to_owned(),
        };
        let digits = text.trim().to_ascii_lowercase();
        let digits = digits.strip_prefix("sha256:").unwrap_or(&digits);
        let digits = digits.replace(':', "").into_bytes();
        let (pairs, []) = digits.as_chunks::<2>() else {
            return Err(error());
        };
        let value = |[high, low]: &[u8; 2]| {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
        };
        let bytes: Option<Vec<u8>> = pairs.iter().map(value).collect();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self::Fingerprint).ok_or_else(error)
    }

    /// Sets a client up for the rule. `is_needed` says whether the address is one of HTTPS.
    ///
    /// # Errors
    /// When the file of certificates cannot be read.
    pub(super) fn set_up(
        &self,
        builder: ClientBuilder,
        is_needed: bool,
    ) -> Result<ClientBuilder, BoardFault> {
        install_cryptography();
        Ok(match self {
            // The check of the system needs the system's list of authorities, which small hosts do not have.
            Self::System | Self::Insecure if !is_needed => {
                builder.tls_backend_preconfigured(Trust::Sum([0; 32]).config())
            }
            Self::System => builder,
            Self::Insecure => builder.tls_danger_accept_invalid_certs(true),
            Self::Fingerprint(sum) => builder.tls_backend_preconfigured(Trust::Sum(*sum).config()),
            Self::File(path) => builder.tls_backend_preconfigured(trusted(path)?.config()),
        })
    }
}

/// Returns a fingerprint as people write it.
pub(super) fn shown(sum: &[u8; 32]) -> String {
    let digits: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

/// Reads the certificates that are trusted.
fn trusted(path: &Path) -> Result<Trust, BoardFault> {
    let fault = |reason: String| {
        let words = format!(
            "the certificates in {} cannot be read: {reason}",
            path.display()
        );
        BoardFault::new(FaultKind::Missing, words)
            .advice("name a PEM file with the certificate of the device, or of the authority that signed it")
    };
    let pem = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
    Trust::of_pem(&pem).map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_in_every_usual_form() {
        let digits = "ab01".repeat(16);
        let expected = Tls::Fingerprint([0xab, 0x01].repeat(16).try_into().unwrap());
        let pairs: Vec<String> = digits
            .as_bytes()
            .chunks(2)
            .map(|pair| String::from_utf8_lossy(pair).to_uppercase())
            .collect();
        for text in [
            digits.clone(),
            format!("sha256:{digits}"),
            format!("SHA256:{}", pairs.join(":")),
        ] {
            assert_eq!(Tls::fingerprint(&text), Ok(expected.clone()), "{text}");
        }
        for text in [
            "",
            "sha256:",
            "sha256:ab",
            &digits[1..],
            &"xy".repeat(32),
            &"é".repeat(32),
        ] {
            assert!(Tls::fingerprint(text).is_err(), "{text}");
        }
        let Tls::Fingerprint(sum) = expected else {
            panic!("no fingerprint");
        };
        assert_eq!(shown(&sum), format!("sha256:{digits}"));
    }

    #[test]
    fn a_file_without_certificates_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("text.pem");
        std::fs::write(&text, "no certificate").unwrap();
        for path in ["/nowhere/ca.pem", "/dev/null", text.to_str().unwrap()] {
            let tls = Tls::File(path.into());
            let fault = tls.set_up(ClientBuilder::new(), true).unwrap_err();
            assert_eq!(fault.kind, FaultKind::Missing);
            assert!(fault.words.contains(path), "{fault}");
        }
    }
}
