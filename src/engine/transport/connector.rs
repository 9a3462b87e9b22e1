//! Opens connections for hyper's pool.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::fault::causes;
use super::wire::Wire;
use super::{Fault, ssh, tls};
use crate::engine::EngineError;
use crate::engine::address::{Endpoint, Host};
use crate::engine::error::Unreach;
use crate::system;

/// How long a connection may take to come about, TLS and all.
pub(super) const CONNECT: Duration = Duration::from_secs(10);

/// After this much silence TCP asks whether the other side is still there; an engine whose machine vanished is noticed.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// What could not be delivered by then is dropped, and the connection with it: a write that waits in a cut cable must not
/// arrive when the lease behind it has long been somebody else's. (`release/lease`: expiry less trust.)
const DELIVERED: Duration = Duration::from_secs(15);

/// Cheap to clone, as the pool does for each connection.
#[derive(Clone)]
pub(in crate::engine) struct Connector {
    host: Arc<Host>,
    tls: Option<tls::Client>,
}

impl Connector {
    /// Reads the certificates, connects to nothing.
    pub fn new(endpoint: &Endpoint) -> Result<Self, EngineError> {
        let tls = match (&endpoint.tls, &endpoint.host) {
            (Some(material), Host::Tcp { host, .. }) => Some(tls::Client::new(material, host)?),
            _ => None,
        };
        Ok(Self { host: Arc::new(endpoint.host.clone()), tls })
    }

    /// The address in the form that hyper wants, without a path. Only `tcp` really goes there.
    pub fn base(&self) -> String {
        match &*self.host {
            Host::Tcp { .. } => self.host.to_string().replacen("tcp", "http", 1),
            Host::Local(_) | Host::Ssh(_) => "http://docker".to_owned(),
        }
    }

    async fn open(self, uri: Uri) -> Result<Wire, Fault> {
        match &*self.host {
            Host::Local(path) => local(path).await,
            Host::Ssh(host) => ssh::open(host).map(Wire::new),
            Host::Tcp { .. } => {
                let stream = tcp(uri, &self.host.to_string()).await?;
                match &self.tls {
                    None => Ok(Wire::new(stream)),
                    Some(tls) => tls.handshake(stream).await.map(Wire::new),
                }
            }
        }
    }
}

async fn local(path: &Path) -> Result<Wire, Fault> {
    system::local::connect(path).await.map(Wire::new).map_err(|e| Fault::of_io(&e, &path.display().to_string()))
}

async fn tcp(uri: Uri, place: &str) -> Result<TcpStream, Fault> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_keepalive(Some(KEEPALIVE));
    http.set_keepalive_interval(Some(KEEPALIVE));
    http.set_keepalive_retries(Some(3));
    system::tcp::drop_undelivered(&mut http, DELIVERED);
    http.call(uri).await.map(TokioIo::into_inner).map_err(|e| {
        let Some(io) = causes(&e).find_map(|cause| cause.downcast_ref::<std::io::Error>()) else {
            return Fault::new(Unreach::Other, e.to_string());
        };
        if e.to_string().contains("dns") {
            return Fault::new(Unreach::UnknownHost, format!("the name of {place} cannot be resolved: {io}"));
        }
        Fault::of_io(io, place)
    })
}

impl Service<Uri> for Connector {
    type Response = Wire;
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Wire, Fault>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            tokio::time::timeout(CONNECT, connector.open(uri)).await.unwrap_or_else(|_| {
                Err(Fault::new(Unreach::Silent, format!("no connection within {} seconds", CONNECT.as_secs())))
            })
        })
    }
}
