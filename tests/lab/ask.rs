//! Asks a service again and again, and counts what fails: ask NAME RATE   (static, for images from scratch)
//!
//! RATE times a second the name is looked up at docker's DNS and one of its addresses is asked for `/`, as a client without
//! memory does. A line a second: `asked N failed M`, and a line for each failure. Whoever has no answer after two seconds failed.

use std::env;
use std::io::{Error, Read, Result, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(2);
const THREADS: u64 = 40;

static ASKED: AtomicU64 = AtomicU64::new(0);
static FAILED: AtomicU64 = AtomicU64::new(0);

fn main() {
    let mut args = env::args().skip(1);
    let name = args.next().expect("which name?");
    let rate: u64 = args.next().and_then(|rate| rate.parse().ok()).unwrap_or(200);
    let (began, each) = (Instant::now(), Duration::from_micros(1_000_000 * THREADS / rate));
    for thread in 0..THREADS {
        let name = name.clone();
        thread::spawn(move || {
            // Evenly over time, whatever an answer takes: who is late catches up.
            let mut next = began + each * thread as u32 / THREADS as u32;
            loop {
                thread::sleep(next.saturating_duration_since(Instant::now()));
                next += each;
                let outcome = ask(&name);
                ASKED.fetch_add(1, Ordering::SeqCst);
                if let Err(error) = outcome {
                    FAILED.fetch_add(1, Ordering::SeqCst);
                    println!("{:.3} {error}", began.elapsed().as_secs_f64());
                }
            }
        });
    }
    loop {
        thread::sleep(Duration::from_secs(1));
        println!("asked {} failed {}", ASKED.load(Ordering::SeqCst), FAILED.load(Ordering::SeqCst));
    }
}

fn ask(name: &str) -> Result<()> {
    let address = look_up(name)?;
    let say = |what: &str, error: Error| Error::other(format!("{address}: {what}: {error}"));
    let mut stream =
        TcpStream::connect_timeout(&SocketAddr::new(address, 80), PATIENCE).map_err(|e| say("connect", e))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n").map_err(|e| say("send", e))?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(|e| say("read", e))?;
    match answer.starts_with("HTTP/1.1 200 ") && answer.contains("Hello") {
        true => Ok(()),
        false => Err(Error::other(format!("{address}: answered {:?}", answer.lines().next().unwrap_or_default()))),
    }
}

/// The first A record of docker's own server, which gives them in turns. No library: a static program has no resolver.
fn look_up(name: &str) -> Result<IpAddr> {
    let mut question = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        question.push(label.len() as u8);
        question.extend_from_slice(label.as_bytes());
    }
    question.extend_from_slice(&[0, 0, 1, 0, 1]);
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.send_to(&question, "127.0.0.11:53")?;
    let mut answer = [0; 1500];
    let length = socket.recv(&mut answer).map_err(|error| Error::other(format!("DNS: {error}")))?;
    // Behind the question: a name (written out, or a pointer of two bytes), type, class, TTL, length, address.
    let mut record = answer.get(question.len()..length).unwrap_or_default();
    while let [1..0xc0, ..] = record {
        record = record.get(1 + usize::from(record[0])..).unwrap_or_default();
    }
    let record = match record {
        [0, rest @ ..] | [0xc0..=0xff, _, rest @ ..] => rest,
        _ => &[],
    };
    match record {
        [0, 1, 0, 1, _, _, _, _, 0, 4, a, b, c, d, ..] => Ok(Ipv4Addr::new(*a, *b, *c, *d).into()),
        _ => Err(Error::other(format!("DNS: no address for {name}"))),
    }
}
