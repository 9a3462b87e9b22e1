//! Asking a watcher of this machine whether it is alive: what a container's health check runs, where there is no other program.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use super::settings::Settings;

const PATIENCE: Duration = Duration::from_secs(5);
/// A status line is shorter.
const MOST: u64 = 1024;

/// Words for a person where it is not, or cannot be asked.
pub fn check(settings: &Settings) -> Result<(), String> {
    let Some(listen) = settings.listen else {
        return Err(
            "there is no `listen:` in the file, so nothing can be asked: add one, such as 127.0.0.1:8642".into()
        );
    };
    let at = here(listen.0);
    let wrong = |error: std::io::Error| format!("no answer from {at}: {error}");
    let mut stream = TcpStream::connect_timeout(&at, PATIENCE).map_err(wrong)?;
    stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.set_write_timeout(Some(PATIENCE))).map_err(wrong)?;
    let ask = format!("GET /healthz HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).map_err(wrong)?;
    let mut answer = Vec::new();
    stream.take(MOST).read_to_end(&mut answer).map_err(wrong)?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.lines().next().unwrap_or_default();
    match status.split(' ').nth(1) {
        Some("200") => Ok(()),
        _ => Err(format!("{at} answers `{status}`")),
    }
}

/// Who listens at every address listens at that of the machine itself, too.
fn here(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::diagnostic::Sources;
    use crate::watch::settings::read;

    fn settings(listen: &str) -> Settings {
        let text = format!(
            "{listen}\nauth: {{token_file: token}}\nsources: {{a: {{path: x}}}}\nstacks: [{{name: a, source: a}}]\n"
        );
        read("stackup.yaml", text.as_bytes(), &mut Sources::default()).0.unwrap()
    }

    #[test]
    fn only_a_watcher_that_says_so_is_alive() {
        assert!(check(&settings("")).unwrap_err().contains("no `listen:`"));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let of = settings(&format!("listen: 0.0.0.0:{port}"));
        for (answer, fine) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n", true),
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n", false),
            ("nonsense", false),
            ("", false),
        ] {
            let asked = std::thread::scope(|scope| {
                scope.spawn(|| {
                    let (mut stream, _) = listener.accept().unwrap();
                    let mut head = [0; 256];
                    let read = stream.read(&mut head).unwrap();
                    assert!(head[..read].starts_with(b"GET /healthz HTTP/1.1\r\n"));
                    stream.write_all(answer.as_bytes()).unwrap();
                });
                check(&of)
            });
            assert_eq!(asked.is_ok(), fine, "{answer} {asked:?}");
        }
        drop(listener);
        assert!(check(&of).unwrap_err().contains("no answer from 127.0.0.1"));
    }
}
