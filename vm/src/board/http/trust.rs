//! Checks the certificate that a device shows.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use sha2::{Digest, Sha256};

/// A check of certificates by a rule of our own.
#[derive(Debug)]
pub(super) enum Trust {
    /// The certificate has this sum. Its name and its time do not matter.
    Sum([u8; 32]),
    /// The certificate is one of these, or one of these signed it.
    Certificates {
        /// The sums of the certificates.
        sums: Vec<[u8; 32]>,
        /// The check by those that may sign others. None if none may.
        issuers: Option<Arc<WebPkiServerVerifier>>,
    },
    /// No certificate is right. The sum of the one that was shown is noted.
    Nobody(Arc<Mutex<Option<[u8; 32]>>>),
}

impl Trust {
    /// Trusts the certificates of a PEM file. One that a device made for itself is often no valid issuer.
    ///
    /// # Errors
    /// When there is none in it, in words.
    pub(super) fn of_pem(text: &[u8]) -> Result<Self, String> {
        let certificates = CertificateDer::pem_slice_iter(text)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| error.to_string())?;
        if certificates.is_empty() {
            return Err("there is none in it".to_owned());
        }
        let sums = certificates.iter().map(sum_of).collect();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates);
        let provider = Arc::new(provider());
        let issuers = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let issuers = issuers.build().ok();
        Ok(Self::Certificates { sums, issuers })
    }

    /// Returns the configuration of a client that checks so.
    pub(super) fn config(self) -> ClientConfig {
        install_cryptography();
        ClientConfig::builder()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(self))
            .with_no_client_auth()
    }
}

/// Chooses the cryptography of this process, unless that was done before. Clients panic without one.
pub(super) fn install_cryptography() {
    // An error means that there is one already.
    let _ = provider().install_default();
}

pub(super) fn provider() -> CryptoProvider {
    ring::default_provider()
}

fn sum_of(certificate: &CertificateDer<'_>) -> [u8; 32] {
    Sha256::digest(certificate.as_ref()).into()
}

fn has_wrong_time(error: &Error) -> bool {
    use CertificateError as Reason;
    matches!(
        error,
        Error::InvalidCertificate(
            Reason::Expired
                | Reason::ExpiredContext { .. }
                | Reason::NotValidYet
                | Reason::NotValidYetContext { .. }
        )
    )
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let sum = sum_of(end_entity);
        let right = Ok(ServerCertVerified::assertion());
        match self {
            Self::Sum(expected) if sum == *expected => right,
            Self::Sum(_) => Err(CertificateError::ApplicationVerificationFailure.into()),
            Self::Certificates { sums, issuers } => {
                let is_known = sums.contains(&sum);
                let checked = issuers.as_ref().map(|issuers| {
                    issuers.verify_server_cert(
                        end_entity,
                        intermediates,
                        server_name,
                        ocsp_response,
                        now,
                    )
                });
                match checked {
                    // One that is in the file itself may have any name and any issuer, but not any age.
                    Some(Err(error)) if is_known && !has_wrong_time(&error) => right,
                    Some(checked) => checked,
                    None if is_known => right,
                    None => Err(CertificateError::UnknownIssuer.into()),
                }
            }
            Self::Nobody(seen) => {
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(sum);
                Err(CertificateError::ApplicationVerificationFailure.into())
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
