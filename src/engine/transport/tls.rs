//! TLS to an engine: docker's `ca.pem`, `cert.pem` and `key.pem`.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Fault;
use crate::engine::EngineError;
use crate::engine::address::TlsMaterial;
use crate::engine::error::Unreach;

/// Ready for handshakes with one host.
#[derive(Clone)]
pub(super) struct Client {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl Client {
    pub fn new(material: &TlsMaterial, host: &str) -> Result<Self, EngineError> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| EngineError::Address(format!("`{host}` can be no name in a certificate")))?;
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|e| EngineError::Address(format!("TLS cannot be set up: {e}")))?;
        let builder = if material.skip_verify {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyServer(provider)))
        } else {
            builder.with_root_certificates(roots(material.ca.as_deref())?)
        };
        let config = match (&material.cert, &material.key) {
            (Some(cert), Some(key)) => builder
                .with_client_auth_cert(certificates(cert)?, private_key(key)?)
                .map_err(|e| EngineError::Address(format!("the client certificate `{}`: {e}", cert.display())))?,
            (None, None) => builder.with_no_client_auth(),
            (Some(one), None) | (None, Some(one)) => {
                return Err(EngineError::Address(format!(
                    "`{}` is there and the other of cert.pem and key.pem is not: both or none",
                    one.display()
                )));
            }
        };
        Ok(Self { config: Arc::new(config), name })
    }

    pub async fn handshake(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, Fault> {
        let connector = TlsConnector::from(self.config.clone());
        connector
            .connect(self.name.clone(), stream)
            .await
            .map_err(|e| Fault::new(Unreach::Tls, format!("no TLS session: {e}")))
    }
}

fn unreadable(path: &Path, why: impl std::fmt::Display) -> EngineError {
    EngineError::Address(format!("`{}` cannot be used for TLS: {why}", path.display()))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, EngineError> {
    let all: Vec<_> =
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(|e| unreadable(path, e))?;
    if all.is_empty() { Err(unreadable(path, "it holds no certificate")) } else { Ok(all) }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, EngineError> {
    PrivateKeyDer::from_pem_file(path).map_err(|e| unreadable(path, e))
}

/// The context's own CA, or the machine's roots.
fn roots(ca: Option<&Path>) -> Result<RootCertStore, EngineError> {
    let mut store = RootCertStore::empty();
    match ca {
        Some(path) => {
            for certificate in certificates(path)? {
                store.add(certificate).map_err(|e| unreadable(path, e))?;
            }
        }
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    Ok(store)
}

/// Takes any server: only where a context says `SkipTLSVerify`. Signatures are checked all the same.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
