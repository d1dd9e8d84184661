//! Whom a link trusts.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use provider_core::{Error, ErrorKind};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

/// The configuration of links that trust whom the system trusts: one for all of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Roots(Arc<OnceLock<ClientConfig>>);

impl Roots {
    /// The configuration of a link, with the certificates of `ca_file` besides the system's.
    ///
    /// It reads files, so it takes the time that disks take.
    pub(crate) fn config(&self, ca_file: Option<&Path>) -> Result<ClientConfig, Error> {
        let Some(path) = ca_file else {
            return Ok(self.0.get_or_init(of_system).clone());
        };
        let unusable = |what: String| {
            let text = format!("link value `ca_file`: {}: {what}", path.display());
            Error::new(ErrorKind::BadRequest, text)
        };
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unusable(error.to_string()))?;
        if certificates.is_empty() {
            return Err(unusable("there is no certificate in it".into()));
        }
        let verifier = Verifier::new_with_extra_roots(certificates, crypto())
            .map_err(|error| unusable(error.to_string()))?;
        verified_by(verifier).map_err(|error| unusable(error.to_string()))
    }
}

fn crypto() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn of_system() -> ClientConfig {
    let config = Verifier::new(crypto()).and_then(verified_by);
    config.unwrap_or_else(|error| {
        // Requests without TLS go on, and no server with TLS is believed.
        log::warn!("nobody's certificate is trusted: {error}");
        let builder = ClientConfig::builder_with_provider(crypto());
        match builder.with_safe_default_protocol_versions() {
            Ok(builder) => {
                builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
            }
            Err(error) => unreachable!("ring has the default versions of TLS: {error}"),
        }
    })
}

fn verified_by(verifier: Verifier) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(crypto())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The same, on a thread for work that blocks.
pub(crate) async fn config(roots: &Roots, ca_file: Option<PathBuf>) -> Result<ClientConfig, Error> {
    if let (None, Some(config)) = (&ca_file, roots.0.get()) {
        return Ok(config.clone());
    }
    let roots = roots.clone();
    let read = tokio::task::spawn_blocking(move || roots.config(ca_file.as_deref()));
    read.await.map_err(|error| Error::with_source(ErrorKind::Failed, error))?
}
