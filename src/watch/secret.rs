//! Secrets in files: read when they are needed, so that a new one counts at once, and kept nowhere.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use tokio::io::AsyncReadExt as _;

/// More is no token.
const LONGEST: u64 = 16 * 1024;

/// Every line that is not empty: the one that is good now, and those that still are. Words for a person where there is none.
pub async fn lines(path: &Path) -> Result<Vec<SecretString>, String> {
    let wrong = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let mut text = Vec::new();
    let file = tokio::fs::File::open(path).await.map_err(wrong)?;
    file.take(LONGEST).read_to_end(&mut text).await.map_err(wrong)?;
    let text = String::from_utf8(text).map_err(|_| format!("{} is no text", path.display()))?;
    let lines: Vec<SecretString> =
        text.lines().map(str::trim).filter(|l| !l.is_empty()).map(SecretString::from).collect();
    if lines.is_empty() { Err(format!("{} is empty", path.display())) } else { Ok(lines) }
}

/// The first line.
pub async fn first(path: &Path) -> Result<SecretString, String> {
    lines(path).await.map(|mut lines| lines.swap_remove(0))
}

/// Whether all of them can be read.
pub async fn check(paths: &[PathBuf]) -> Result<(), String> {
    for path in paths {
        lines(path).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[tokio::test]
    async fn an_empty_file_is_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        assert!(lines(&path).await.unwrap_err().contains("cannot be read"));
        for nothing in ["", "\n \r\n"] {
            std::fs::write(&path, nothing).unwrap();
            assert!(lines(&path).await.unwrap_err().contains("is empty"));
        }
        std::fs::write(&path, "new one\r\n\nold one\n").unwrap();
        let all = lines(&path).await.unwrap();
        assert_eq!(all.iter().map(|s| s.expose_secret()).collect::<Vec<_>>(), ["new one", "old one"]);
        assert!(!format!("{all:?}").contains("one"));
        assert_eq!(first(&path).await.unwrap().expose_secret(), "new one");
    }
}
