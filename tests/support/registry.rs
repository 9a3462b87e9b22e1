//! A registry that says no, or nothing, as often as it is told to; then it passes everything on to a real one.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Listens until the test ends.
pub struct Unwilling {
    /// `10.77.0.253:40123`, for the names of images.
    pub address: String,
    asked: Arc<AtomicUsize>,
}

impl Unwilling {
    /// In front of `real`, on this machine's end of the lab's switch. Answers the first `times` questions for a manifest with
    /// `status`; 0 is no answer at all.
    pub fn before(real: &str, status: u16, times: usize) -> Self {
        let prefix = real.rsplit_once('.').unwrap().0;
        let listener = TcpListener::bind((format!("{prefix}.253"), 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(AtomicUsize::new(0));
        let (real, count): (SocketAddr, _) = (real.parse().unwrap(), asked.clone());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let count = count.clone();
                thread::spawn(move || drop(serve(client, real, status, times, &count)));
            }
        });
        Self { address, asked }
    }

    /// Questions for manifests so far.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn serve(
    mut client: TcpStream,
    real: SocketAddr,
    status: u16,
    times: usize,
    count: &AtomicUsize,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0; 1];
    while !head.ends_with(b"\r\n\r\n") {
        if client.read(&mut byte)? == 0 {
            return Ok(());
        }
        head.push(byte[0]);
        // The engine tries TLS first; a registry without it hangs up.
        if head[0] == 0x16 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let manifest = head.lines().next().unwrap_or_default().contains("/manifests/");
    let nth = if manifest { count.fetch_add(1, Ordering::SeqCst) } else { usize::MAX };
    if nth < times && status == 0 {
        thread::sleep(Duration::from_secs(120));
        return Ok(());
    }
    if nth < times {
        let body = match status {
            429 => r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}"#,
            _ => "out of order",
        };
        return write!(
            client,
            "HTTP/1.1 {status} No\r\nContent-Type: application/json\r\nRetry-After: 1\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
    }
    let mut upstream = TcpStream::connect(real)?;
    let (first, rest) = head.split_once("\r\n").unwrap_or((&head, ""));
    let rest: String = rest.split_inclusive("\r\n").filter(|l| !l.to_lowercase().starts_with("connection:")).collect();
    upstream.write_all(format!("{first}\r\nConnection: close\r\n{rest}").as_bytes())?;
    std::io::copy(&mut upstream, &mut client)?;
    Ok(())
}
