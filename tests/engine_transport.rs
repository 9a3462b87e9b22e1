//! TLS and ssh in front of a real engine: STACKUP_TEST_HOST, a unix socket, or a lab's.

#![allow(clippy::unwrap_used)] // helpers of tests, which clippy takes for other code

mod lab;
#[path = "support/sshd.rs"]
mod sshd;
#[path = "support/swarm.rs"]
mod swarm;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use lab::skip;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use sshd::Sshd;
use stackup::diagnostic::code;
use stackup::engine::{Address, EngineError, Unreach, connect, diagnose};
use swarm::Swarm;
use tokio::net::{TcpListener, UnixStream};
use tokio_rustls::TlsAcceptor;

/// A swarm, held as long as it is needed, and its socket.
fn engine() -> Option<(Swarm, PathBuf)> {
    let swarm = Swarm::find()?;
    let Some(socket) = swarm.host.strip_prefix("unix://").map(PathBuf::from) else {
        skip("STACKUP_TEST_HOST is no unix socket");
        return None;
    };
    Some((swarm, socket))
}

/// Runs a program to its end; its output only shows when it fails.
fn run(program: &str, arguments: &[&str], dir: &Path) {
    let output = Command::new(program).args(arguments).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// `NAME.pem` and `NAME-key.pem`, signed by `ca` or by itself.
fn certificate(dir: &Path, name: &str, ca: Option<&str>) {
    let (key, cert, subject) = (format!("{name}-key.pem"), format!("{name}.pem"), format!("/CN={name}"));
    let mut arguments = vec![
        "req",
        "-x509",
        "-nodes",
        "-days",
        "2",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-subj",
        &subject,
        "-keyout",
        &key,
        "-out",
        &cert,
        "-addext",
        "subjectAltName=IP:127.0.0.1,DNS:localhost",
    ];
    let (ca_cert, ca_key) = (format!("{}.pem", ca.unwrap_or_default()), format!("{}-key.pem", ca.unwrap_or_default()));
    if ca.is_some() {
        arguments.extend(["-CA", &ca_cert, "-CAkey", &ca_key, "-addext", "basicConstraints=critical,CA:FALSE"]);
    }
    run("openssl", &arguments, dir);
}

/// A TLS server that asks for a client certificate, before the engine's socket. Ends with the test's runtime.
async fn tls_front(dir: &Path, socket: PathBuf) -> u16 {
    let certificate = |name: &str| CertificateDer::from_pem_file(dir.join(name)).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate("ca.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(
            vec![certificate("server.pem")],
            PrivateKeyDer::from_pem_file(dir.join("server-key.pem")).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, socket) = (acceptor.clone(), socket.clone());
            tokio::spawn(async move {
                if let Ok(mut tls) = acceptor.accept(stream).await {
                    let mut engine = UnixStream::connect(socket).await.unwrap();
                    // How a connection ends is the client's affair.
                    let _ = tokio::io::copy_bidirectional(&mut tls, &mut engine).await;
                }
            });
        }
    });
    port
}

/// A folder as DOCKER_CERT_PATH wants it.
fn cert_path(dir: &Path, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let path = dir.join(name);
    std::fs::create_dir(&path).unwrap();
    for (from, to) in files {
        std::fs::copy(dir.join(from), path.join(to)).unwrap();
    }
    path
}

#[tokio::test]
async fn tls_is_spoken_with_the_right_certificates_only() {
    let Some((_swarm, socket)) = engine() else { return };
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    for (name, ca) in [("ca", None), ("server", Some("ca")), ("client", Some("ca")), ("other", None)] {
        certificate(dir, name, ca);
    }
    let port = tls_front(dir, socket).await;
    let address = |certs: PathBuf| Address {
        host: Some(format!("tcp://127.0.0.1:{port}")),
        tls_verify: true,
        cert_path: Some(certs),
        ..Address::default()
    };

    let pair = [("client.pem", "cert.pem"), ("client-key.pem", "key.pem")];
    let good = cert_path(dir, "good", &[&[("ca.pem", "ca.pem")], &pair[..]].concat());
    let reader = connect(&address(good.clone())).await.unwrap();
    assert!(!reader.cluster().await.unwrap().id.is_empty());
    // More requests at once than connections so far.
    let many = (0..20).map(|_| reader.nodes());
    assert!(futures_util::future::join_all(many).await.iter().all(Result::is_ok));

    let strange = cert_path(dir, "strange", &[&[("other.pem", "ca.pem")], &pair[..]].concat());
    let nobody = cert_path(dir, "nobody", &[("ca.pem", "ca.pem")]);
    for certs in [strange, nobody] {
        let error = connect(&address(certs)).await.unwrap_err();
        assert!(matches!(error, EngineError::Unreachable { reason: Unreach::Tls, .. }), "{error}");
        assert_eq!(diagnose(&error).code, code::ENGINE_TLS);
    }

    // Unverified, the client still shows who it is.
    let strange = cert_path(dir, "stranger", &[&[("other.pem", "ca.pem")], &pair[..]].concat());
    let trusting = Address { tls: true, tls_verify: false, ..address(strange) };
    assert!(connect(&trusting).await.is_ok());

    let half = cert_path(dir, "half", &[("ca.pem", "ca.pem"), ("client.pem", "cert.pem")]);
    let error = connect(&address(half)).await.unwrap_err();
    assert!(matches!(error, EngineError::Address(_)), "{error}");

    // Without TLS at a TLS port: refused by the front in its own way, and no hang.
    let plain = Address { tls_verify: false, ..address(good) };
    assert!(connect(&plain).await.is_err());
}

#[tokio::test]
async fn nobody_there_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let dead = dir.path().join("dead");
    drop(std::os::unix::net::UnixListener::bind(&dead).unwrap());
    // A child that another test forks just now holds it too, until it becomes another program.
    while std::os::unix::net::UnixStream::connect(&dead).is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let cases = [
        (format!("unix://{}/missing", dir.path().display()), Unreach::NoSocket),
        (format!("unix://{}", dead.display()), Unreach::NobodyListens),
        (format!("tcp://127.0.0.1:{port}"), Unreach::NobodyListens),
        ("tcp://no-such-host.invalid:1".to_owned(), Unreach::UnknownHost),
    ];
    for (host, expected) in cases {
        let error = connect(&Address { host: Some(host.clone()), ..Address::default() }).await.unwrap_err();
        let EngineError::Unreachable { reason, .. } = &error else { panic!("{host}: {error}") };
        assert_eq!(*reason, expected, "{host}: {error}");
    }
}

/// Before the real ssh in PATH: the same, with a configuration that is not the person's own.
fn wrapper(dir: &Path) {
    let at = dir.display();
    let client = format!(
        "IdentityFile {at}/user\nIdentitiesOnly yes\nIdentityAgent none\nUserKnownHostsFile {at}/known\n\
         StrictHostKeyChecking accept-new\n"
    );
    std::fs::write(dir.join("ssh_config"), client).unwrap();
    let wrapper = dir.join("ssh");
    std::fs::write(&wrapper, format!("#!/bin/sh\nPATH=\"${{PATH#*:}}\" exec ssh -F {at}/ssh_config \"$@\"\n")).unwrap();
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn ssh_carries_the_engine_and_its_complaints() {
    let Some((_swarm, socket)) = engine() else { return };
    let dir = tempfile::tempdir().unwrap();
    let Some(sshd) = Sshd::start(dir.path(), "") else { return skip("there is no sshd") };
    wrapper(dir.path());
    let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap_or_default());
    let address = format!("ssh://{}", sshd.at);
    // PATH is the process's own: the other half runs in another one.
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "through_ssh", "--ignored", "--nocapture"])
        .env("PATH", path)
        .env("STACKUP_TEST_SSH", &address)
        .env("STACKUP_TEST_SOCKET", &socket)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{}", sshd.log());
}

#[tokio::test]
#[ignore = "started by ssh_carries_the_engine_and_its_complaints"]
async fn through_ssh() {
    let (Ok(address), Ok(socket)) = (std::env::var("STACKUP_TEST_SSH"), std::env::var("STACKUP_TEST_SOCKET")) else {
        // Asked for by hand, or with all the ignored ones: its other half runs it.
        return;
    };
    let at = |host: String| Address { host: Some(host), ..Address::default() };
    let reader = connect(&at(format!("{address}{socket}"))).await.unwrap();
    assert!(!reader.cluster().await.unwrap().id.is_empty());
    let snapshot = reader.snapshot("none", &stackup::engine::Wanted::default()).await.unwrap();
    assert!(!snapshot.nodes.is_empty());
    let many = (0..20).map(|_| reader.nodes());
    assert!(futures_util::future::join_all(many).await.iter().all(Result::is_ok));

    // What docker says over there, and what ssh says here, is what the person reads.
    let missing = connect(&at(format!("{address}/no/such.sock"))).await.unwrap_err();
    let stranger = connect(&at(address.replacen("ssh://", "ssh://no-such-user-at-all@", 1).replacen(
        "at-all@root@",
        "at-all@",
        1,
    )))
    .await
    .unwrap_err();
    for (error, words) in [(missing, "such.sock"), (stranger, "Permission denied")] {
        assert!(matches!(error, EngineError::Unreachable { reason: Unreach::Ssh, .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(diagnose(&error).code, code::ENGINE_SSH);
    }
}
