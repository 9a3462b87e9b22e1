//! The way to an engine on this machine: a unix socket, or a named pipe of Windows.

use std::io::Result;
use std::path::Path;

/// What an address of one begins with.
#[cfg(unix)]
pub const SCHEME: &str = "unix";
#[cfg(windows)]
pub const SCHEME: &str = "npipe";

/// Where docker's engine listens unless told otherwise.
#[cfg(unix)]
pub const DEFAULT: &str = "/var/run/docker.sock";
#[cfg(windows)]
pub const DEFAULT: &str = "//./pipe/docker_engine";

/// Bytes both ways.
#[cfg(unix)]
pub type Stream = tokio::net::UnixStream;
#[cfg(windows)]
pub type Stream = tokio::net::windows::named_pipe::NamedPipeClient;

#[cfg(unix)]
pub async fn connect(path: &Path) -> Result<Stream> {
    Stream::connect(path).await
}

/// A pipe takes one client an instance: where all are taken the next one is waited for, as long as the caller likes.
#[cfg(windows)]
pub async fn connect(path: &Path) -> Result<Stream> {
    const ERROR_PIPE_BUSY: i32 = 231;
    let name = path.as_os_str().to_string_lossy().replace('/', r"\");
    loop {
        // The engine learns who we are, and cannot act as us: tokio asks for no more than identification.
        match tokio::net::windows::named_pipe::ClientOptions::new().open(&name) {
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => {}
            opened => return opened,
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Why the other system's address is refused here, and what to do instead.
#[cfg(unix)]
pub const FOREIGN: (&str, &str) =
    ("npipe", "is a Windows named pipe, which stackup cannot open; reach that engine by ssh:// or tcp://");
#[cfg(windows)]
pub const FOREIGN: (&str, &str) =
    ("unix", "is a unix socket, which stackup cannot open on Windows; reach that engine by npipe://, ssh:// or tcp://");

/// What it is called.
#[cfg(unix)]
pub const NOUN: &str = "socket";
#[cfg(windows)]
pub const NOUN: &str = "named pipe";

/// What to do where nobody listens.
#[cfg(unix)]
pub const START: &str = "start Docker (`sudo systemctl start docker`)";
#[cfg(windows)]
pub const START: &str = "start Docker Desktop, or the service docker (`Start-Service docker`)";

/// What to do where this user may not open it.
#[cfg(unix)]
pub const ENTER: &str = "add yourself to the group docker (`sudo usermod -aG docker $USER`, then log in again), or run the command with sudo";
#[cfg(windows)]
pub const ENTER: &str =
    "add yourself to the group docker-users, then log in again, or run the command as an administrator";

#[cfg(test)]
#[cfg(windows)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::windows::named_pipe::ServerOptions;

    use super::*;

    #[tokio::test]
    async fn a_pipe_is_spoken_through_and_one_that_is_taken_is_waited_for() {
        let name = format!(r"\\.\pipe\stackup-test-{}", std::process::id());
        let path = std::path::PathBuf::from(name.replace('\\', "/"));
        assert_eq!(connect(&path).await.unwrap_err().kind(), std::io::ErrorKind::NotFound);
        let mut first = ServerOptions::new().first_pipe_instance(true).create(&name).unwrap();
        let mut client = connect(&path).await.unwrap();
        first.connect().await.unwrap();
        client.write_all(b"ping").await.unwrap();
        let mut heard = [0; 4];
        first.read_exact(&mut heard).await.unwrap();
        first.write_all(b"pong").await.unwrap();
        client.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"pong");

        let waiting = tokio::spawn(async move { connect(&path).await });
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        assert!(!waiting.is_finished());
        let second = ServerOptions::new().create(&name).unwrap();
        second.connect().await.unwrap();
        waiting.await.unwrap().unwrap();
    }
}
