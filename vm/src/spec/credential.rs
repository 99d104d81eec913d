//! Credentials for the guest's systemd.

use std::fmt;

use sha2::{Digest, Sha256};

/// A value that the guest's systemd takes from its machine and passes to services: a password for the first boot, a
/// key, a setting.
///
/// It reaches the guest in an OEM string of the SMBIOS tables. It is in no command line and in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    name: String,
    value: Vec<u8>,
}

/// The error of a name that no credential can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` cannot be the name of a credential; use at most 255 letters, digits and `.`, `-`, `_`, `@`"
)]
pub struct CredentialNameError {
    /// The name.
    pub name: String,
}

impl Credential {
    /// Returns the credential `name` with any bytes as its value.
    ///
    /// # Errors
    /// When the name has characters that systemd's own names of credentials never have.
    pub fn new(
        name: impl Into<String>,
        value: impl Into<Vec<u8>>,
    ) -> Result<Self, CredentialNameError> {
        let name = name.into();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_@".contains(&byte);
        let good = name.bytes().all(plain) && !name.is_empty() && name.len() <= 255;
        if !good || name.starts_with('.') {
            return Err(CredentialNameError { name });
        }
        Ok(Self {
            name,
            value: value.into(),
        })
    }

    /// Returns the OEM string that carries it.
    pub(crate) fn oem_string(&self) -> String {
        format!(
            "io.systemd.credential.binary:{}={}",
            self.name,
            base64(&self.value)
        )
    }

    /// Returns a text that differs for different values and does not reveal them.
    pub(crate) fn fingerprint(&self) -> String {
        Sha256::digest(&self.value)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("name", &self.name)
            .field("value", &self.fingerprint())
            .finish()
    }
}

/// Returns the bytes as base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: [u8; 64] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            // A group of n bytes has n + 1 digits.
            let value = bits >> (18 - 6 * digit) & 63;
            text.push(if digit as usize <= group.len() {
                char::from(ALPHABET[value as usize])
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 4648, section 10.
    #[test]
    fn bytes_are_wrapped_as_the_standard_says() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xFB, 0xFF, 0xBF]), "+/+/");
    }

    #[test]
    fn any_value_travels_and_is_not_shown() {
        let credential = Credential::new("passwd.plaintext-password.root", "a,b\n\0c").unwrap();
        assert_eq!(
            credential.oem_string(),
            "io.systemd.credential.binary:passwd.plaintext-password.root=YSxiCgBj"
        );
        let shown = format!("{credential:?}");
        assert!(shown.contains("passwd.plaintext-password.root") && !shown.contains("YSxi"));
        let other = Credential::new("passwd.plaintext-password.root", "x").unwrap();
        assert_ne!(shown, format!("{other:?}"));
    }

    #[test]
    fn names_that_systemd_would_not_take_are_refused() {
        for name in [
            "",
            "a b",
            "a/b",
            "a=b",
            "a,b",
            ".hidden",
            "\u{fc}",
            &"x".repeat(256),
        ] {
            assert!(Credential::new(name, "").is_err(), "{name}");
        }
        let error = Credential::new("a/b", "").unwrap_err().to_string();
        assert!(error.starts_with("`a/b` cannot be the name"), "{error}");
    }
}
