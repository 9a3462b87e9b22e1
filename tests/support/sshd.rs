//! An sshd of a test's own on a loopback port, with a host key and one key that lets in. It ends with the test.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub struct Sshd {
    child: Child,
    dir: PathBuf,
    /// `USER@127.0.0.1:PORT`.
    pub at: String,
    port: u16,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sshd {
    /// `dir` gets its files: the keys `host` and `user`, and what it says. `options` is what the key may do, as in
    /// authorized_keys. `None` where there is no sshd.
    pub fn start(dir: &Path, options: &str) -> Option<Self> {
        let program = ["/usr/sbin/sshd", "/usr/bin/sshd"].into_iter().find(|path| Path::new(path).exists())?;
        // What sshd wants when it is started by root; elsewhere it does without.
        let _ = std::fs::create_dir_all("/run/sshd");
        keys(dir, &["host", "user"]);
        let user = std::fs::read_to_string(dir.join("user.pub")).unwrap();
        std::fs::write(dir.join("authorized"), format!("{options} {user}")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let at = dir.display();
        let config = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {at}/host\nAuthorizedKeysFile {at}/authorized\nPidFile none\n\
             StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n\
             AcceptEnv GIT_PROTOCOL\n"
        );
        std::fs::write(dir.join("sshd_config"), config).unwrap();
        let child = Command::new(program)
            .args(["-D", "-e", "-f"])
            .arg(dir.join("sshd_config"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(dir.join("sshd.log")).unwrap())
            .spawn()
            .unwrap();
        let name = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
        let at = format!("{}@127.0.0.1:{port}", name.trim());
        let sshd = Self { child, dir: dir.to_owned(), at, port };
        let up = (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        assert!(up, "sshd: {}", sshd.log());
        Some(sshd)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.join("sshd.log")).unwrap_or_default()
    }

    /// A line of known_hosts that gives it the public key of this file.
    pub fn known_as(&self, public: &Path) -> String {
        format!("[127.0.0.1]:{} {}", self.port, std::fs::read_to_string(public).unwrap())
    }
}

/// `NAME` and `NAME.pub` in a folder.
pub fn keys(dir: &Path, names: &[&str]) {
    for name in names {
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name]).current_dir(dir);
        let output = command.output().unwrap();
        assert!(output.status.success(), "ssh-keygen: {}", String::from_utf8_lossy(&output.stderr));
    }
}
