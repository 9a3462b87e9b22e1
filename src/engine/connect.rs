//! From an address to a [`Reader`].

use super::address::{Address, resolve};
use super::client::Client;
use super::version::agree;
use super::{EngineError, Reader};

/// Finds the engine, agrees on a version and checks nothing else.
pub async fn connect(address: &Address) -> Result<Reader, EngineError> {
    let client = Client::new(&resolve(address)?)?;
    Ok(Reader::new(agree(client, address.api_version.as_deref()).await?))
}
