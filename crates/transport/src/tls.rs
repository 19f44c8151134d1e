//! What a TLS listener shows, and whom it lets in; and reading such files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;

/// Files of a TLS listener, in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The server's certificate, and those between it and its root.
    pub cert: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Who must have signed the certificate of a client; `None`: clients need none.
    pub ca: Option<PathBuf>,
}

/// Why the files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or holds nothing of the kind.
    #[error("{path}: {why}; a PEM file with {wanted} is wanted")]
    File {
        /// Which file.
        path: String,
        /// What the reader says.
        why: String,
        /// What should be in it.
        wanted: &'static str,
    },
    /// Certificate and key do not go together, or the authority is none.
    #[error("{path}: {why}")]
    Unfit {
        /// The file that is most likely wrong.
        path: String,
        /// What is wrong.
        why: String,
    },
}

/// Makes TLS of accepted connections.
#[derive(Clone)]
pub struct Acceptor(pub(crate) tokio_rustls::TlsAcceptor);

impl std::fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Acceptor")
    }
}

impl Acceptor {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`], which names the file.
    pub fn open(files: &Files) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let chain = certificates(&files.cert)?;
        let key = private_key(&files.key)?;
        let unfit = |path: &Path, why: String| TlsError::Unfit { path: path.display().to_string(), why };
        let builder = rustls::ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| unfit(&files.cert, error.to_string()))?;
        let builder = match &files.ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let mut roots = RootCertStore::empty();
                for root in certificates(path)? {
                    roots.add(root).map_err(|error| unfit(path, error.to_string()))?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().map_err(|error| unfit(path, error.to_string()))?)
            }
        };
        let config = builder.with_single_cert(chain, key).map_err(|error| unfit(&files.key, error.to_string()))?;
        Ok(Self(Arc::new(config).into()))
    }
}

/// The key of a file.
///
/// # Errors
/// [`TlsError::File`].
pub fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| bad(path, &error, "a private key"))
}

/// The certificates of a file, at least one.
///
/// # Errors
/// [`TlsError::File`].
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wanted = "certificates";
    let read = CertificateDer::pem_file_iter(path).map_err(|error| bad(path, &error, wanted))?;
    let all: Vec<_> = read.collect::<Result<_, _>>().map_err(|error| bad(path, &error, wanted))?;
    if all.is_empty() {
        return Err(TlsError::File { path: path.display().to_string(), why: "it holds no certificate".to_owned(), wanted });
    }
    Ok(all)
}

fn bad(path: &Path, error: &rustls::pki_types::pem::Error, wanted: &'static str) -> TlsError {
    TlsError::File { path: path.display().to_string(), why: error.to_string(), wanted }
}
