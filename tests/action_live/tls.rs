//! The token travels over TLS, to a server whose certificate is checked.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::github::Github;
use crate::lab::skip;
use crate::swarm::Swarm;
use crate::{SHA, job, pull, with};

/// TLS in front of a plain server. `https://localhost:PORT`
fn terminate(folder: &Path, plain: &str) -> Option<String> {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder)
        .output()
        .ok()?;
    assert!(made.status.success(), "{made:?}");
    let certificate = CertificateDer::from_pem_file(folder.join("cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let (config, plain) = (Arc::new(config), plain.trim_start_matches("http://").to_owned());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            serve(rustls::StreamOwned::new(connection, stream), &plain);
        }
    });
    Some(url)
}

/// One request. A client that does not like the certificate sends none.
fn serve(mut outside: rustls::StreamOwned<rustls::ServerConnection, TcpStream>, plain: &str) {
    let (mut request, mut buffer) = (Vec::new(), [0; 65_536]);
    loop {
        let Ok(n @ 1..) = outside.read(&mut buffer) else { return };
        request.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let Some(end) = text.find("\r\n\r\n") else { continue };
        let length = text[..end].lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        let head = request.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        if request.len() >= head + length {
            break;
        }
    }
    let mut inside = TcpStream::connect(plain).unwrap();
    inside.write_all(&request).unwrap();
    let mut answer = Vec::new();
    inside.read_to_end(&mut answer).unwrap();
    let _ = outside.write_all(&answer);
    outside.conn.send_close_notify();
    let _ = outside.flush();
}

#[test]
fn a_certificate_that_nobody_vouches_for_gets_no_token() {
    let Some(swarm) = Swarm::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let github = Github::start();
    let Some(url) = terminate(folder.path(), &github.url) else { return skip("openssl is not installed") };
    let compose = "name: actiontls\nservices: {web: {image: \"acme/web:1\"}}\n";
    let plan = |certificates: &str| {
        job("pull_request", &pull(7, SHA, "acme/infra", false), &github, compose)
            .set("GITHUB_API_URL", &url)
            .set("GITHUB_GRAPHQL_URL", &format!("{url}/graphql"))
            .set("SSL_CERT_FILE", certificates)
            .run(&with("plan", &swarm.host, &[("resolve-image", "never"), ("fail-on", "never")]))
            .exits(0)
    };
    let empty = folder.path().join("none.pem");
    std::fs::write(&empty, "").unwrap();
    let refused = plan(empty.to_str().unwrap());
    assert!(refused.annotations("warning").iter().any(|one| one.contains("gets no comment")), "{}", refused.raw);
    assert_eq!(github.state().calls, Vec::<String>::new());
    let trusted = plan(folder.path().join("cert.pem").to_str().unwrap());
    assert!(trusted.output("comment-url").contains("issuecomment"), "{}", trusted.raw);
    assert_eq!(github.bodies(7).len(), 1);
}
