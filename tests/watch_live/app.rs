//! A repository that only a GitHub App may read, and statuses that only it may write.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

use crate::bench::Bench;
use crate::forge::{App, Forge};

const WEB: &str = "services: {web: {image: IMAGE, deploy: {replicas: 0}}}\n";

/// A key as GitHub hands it out, in this file.
fn key(bench: &Bench, file: &str) -> Vec<u8> {
    let path = bench.path().join(file);
    let output =
        Command::new("openssl").args(["genrsa", "-traditional", "-out"]).arg(&path).arg("2048").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let PrivateKeyDer::Pkcs1(key) = PrivateKeyDer::from_pem_file(&path).unwrap() else { panic!("{file} is no PKCS#1") };
    let pair = ring::signature::RsaKeyPair::from_der(key.secret_pkcs1_der()).unwrap();
    pair.public().as_ref().to_vec()
}

fn settings(bench: &Bench, forge: &Forge, file: &str) {
    let app = format!("{{app_id: 12, installation_id: 34, private_key_file: {file}, api: \"http://{}\"}}", forge.at);
    let text = format!(
        "state: state\npoll: 2s\nsources: {{ops: {{git: \"http://{}/acme/infra.git\", ref: main, github_app: {app}}}}}\n\
         stacks: [{{name: {}, source: ops}}]\nnotify: [{{github_status: {{github_app: {app}}}}}]\n",
        forge.at, bench.stack
    );
    std::fs::write(bench.path().join("stackup.yaml"), text).unwrap();
}

#[test]
fn a_github_app_reads_and_reports_with_tokens_that_do_not_live_long() {
    let Some(bench) = Bench::new("app") else { return };
    let bare = bench.path().join("git/acme/infra.git");
    bench.git(&["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
    let push = |compose: &str| {
        bench.push(compose);
        bench.git(&["-C", "work", "push", "-q", "-f", bare.to_str().unwrap(), "HEAD:main"]);
        bench.git(&["-C", "work", "rev-parse", "HEAD"])
    };
    let public_key = key(&bench, "app.pem");
    let app = Arc::new(App { id: 12, installation: 34, public_key, life: 6, tokens: Mutex::default() });
    let forge = Forge::serve_app(bench.path().join("git"), app.clone());
    let first = push(WEB);

    // A key of somebody else gets no token, and what is none is said to be none.
    key(&bench, "other.pem");
    settings(&bench, &forge, "other.pem");
    bench.once(1).says("GitHub App 12: no token, but 401");
    std::fs::write(bench.path().join("none.pem"), "hello\n").unwrap();
    settings(&bench, &forge, "none.pem");
    bench.once(1).says("none.pem is no private key of a GitHub App");
    assert!(app.tokens.lock().unwrap().is_empty() && !bench.has("web"));

    settings(&bench, &forge, "app.pem");
    let mut watcher = bench.watch();
    watcher.is("synced");
    forge.until(&first, "success");
    // One for each right, however often the source was asked meanwhile.
    let rights: Vec<String> = app.tokens.lock().unwrap().iter().map(|(.., right)| right.clone()).collect();
    assert!(rights.len() >= 2 && rights[0] == "{\"contents\":\"read\"}", "{rights:?}");
    assert!(rights.contains(&"{\"statuses\":\"write\"}".to_owned()), "{rights:?}");

    // By now they have all expired: others are fetched, and it goes on.
    std::thread::sleep(Duration::from_secs(7));
    let second = push("services: {web: {image: IMAGE, deploy: {replicas: 0}, labels: {a: b}}}\n");
    forge.until(&second, "success");
    let handed_out = app.tokens.lock().unwrap().len();
    assert!((4..12).contains(&handed_out), "{handed_out}");
    let said = watcher.said();
    assert!(!said.contains("ghs_marker") && !said.contains("cannot be followed"), "{said}");
    assert_eq!(watcher.stop(), 0);
    let found = Command::new("grep").args(["-r", "-l", "ghs_marker"]).arg(bench.path().join("state")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
}
