//! What TCP does with bytes that do not arrive.

use std::time::Duration;

use hyper_util::client::legacy::connect::HttpConnector;

/// What could not be delivered by then is dropped, and the connection with it. Only Linux can be told so.
#[cfg(target_os = "linux")]
pub fn drop_undelivered<R>(connector: &mut HttpConnector<R>, after: Duration) {
    connector.set_tcp_user_timeout(Some(after));
}

#[cfg(not(target_os = "linux"))]
pub fn drop_undelivered<R>(_: &mut HttpConnector<R>, _: Duration) {}
