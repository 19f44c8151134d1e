//! Whom the sink trusts, and what it shows of itself, over https.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use transport::tls::{TlsError, certificates, private_key};

/// Files for https, in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Who must have signed the server's certificate; the usual authorities of the web when none is given.
    pub ca: Option<PathBuf>,
    /// The usual authorities are trusted beside that of `ca`.
    pub and_usual: bool,
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
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unfit(Path::new(""), error.to_string()))?;
        let builder = match &self.ca {
            None => builder.with_webpki_roots(),
            Some(path) => builder.with_root_certificates(self.roots(path)?),
        };
        match &self.identity {
            None => Ok(builder.with_no_client_auth()),
            Some((cert, key)) => {
                let chain = certificates(cert)?;
                builder.with_client_auth_cert(chain, private_key(key)?).map_err(|error| unfit(key, error.to_string()))
            }
        }
    }

    fn roots(&self, path: &Path) -> Result<RootCertStore, TlsError> {
        let usual = if self.and_usual { webpki_roots::TLS_SERVER_ROOTS } else { &[] };
        let mut roots = RootCertStore::from_iter(usual.iter().cloned());
        for root in certificates(path)? {
            roots.add(root).map_err(|error| unfit(path, error.to_string()))?;
        }
        Ok(roots)
    }
}

fn unfit(path: &Path, why: String) -> TlsError {
    TlsError::Unfit { path: path.display().to_string(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_of_ones_own_stands_alone_or_beside_the_usual_ones() {
        let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/ca.pem"));
        let n_trusted = |and_usual| Tls { ca: Some(path.clone()), and_usual, identity: None }.roots(&path).unwrap().len();
        assert_eq!((n_trusted(false), n_trusted(true)), (1, webpki_roots::TLS_SERVER_ROOTS.len() + 1));
    }
}
