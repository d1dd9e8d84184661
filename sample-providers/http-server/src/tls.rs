//! TLS, as the link's values have it.

use std::{convert::Infallible, fs, str::FromStr, sync::Arc};

use provider_core::prelude::*;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use crate::settings::Settings;

/// PEM, or where it is.
#[derive(Debug)]
pub enum Pem {
    /// The text itself.
    Text(String),
    /// The path of a file.
    File(String),
}

impl FromStr for Pem {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        // A path does not look like this, and a label may come before the first boundary (RFC 7468).
        let pem = text.contains("-----BEGIN ");
        Ok(if pem { Self::Text(text.into()) } else { Self::File(text.into()) })
    }
}

impl Pem {
    fn read(&self, key: &str) -> Result<Vec<u8>, Error> {
        match self {
            Self::Text(text) => Ok(text.clone().into_bytes()),
            Self::File(path) => fs::read(path).map_err(|error| {
                let context = format!("link value `{key}`: file `{}`", path.escape_debug());
                Error::with_source(ErrorKind::BadRequest, error).context(context)
            }),
        }
    }
}

/// What accepts connections with TLS, if the link has a certificate. It reads files.
///
/// # Errors
///
/// *Bad request* when one of the two values is missing or cannot be used, or when the key is another
/// certificate's.
pub(crate) fn acceptor(settings: &Settings) -> Result<Option<TlsAcceptor>, Error> {
    let refused = |message: &str| Err(Error::new(ErrorKind::BadRequest, message));
    let (certificate, key) = match (&settings.tls_certificate, &settings.tls_key) {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => (certificate, key.expose()),
        (Some(_), None) => return refused("the link has `TLS_CERTIFICATE` and no `TLS_KEY`"),
        (None, Some(_)) => return refused("the link has `TLS_KEY` and no `TLS_CERTIFICATE`"),
    };
    let certificates = CertificateDer::pem_slice_iter(&certificate.read("TLS_CERTIFICATE")?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unusable("TLS_CERTIFICATE", error))?;
    if certificates.is_empty() {
        return refused("link value `TLS_CERTIFICATE` has no certificate in it");
    }
    let key = PrivateKeyDer::from_pem_slice(&key.read("TLS_KEY")?)
        .map_err(|error| unusable("TLS_KEY", error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::with_source(ErrorKind::Failed, error))?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(|error| unusable("TLS_KEY", error))?;
    config.alpn_protocols = vec![b"h2".into(), b"http/1.1".into()];
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

fn unusable(key: &str, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::with_source(ErrorKind::BadRequest, error).context(format!("link value `{key}`"))
}
