//! Keys by the real gpg, commits and tags by the real git.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::git::{Access, Address, Limits, Mirror, Program, Reference, Remote, Signed, Signers, Unsigned};
use crate::system::testing::set_mode;

/// A home of gpg and a repository.
struct Bench {
    folder: TempDir,
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").args(["--kill", "all"]).env("GNUPGHOME", self.at("home")).status();
    }
}

impl Bench {
    /// `None`, with a notice, where there is no gpg.
    fn new() -> Option<Self> {
        if Command::new("gpg").arg("--version").output().is_err() {
            assert!(std::env::var_os("STACKUP_NO_SKIP").is_none(), "would be skipped: gpg is not installed");
            #[allow(clippy::print_stderr, reason = "a test that could not run says so")]
            {
                eprintln!("skipped: gpg is not installed");
            }
            return None;
        }
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["home", "work"] {
            std::fs::create_dir(bench.at(folder)).unwrap();
        }
        set_mode(&bench.at("home"), 0o700);
        bench.git(&["init", "-q", "-b", "main", "."]);
        Some(bench)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn gpg(&self, arguments: &[&str], input: &str) -> String {
        let input_file = self.at("input");
        std::fs::write(&input_file, input).unwrap();
        let mut command = Command::new("gpg");
        command.args(["--batch", "--yes", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""]);
        run(command.args(arguments).env("GNUPGHOME", self.at("home")).stdin(std::fs::File::open(input_file).unwrap()))
    }

    /// Its fingerprint.
    fn key(&self, name: &str, more: &[&str], kind: [&str; 3]) -> String {
        self.gpg(&[more, &["--quick-gen-key", &format!("{name} <{name}@example.org>")], &kind].concat(), "");
        let listed = self.gpg(&["--with-colons", "--list-keys", name], "");
        fingerprints(&listed).remove(0)
    }

    fn export(&self, keys: &[&str]) -> String {
        self.gpg(&[&["--armor", "--export"], keys].concat(), "")
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.at("work")).env("GNUPGHOME", self.at("home"));
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let who = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];
        run(command.envs(who.map(|name| (name, "ada@example.org"))))
    }

    /// A commit on a branch of its own, signed by gpg with these options.
    fn commit(&self, branch: &str, key: Option<&str>, options: &str) {
        let program = self.at(&format!("gpg-{branch}"));
        std::fs::write(&program, format!("#!/bin/sh\nexec gpg --batch --no-tty --passphrase '' {options} \"$@\"\n"))
            .unwrap();
        set_mode(&program, 0o700);
        self.git(&["switch", "-q", "--orphan", branch]);
        let program = format!("gpg.program={}", program.display());
        let sign = key.map(|key| format!("-S{key}!"));
        let mut arguments = vec!["-c", &program, "commit", "-q", "--allow-empty", "-m", branch];
        arguments.extend(sign.as_deref());
        self.git(&arguments);
    }

    async fn verify(&self, name: &str, keys: &str) -> Result<Signed, Unsigned> {
        std::fs::write(self.at("keys.asc"), keys).unwrap();
        let remote = Remote {
            address: Address::parse(self.at("work").to_str().unwrap()).unwrap(),
            access: Access::default(),
            reference: Reference::parse(name).unwrap(),
            depth: None,
            limits: Limits { time: Duration::from_secs(600), ..Limits::default() },
        };
        let program = Program::new(std::env::vars(), self.at("nowhere"));
        let mirror = Mirror::new(program, &self.at("state"), remote).unwrap();
        let fetched = mirror.fetch().await.unwrap();
        mirror.verify(&fetched, &Signers { ssh: None, pgp: Some(self.at("keys.asc")) }).await
    }

    #[track_caller]
    fn refuses(&self, refused: Result<Signed, Unsigned>, words: &str) {
        match refused {
            Err(Unsigned::Refused(_, why)) if why.contains(words) => {}
            other => panic!("not `{words}`, but {other:?}"),
        }
    }
}

#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn fingerprints(listed: &str) -> Vec<String> {
    let lines = listed.lines().filter_map(|line| line.strip_prefix("fpr:"));
    lines.map(|rest| rest.split(':').find(|field| !field.is_empty()).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn only_what_a_key_of_the_file_signed_is_taken() {
    let Some(bench) = Bench::new() else { return };
    let ada = bench.key("ada", &[], ["ed25519", "sign", "never"]);
    let eve = bench.key("eve", &[], ["ed25519", "sign", "never"]);
    let rsa = bench.key("rsa", &[], ["rsa2048", "sign", "never"]);
    let both = bench.export(&[&ada, &rsa]);
    bench.commit("good", Some(&ada), "");
    bench.commit("other", Some(&eve), "");
    bench.commit("bare", None, "");
    bench.commit("rsa", Some(&rsa), "");
    bench.commit("sha1", Some(&rsa), "--digest-algo SHA1");
    bench.git(&["-c", "gpg.program=gpg", "tag", "-u", &ada, "-m", "x", "v1", "bare"]);

    let signed = bench.verify("good", &both).await.unwrap();
    assert_eq!((signed.principal.as_str(), signed.fingerprint), ("ada <ada@example.org>", ada.clone()));
    assert!(bench.verify("rsa", &both).await.is_ok() && bench.verify("v1", &both).await.is_ok());
    // One block after the other, as `cat` makes them.
    assert!(bench.verify("good", &format!("{}\n{}\n", bench.export(&[&rsa]), bench.export(&[&ada]))).await.is_ok());
    bench.refuses(bench.verify("bare", &both).await, "it has no PGP signature");
    bench.refuses(bench.verify("other", &both).await, &format!("signed with {eve}, which is not among the keys"));
    bench.refuses(bench.verify("sha1", &both).await, "SHA1");

    // The signature of one over another, in a commit and in a tag.
    let raw = format!("{}\n", bench.git(&["cat-file", "commit", "good"]).replace("\n\ngood", "\n\nevil"));
    std::fs::write(bench.at("raw"), raw).unwrap();
    let id = bench.git(&["hash-object", "-t", "commit", "-w", "../raw"]);
    bench.git(&["branch", "forged", &id]);
    bench.refuses(bench.verify("forged", &both).await, "it was changed after the key");
    let other = bench.git(&["rev-parse", "other"]);
    let bare = bench.git(&["rev-parse", "bare"]);
    let raw = format!("{}\n", bench.git(&["cat-file", "tag", "v1"]).replace(&bare, &other));
    std::fs::write(bench.at("raw"), raw).unwrap();
    let id = bench.git(&["hash-object", "-t", "tag", "-w", "../raw"]);
    bench.git(&["update-ref", "refs/tags/v2", &id]);
    bench.refuses(bench.verify("v2", &both).await, "which is not among the keys");

    for (keys, words) in [
        ("", "names no key"),
        ("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n", "no keys of OpenPGP"),
    ] {
        let refused = bench.verify("good", keys).await;
        assert!(matches!(&refused, Err(Unsigned::Signers(why)) if why.contains(words)), "{refused:?}");
    }
    let private = bench.gpg(&["--armor", "--export-secret-keys", &ada], "");
    assert!(matches!(bench.verify("good", &private).await, Err(Unsigned::Signers(why)) if why.contains("private")));
}

#[tokio::test]
async fn a_key_that_expired_was_revoked_or_is_for_something_else_signs_nothing() {
    let Some(bench) = Bench::new() else { return };
    let then = "--faked-system-time=20200101T000000!";
    let old = bench.key("old", &[then], ["ed25519", "sign", "1d"]);
    bench.commit("old", Some(&old), then);
    bench.refuses(bench.verify("old", &bench.export(&[&old])).await, "expired on 2020-01-02");

    let gone = bench.key("gone", &[], ["ed25519", "sign", "never"]);
    bench.commit("gone", Some(&gone), "");
    assert!(bench.verify("gone", &bench.export(&[&gone])).await.is_ok());
    let revocation = std::fs::read_to_string(bench.at("home").join(format!("openpgp-revocs.d/{gone}.rev"))).unwrap();
    bench.gpg(&["--import"], &revocation.replace(":-----BEGIN", "-----BEGIN"));
    bench.refuses(bench.verify("gone", &bench.export(&[&gone])).await, "was revoked");

    let weak = bench.key("weak", &[], ["rsa1024", "sign", "never"]);
    bench.commit("weak", Some(&weak), "");
    bench.refuses(bench.verify("weak", &bench.export(&[&weak])).await, "less than 2048 bits");

    // A primary key that only certifies, with a subkey that signs; and what becomes of the subkey.
    let top = bench.key("top", &[], ["ed25519", "cert", "never"]);
    bench.gpg(&["--quick-add-key", &top, "ed25519", "sign", "never"], "");
    let sub = fingerprints(&bench.gpg(&["--with-colons", "--list-keys", &top], "")).remove(1);
    bench.commit("sub", Some(&sub), "");
    let signed = bench.verify("sub", &bench.export(&[&top])).await.unwrap();
    assert_eq!((signed.principal.as_str(), signed.fingerprint), ("top <top@example.org>", top.clone()));
    let home = bench.at("home");
    revoke_subkey(&home, &top);
    bench.refuses(bench.verify("sub", &bench.export(&[&top])).await, "was revoked");
}

fn revoke_subkey(home: &Path, key: &str) {
    use std::io::Write as _;
    let mut command = Command::new("gpg");
    command.args(["--no-tty", "--yes", "--pinentry-mode", "loopback", "--passphrase", "", "--command-fd", "0"]);
    command.args(["--edit-key", key]).env("GNUPGHOME", home).stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"key 1\nrevkey\ny\n0\n\ny\nsave\n").unwrap();
    assert!(child.wait().unwrap().success());
}
