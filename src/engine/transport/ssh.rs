//! `ssh … docker system dial-stdio`: the user's own ssh, its configuration, keys and agent; one process a connection.

use std::io::{Error, Result};
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::Fault;
use super::connector::CONNECT;
use crate::engine::address::SshHost;
use crate::engine::error::Unreach;
use crate::system::apart::apart;

/// The most of ssh's complaints that is kept.
const STDERR_BYTES: u64 = 4096;

/// Starts ssh. What goes wrong over there shows with the first bytes, or with their absence.
pub(super) fn open(host: &SshHost) -> std::result::Result<Tunnel, Fault> {
    let mut command = Command::new("ssh");
    // Ctrl-C is for us: we still have things to say to the engine.
    apart(&mut command)
        .args(arguments(host))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Fault::new(Unreach::Ssh, "the program `ssh` is not installed"),
        _ => Fault::new(Unreach::Ssh, format!("`ssh` cannot be started: {e}")),
    })?;
    let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Fault::new(Unreach::Ssh, "`ssh` has no pipes"));
    };
    let complaint = tokio::spawn(async move {
        let (mut text, mut rest) = (Vec::new(), tokio::io::sink());
        let mut stderr = stderr;
        // A read error ends the text, no more.
        let _ = (&mut stderr).take(STDERR_BYTES).read_to_end(&mut text).await;
        let _ = tokio::io::copy(&mut stderr, &mut rest).await;
        String::from_utf8_lossy(&text).trim().to_owned()
    });
    Ok(Tunnel { stdin, stdout, complaint, said: None, heard: false, _child: child })
}

/// Everything after `ssh`. What follows the host is read by a shell over there, hence the quotes.
fn arguments(host: &SshHost) -> Vec<String> {
    let mut arguments: Vec<String> = ["-T", "-o", "BatchMode=yes", "-o"].map(str::to_owned).into();
    arguments.push(format!("ConnectTimeout={}", CONNECT.as_secs()));
    arguments.extend(host.options.iter().cloned());
    if let Some(user) = &host.user {
        arguments.extend(["-l".to_owned(), user.clone()]);
    }
    if let Some(port) = host.port {
        arguments.extend(["-p".to_owned(), port.to_string()]);
    }
    arguments.extend(["--".to_owned(), host.host.clone(), "docker".to_owned()]);
    if let Some(socket) = &host.socket {
        arguments.push(quoted(&format!("--host=unix://{socket}")));
    }
    arguments.extend(["system".to_owned(), "dial-stdio".to_owned()]);
    arguments
}

/// One word for a POSIX shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The pipes of one ssh process, which ends with them.
pub(super) struct Tunnel {
    stdin: ChildStdin,
    stdout: ChildStdout,
    /// Ends with the process's stderr.
    complaint: JoinHandle<String>,
    said: Option<String>,
    /// The engine has answered through it: from here on an end is an end, not a failure of ssh.
    heard: bool,
    _child: Child,
}

impl Tunnel {
    fn poll_failure(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        if self.said.is_none() {
            self.said = Some(ready!(Pin::new(&mut self.complaint).poll(cx)).unwrap_or_default());
        }
        let why = match self.said.as_deref() {
            None | Some("") => "ssh ended without a word",
            Some(said) => said,
        };
        Poll::Ready(Error::other(Fault::new(Unreach::Ssh, why)))
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let before = buf.filled().len();
        let outcome = ready!(Pin::new(&mut self.stdout).poll_read(cx, buf));
        if buf.filled().len() > before {
            self.heard = true;
        } else if !self.heard {
            return self.poll_failure(cx).map(Err);
        }
        Poll::Ready(outcome)
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        match ready!(Pin::new(&mut self.stdin).poll_write(cx, buf)) {
            Err(_) if !self.heard => self.poll_failure(cx).map(Err),
            outcome => Poll::Ready(outcome),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stdin).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stdin).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_never_an_option_and_the_socket_never_a_command() {
        let host = SshHost {
            user: Some("me".into()),
            host: "box".into(),
            port: Some(2222),
            socket: Some("/tmp/it's $(here)".into()),
            options: vec!["-i".into(), "/k e y".into()],
        };
        let line = arguments(&host).join(" ");
        assert_eq!(
            line,
            r"-T -o BatchMode=yes -o ConnectTimeout=10 -i /k e y -l me -p 2222 -- box docker '--host=unix:///tmp/it'\''s $(here)' system dial-stdio"
        );
        let plain = arguments(&SshHost { host: "box".into(), ..SshHost::default() }).join(" ");
        assert!(plain.ends_with("-- box docker system dial-stdio"), "{plain}");
    }
}
