//! Whether the files are still those that a saved plan was made from.

use super::model::FileDigest;
use crate::plan::Stale;

/// `now` is what was read this time, with the same key; a digest that one of the two lacks is not compared.
pub fn stale_sources(then: &[FileDigest], now: &[FileDigest]) -> Vec<Stale> {
    let find = |list: &'_ [FileDigest], path: &str| list.iter().find(|file| file.path == path).cloned();
    let differs = |a: &Option<String>, b: &Option<String>| a.as_ref().zip(b.as_ref()).is_some_and(|(a, b)| a != b);
    let mut stale = Vec::new();
    for file in then {
        let why = match find(now, &file.path) {
            None => "is not read any more",
            Some(found) if differs(&file.sha256, &found.sha256) || differs(&file.hmac, &found.hmac) => {
                "is another one than when it was planned"
            }
            Some(_) => continue,
        };
        stale.push(Stale::new(file.path.clone(), why));
    }
    let new = now.iter().filter(|file| find(then, &file.path).is_none());
    stale.extend(new.map(|file| Stale::new(file.path.clone(), "is read now; when planned it was not")));
    stale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, sha256: Option<&str>, hmac: Option<&str>) -> FileDigest {
        FileDigest { path: path.into(), sha256: sha256.map(str::to_owned), hmac: hmac.map(str::to_owned) }
    }

    #[test]
    fn every_difference_is_named() {
        let then = [file("a.yml", Some("1"), None), file("b.env", None, Some("2")), file("c.env", None, None)];
        assert!(stale_sources(&then, &then).is_empty());
        let now = [file("a.yml", Some("9"), None), file("c.env", None, Some("3")), file("d.env", None, None)];
        let said: Vec<String> =
            stale_sources(&then, &now).iter().map(|stale| format!("{} {}", stale.address, stale.why)).collect();
        assert_eq!(
            said,
            [
                "a.yml is another one than when it was planned",
                "b.env is not read any more",
                "d.env is read now; when planned it was not"
            ]
        );
    }
}
