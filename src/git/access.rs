//! Credentials: which there are, and how git gets at them without their showing in an argument or an environment.

use std::path::{Path, PathBuf};

use super::GitError;
use super::address::{Address, Transport};

/// What a remote may be asked with. Only paths are kept: the bytes are read by who needs them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Private key for ssh. With one, nothing else of this user's ssh is used: no agent, no configuration.
    pub key_file: Option<PathBuf>,
    /// Keys of hosts. Without it, those that this user's ssh knows; a host that is not known is never spoken to.
    pub known_hosts: Option<PathBuf>,
    /// File whose first line is the token or password.
    pub token_file: Option<PathBuf>,
    /// User name that goes with it.
    pub user: Option<String>,
}

/// GitHub wants it; GitLab and Gitea take any with a token.
const USER: &str = "x-access-token";

/// Reads the token when git asks for it: `printf` is the shell's own, so nothing shows in a list of processes.
const HELPER: &str = r#"!f() { if test "$1" = get; then printf 'username=%s\n' "$STACKUP_GIT_USER"; printf 'password=%s\n' "$(head -n 1 "$STACKUP_GIT_TOKEN" | tr -d '\r\n')"; fi; }; f"#;

/// Variables and settings for one run of git.
#[derive(Clone, Debug, Default)]
pub(super) struct Means {
    pub variables: Vec<(&'static str, String)>,
    pub config: Vec<(String, String)>,
}

impl Access {
    /// Whether these credentials and this address go together.
    pub fn check(&self, address: &Address) -> Result<(), GitError> {
        let http = matches!(address.transport(), Transport::Http | Transport::Https);
        let refused = |why: String| Err(GitError::Address(why));
        if self.token_file.is_some() && !http {
            return refused(format!("a token is for https, and the address is of {}", address.transport().as_str()));
        }
        if self.token_file.is_some() && address.transport() == Transport::Http && !address.is_loopback() {
            return refused("http:// would send the token in clear: use https://".to_owned());
        }
        if (self.key_file.is_some() || self.known_hosts.is_some()) && address.transport() != Transport::Ssh {
            return refused(format!("a key is for ssh, and the address is of {}", address.transport().as_str()));
        }
        for path in [&self.key_file, &self.known_hosts, &self.token_file].into_iter().flatten() {
            let odd = |text: &str| text.chars().any(|c| c.is_control() || matches!(c, '"' | '%' | '$'));
            if path.to_str().is_none_or(odd) {
                return refused(format!("`{}` has a character that ssh would not take as it is", path.display()));
            }
            if !path.is_file() {
                return Err(GitError::Local(format!("{} cannot be read: no such file", path.display())));
            }
        }
        Ok(())
    }

    /// For an address that [`check`](Self::check) let pass.
    pub(super) fn means(&self, address: &Address) -> Means {
        let mut means = Means::default();
        if address.transport() == Transport::Ssh {
            means.variables.push(("GIT_SSH_COMMAND", self.ssh()));
            means.variables.push(("GIT_SSH_VARIANT", "ssh".to_owned()));
        }
        if let (Some(file), Some(host)) = (&self.token_file, address.host()) {
            let scheme = address.transport().as_str();
            means.config.push((format!("credential.{scheme}://{host}.helper"), HELPER.to_owned()));
            means.variables.push(("STACKUP_GIT_TOKEN", file.to_string_lossy().into_owned()));
            means.variables.push(("STACKUP_GIT_USER", self.user.clone().unwrap_or_else(|| USER.to_owned())));
        }
        means
    }

    /// ssh that asks nobody and trusts nobody new.
    fn ssh(&self) -> String {
        let mut options: Vec<String> = [
            "BatchMode=yes",
            "StrictHostKeyChecking=yes",
            "UpdateHostKeys=no",
            "VerifyHostKeyDNS=no",
            "PasswordAuthentication=no",
            "KbdInteractiveAuthentication=no",
            "ForwardAgent=no",
            "PermitLocalCommand=no",
            "ConnectTimeout=10",
            "ServerAliveInterval=15",
            "ServerAliveCountMax=2",
        ]
        .map(str::to_owned)
        .to_vec();
        if let Some(path) = &self.known_hosts {
            options.push(format!("UserKnownHostsFile=\"{}\"", path.display()));
            options.push("GlobalKnownHostsFile=/dev/null".to_owned());
        }
        let mut command = "ssh".to_owned();
        if let Some(path) = &self.key_file {
            options.extend(["IdentitiesOnly=yes".to_owned(), "IdentityAgent=none".to_owned()]);
            command.push_str(&format!(" -F /dev/null -i {}", quoted(path)));
        }
        for option in options {
            command.push_str(&format!(" -o {}", quoted(Path::new(&option))));
        }
        command
    }
}

/// For a shell: git hands the command to one.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    #[test]
    fn a_credential_goes_only_where_it_belongs() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("it's");
        std::fs::write(&file, "hunter2\n").unwrap();
        let token = Access { token_file: Some(file.clone()), ..Access::default() };
        let key = Access { key_file: Some(file.clone()), ..Access::default() };
        assert!(token.check(&address("https://h/x")).is_ok() && token.check(&address("http://127.0.0.1/x")).is_ok());
        assert!(key.check(&address("git@h:x")).is_ok());
        for (access, at) in [(&token, "http://h/x"), (&token, "git@h:x"), (&key, "https://h/x"), (&key, "/x")] {
            assert!(matches!(access.check(&address(at)), Err(GitError::Address(_))), "{at}");
        }
        let gone = Access { token_file: Some(folder.path().join("gone")), ..Access::default() };
        assert!(matches!(gone.check(&address("https://h/x")), Err(GitError::Local(_))));

        let means = token.means(&address("https://git.example.org:8443/x"));
        assert_eq!(means.config[0].0, "credential.https://git.example.org:8443.helper");
        assert!(!format!("{means:?}").contains("hunter2"));
        let ssh = &key.means(&address("git@h:x")).variables[0].1;
        assert!(ssh.contains(r"it'\''s'") && ssh.contains("-o 'StrictHostKeyChecking=yes'"), "{ssh}");
    }
}
