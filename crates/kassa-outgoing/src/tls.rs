//! TLS for clients: the platform's roots, and those of the policy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls_platform_verifier::Verifier;

/// The reason why no server could be trusted.
#[derive(Debug, thiserror::Error)]
pub enum UnusableRoots {
    /// The extra root cannot be read.
    #[error("the certificates in {} cannot be used: {reason}", path.display())]
    Extra {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The platform has none, and there is no extra root; or an extra root is not one.
    #[error("there is no root to trust: {0}")]
    None(#[from] rustls::Error),
}

pub(super) fn client_config(extra_root: Option<&Path>) -> Result<ClientConfig, UnusableRoots> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let extra_roots = extra_root.map(certificates).transpose()?.unwrap_or_default();
    let verifier = Verifier::new_with_extra_roots(extra_roots, provider.clone())?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, UnusableRoots> {
    let unusable = |reason: String| UnusableRoots::Extra { path: path.to_path_buf(), reason };
    let read: Result<Vec<_>, pem::Error> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let read = read.map_err(|error| unusable(error.to_string()))?;
    if read.is_empty() { Err(unusable("it contains no certificate".to_string())) } else { Ok(read) }
}
