//! A token for git: at a path that git's helper can read, and on no disk.

use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use crate::system::lent;

/// As long as this is held.
#[derive(Debug)]
pub struct Lent(lent::Lent);

impl Lent {
    /// Words where it cannot be lent.
    pub fn new(token: &SecretString) -> Result<Self, String> {
        lent::Lent::new(token.expose_secret().as_bytes())
            .map(Self)
            .map_err(|error| format!("a token cannot be handed to git: {error}"))
    }

    /// For who runs as this user, while this process lives.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn another_process_reads_it_as_often_as_it_likes_and_nothing_shows_it() {
        let lent = Lent::new(&SecretString::from("ghs_marker")).unwrap();
        for _ in 0..2 {
            let output = std::process::Command::new("head").args(["-n", "1"]).arg(lent.path()).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), "ghs_marker");
        }
        assert!(lent.path().is_file() && !format!("{lent:?}").contains("marker"));
        let path = lent.path().to_owned();
        drop(lent);
        assert!(!path.exists());
    }
}
