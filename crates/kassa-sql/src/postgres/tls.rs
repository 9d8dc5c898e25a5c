//! The encryption of a connection: what a URL asks for, and which certificates are trusted.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Cause, SqlError};

/// The value of `sslrootcert` that means the platform's roots.
const PLATFORM: &str = "system";

/// The encryption that a URL asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Encryption {
    level: Level,
    roots: Roots,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// `disable`.
    Never,
    /// `prefer`, and a URL without a setting: encrypted if the server offers it. Its certificate is not checked,
    /// because somebody in between could remove the offer as well.
    IfOffered,
    /// `require`, `verify-ca` and `verify-full`: encrypted, with a certificate that is trusted and names the host.
    Always,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Roots {
    Platform,
    /// A PEM file.
    File(PathBuf),
}

impl Encryption {
    /// Takes `sslmode` and `sslrootcert` out of a URL, which the driver does not know in full. Returns the rest of the
    /// URL.
    pub(super) fn take(url: &str) -> Result<(String, Self), SqlError> {
        let (head, query) = split(url);
        let (mut mode, mut root, mut rest) = (None, None, Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", value)) => mode = Some(decoded(value)?),
                Some(("sslrootcert", value)) => root = Some(decoded(value)?),
                Some(_) | None => rest.push(parameter),
            }
        }
        let url = if rest.is_empty() { head.to_string() } else { format!("{head}?{}", rest.join("&")) };
        Ok((
            url,
            Self { level: level(mode.as_deref())?, roots: roots(root.as_deref()) }.checked(root.is_some())?,
        ))
    }

    fn checked(self, names_root: bool) -> Result<Self, SqlError> {
        match self.level {
            Level::Never | Level::IfOffered if names_root => {
                Err(SqlError::Unusable("sslrootcert has no effect without sslmode=verify-full".into()))
            }
            Level::Never | Level::IfOffered | Level::Always => Ok(self),
        }
    }

    pub(super) const fn ssl_mode(&self) -> SslMode {
        match self.level {
            Level::Never => SslMode::Disable,
            Level::IfOffered => SslMode::Prefer,
            Level::Always => SslMode::Require,
        }
    }

    /// Reads the roots, and makes the connector.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, SqlError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let unusable = |error: rustls::Error| {
            let what = format!("there is no root to trust: {error}");
            SqlError::Unusable(Cause::by(error, what))
        };
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(unusable)?;
        let verifier: Arc<dyn ServerCertVerifier> = match (self.level, &self.roots) {
            (Level::Never | Level::IfOffered, _) => Arc::new(AnyCertificate(provider)),
            (Level::Always, Roots::Platform) => {
                Arc::new(Verifier::new_with_extra_roots([], provider).map_err(unusable)?)
            }
            (Level::Always, Roots::File(path)) => {
                let config = builder.with_root_certificates(read_roots(path)?).with_no_client_auth();
                return Ok(MakeRustlsConnect::new(config));
            }
        };
        let config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

/// Splits a URL before its query, as the driver does: everything before the first `@` is the user and the password.
fn split(url: &str) -> (&str, &str) {
    let after_user = url.find('@').unwrap_or(0);
    match url[after_user..].find('?') {
        Some(place) => (&url[..after_user + place], &url[after_user + place + 1..]),
        None => (url, ""),
    }
}

fn decoded(value: &str) -> Result<Cow<'_, str>, SqlError> {
    let unusable = |_| SqlError::Unusable("sslmode or sslrootcert is not UTF-8".into());
    percent_decode_str(value).decode_utf8().map_err(unusable)
}

fn level(mode: Option<&str>) -> Result<Level, SqlError> {
    match mode {
        Some("disable") => Ok(Level::Never),
        None | Some("allow" | "prefer") => Ok(Level::IfOffered),
        Some("require" | "verify-ca" | "verify-full") => Ok(Level::Always),
        Some(_) => Err(SqlError::Unusable(
            "invalid value of sslmode: expected disable, prefer, require or verify-full".into(),
        )),
    }
}

fn roots(root: Option<&str>) -> Roots {
    match root {
        None | Some(PLATFORM) => Roots::Platform,
        Some(path) => Roots::File(path.into()),
    }
}

fn read_roots(path: &Path) -> Result<RootCertStore, SqlError> {
    let unusable = |reason: &dyn std::fmt::Display| {
        SqlError::Unusable(format!("sslrootcert: {}: {reason}", path.display()).into())
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unusable(&error))? {
        let certificate = certificate.map_err(|error| unusable(&error))?;
        roots.add(certificate).map_err(|error| unusable(&error))?;
    }
    if roots.is_empty() { Err(unusable(&"it contains no certificate")) } else { Ok(roots) }
}

/// Accepts every certificate. It only checks that the server has the key of the certificate.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, rest: &str, level: Level, roots: Roots) {
        assert_eq!(Encryption::take(url), Ok((rest.to_string(), Encryption { level, roots })), "{url}");
    }

    #[test]
    fn a_url_says_how_a_connection_is_encrypted() {
        let url = "postgres://kassa@db/kassa";
        check(url, url, Level::IfOffered, Roots::Platform);
        check(&format!("{url}?sslmode=disable"), url, Level::Never, Roots::Platform);
        check(&format!("{url}?sslmode=prefer"), url, Level::IfOffered, Roots::Platform);
        for mode in ["require", "verify-ca", "verify-full"] {
            check(&format!("{url}?sslmode={mode}"), url, Level::Always, Roots::Platform);
        }
        let rest = format!("{url}?application_name=a&options=-c%20x%3Dy");
        let mixed = format!(
            "{url}?application_name=a&sslmode=verify-full&options=-c%20x%3Dy&sslrootcert=%2Fetc%2Fca.pem"
        );
        check(&mixed, &rest, Level::Always, Roots::File("/etc/ca.pem".into()));
        check(&format!("{url}?sslmode=verify-full&sslrootcert=system"), url, Level::Always, Roots::Platform);
        let password = "postgres://kassa:a?sslmode=x@db/kassa";
        check(password, password, Level::IfOffered, Roots::Platform);
    }

    #[test]
    fn settings_that_would_not_protect_are_refused() {
        let refused = |query: &str| {
            let refused = Encryption::take(&format!("postgres://kassa:s3cr3t@db/kassa?{query}"));
            let why = refused.unwrap_err().to_string();
            assert!(!why.contains("s3cr3t"), "{why}");
            why
        };
        assert!(refused("sslmode=perhaps").contains("sslmode"));
        assert!(refused("sslrootcert=/etc/ca.pem").contains("sslmode=verify-full"));
        assert!(refused("sslmode=prefer&sslrootcert=/etc/ca.pem").contains("sslmode=verify-full"));
    }
}
