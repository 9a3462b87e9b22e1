//! A web server in one file: says hello, who it is and how often it was asked.
//!
//!   app                   serve on port 80 (PORT), after WARM_UP seconds as if it had much to read first; go on for LINGER
//!                         seconds when told to stop, for whoever still has the address
//!   app --health          exit 0 if the server in this container answers: for HEALTHCHECK, where there is no curl
//!   app --get HOST:PORT   print what a server answers
//!
//! The visit count lives in the memory of one task: each of five tasks counts its own, and a new task starts at zero.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

static VISITS: AtomicU64 = AtomicU64::new(0);

fn main() -> ExitCode {
    let port = env::var("PORT").unwrap_or_else(|_| "80".to_owned());
    let result = match env::args().nth(1).as_deref() {
        None => serve(&format!("0.0.0.0:{port}")),
        Some("--health") => get(&format!("127.0.0.1:{port}"), "/health").map(|_| ()),
        Some("--get") => get(&env::args().nth(2).unwrap_or_default(), "/").map(|body| print!("{body}")),
        Some(other) => Err(std::io::Error::other(format!("unknown argument {other}"))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(address: &str) -> std::io::Result<()> {
    on_stop_signal::install();
    let seconds = |name: &str| {
        let seconds = env::var(name).ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(0);
        Duration::from_secs(seconds)
    };
    let (linger, warm_up) = (seconds("LINGER"), seconds("WARM_UP"));
    thread::spawn(move || {
        while !on_stop_signal::came() {
            thread::sleep(Duration::from_millis(20));
        }
        thread::sleep(linger);
        std::process::exit(0);
    });
    thread::sleep(warm_up);
    let listener = TcpListener::bind(address)?;
    println!("{} on {}, listening on {address}", version(), host_name());
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || answer(stream));
    }
    Ok(())
}

/// One request, one answer; a client that says nothing for five seconds is left.
fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut lines = BufReader::new(stream.try_clone()?.take(16 * 1024)).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}

    let body = match request.split(' ').nth(1) {
        Some("/health") => "ok\n".to_owned(),
        _ => greeting(VISITS.fetch_add(1, Ordering::Relaxed) + 1),
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len(),
    )
}

fn greeting(visits: u64) -> String {
    let name = env::var("NAME").unwrap_or_else(|_| "world".to_owned());
    format!("Hello {name}!\nversion  {}\nhost     {}\nvisits   {visits} (of this task)\n", version(), host_name())
}

fn version() -> String {
    env::var("VERSION").unwrap_or_else(|_| "dev".to_owned())
}

fn host_name() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned()
}

fn get(address: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(3)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    match head.split(' ').nth(1) {
        Some("200") => Ok(body.to_owned()),
        _ => Err(std::io::Error::other(format!("{address}{path} answered: {head}"))),
    }
}

/// The kernel ignores signals sent to process 1 unless it has a handler: without one every stop would take swarm's
/// ten seconds of grace. The standard library has no way to set one, so this asks the C library it is linked with.
mod on_stop_signal {
    use std::sync::atomic::{AtomicBool, Ordering};

    const SIGINT: i32 = 2;
    const SIGTERM: i32 = 15;

    static CAME: AtomicBool = AtomicBool::new(false);

    unsafe extern "C" {
        fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
    }

    extern "C" fn note(_number: i32) {
        CAME.store(true, Ordering::SeqCst);
    }

    pub fn came() -> bool {
        CAME.load(Ordering::SeqCst)
    }

    pub fn install() {
        // SAFETY: the handler has the type that signal(2) wants, lives as long as the program, and only stores a flag.
        unsafe {
            signal(SIGINT, note);
            signal(SIGTERM, note);
        }
    }
}
