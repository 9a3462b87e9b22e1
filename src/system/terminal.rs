//! A terminal that understands colours.

/// Others always do.
#[cfg(unix)]
pub fn prepare() {}

/// A console of Windows has to be told once.
#[cfg(windows)]
pub fn prepare() {
    drop(anstream::AutoStream::always(std::io::stdout()));
    drop(anstream::AutoStream::always(std::io::stderr()));
}
