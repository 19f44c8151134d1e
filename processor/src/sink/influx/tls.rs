//! Whom the sink trusts, and what it shows of itself, over https.

use std::path::PathBuf;
use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use transport::tls::{TlsError, certificates, private_key};

/// Files for https, in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Who must have signed the server's certificate; the usual authorities of the web when none is given.
    pub ca: Option<PathBuf>,
    /// The certificate that is shown to the server, and those between it and its root; and its key.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`], which names the file.
    pub(crate) fn config(&self) -> Result<ClientConfig, TlsError> {
        let provider = Arc::new(crypto::ring::default_provider());
        let unfit = |path: &PathBuf, why: String| TlsError::Unfit { path: path.display().to_string(), why };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unfit(&PathBuf::default(), error.to_string()))?;
        let builder = match &self.ca {
            None => builder.with_webpki_roots(),
            Some(path) => {
                let mut roots = RootCertStore::empty();
                for root in certificates(path)? {
                    roots.add(root).map_err(|error| unfit(path, error.to_string()))?;
                }
                builder.with_root_certificates(roots)
            }
        };
        match &self.identity {
            None => Ok(builder.with_no_client_auth()),
            Some((cert, key)) => {
                let chain = certificates(cert)?;
                builder.with_client_auth_cert(chain, private_key(key)?).map_err(|error| unfit(key, error.to_string()))
            }
        }
    }
}
