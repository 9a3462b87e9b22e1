//! Submodules: what `.gitmodules` says of them, and which addresses and credentials that may lead to.

use std::collections::BTreeMap;
use std::path::Path;

use super::address::{Address, Transport};
use super::mirror::Remote;
use super::{Access, GitError};

/// Address by path, from what `git config -z --list` prints of `.gitmodules`. The last one counts, as with git.
pub(super) fn listed(output: &str) -> BTreeMap<String, String> {
    let mut entries: BTreeMap<&str, (Option<&str>, Option<&str>)> = BTreeMap::new();
    for (key, value) in output.split('\0').filter_map(|entry| entry.split_once('\n')) {
        let Some((name, field)) = key.strip_prefix("submodule.").and_then(|rest| rest.rsplit_once('.')) else {
            continue;
        };
        let entry = entries.entry(name).or_default();
        match field {
            "path" => entry.0 = Some(value),
            "url" => entry.1 = Some(value),
            // What else there is says how to check them out.
            _ => {}
        }
    }
    let both =
        |(path, url): (Option<&str>, Option<&str>)| Some((path?.trim_end_matches('/').to_owned(), url?.to_owned()));
    entries.into_values().filter_map(both).collect()
}

/// Where a submodule is fetched from, and with what. A credential goes to the host that it is for and to no other; a path of
/// this machine is taken only beside a repository that lies on it too, and never among what is kept in `ours`.
pub(super) fn resolve(from: &Remote, url: &str, ours: &Path) -> Result<(Address, Access), GitError> {
    let is_relative = url.starts_with("./") || url.starts_with("../");
    let text = match is_relative {
        true => below(from.address.as_str(), url),
        false => Some(url.to_owned()),
    };
    let refused = |why: &str| Err(GitError::Address(format!("`{}` {why}", url.escape_debug())));
    let Some(text) = text else { return refused("leads out of the host that it is relative to") };
    let address = Address::parse(&text)?;
    let same = address.transport() == from.address.transport() && address.authority() == from.address.authority();
    if is_relative && !same {
        return refused("leads out of the host that it is relative to");
    }
    match (same, address.transport()) {
        (true, Transport::File) if !lies_beside(&from.address, &address, ours) => {
            refused("is no repository beside the one that names it")
        }
        (true, _) => Ok((address, from.access.clone())),
        (false, Transport::Https) if address.is_loopback() && !from.address.is_loopback() => {
            refused("leads to this machine")
        }
        (false, Transport::Https) => Ok((address, Access::default())),
        (false, _) => refused("is neither at the host of the repository that names it nor an https:// address"),
    }
}

/// As git does it: `../` takes away a part of the address, from its end.
fn below(base: &str, url: &str) -> Option<String> {
    let (mut base, mut rest, mut joint) = (base.trim_end_matches('/'), url, '/');
    loop {
        if let Some(more) = rest.strip_prefix("../") {
            let at = base.rfind('/').or_else(|| {
                joint = ':';
                base.rfind(':')
            });
            (base, rest) = (base.get(..at?)?, more);
        } else if let Some(more) = rest.strip_prefix("./") {
            rest = more;
        } else {
            return Some(format!("{base}{joint}{rest}").trim_end_matches('/').to_owned());
        }
    }
}

fn lies_beside(from: &Address, to: &Address, ours: &Path) -> bool {
    let real = |address: &Address| Path::new(address.local()?).canonicalize().ok();
    let (Some(from), Some(to)) = (real(from), real(to)) else { return false };
    let is_ours = ours.canonicalize().is_ok_and(|ours| to.starts_with(ours));
    from.parent().is_some_and(|around| to.starts_with(around)) && !is_ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::{Limits, Reference};

    #[test]
    fn a_list_is_read_by_path() {
        let output = "submodule.a.b.path\nlib/a\0submodule.a.b.url\n../a.git\0submodule.a.b.update\n!touch x\0\
                      submodule.x.url\nhttps://h/x\0submodule.y.path\ny/\0submodule.y.url\none\0submodule.y.url\ntwo\0\
                      core.bare\ntrue\0submodule.z.shallow\0";
        let expected = [("lib/a", "../a.git"), ("y", "two")].map(|(path, url)| (path.to_owned(), url.to_owned()));
        assert_eq!(listed(output), BTreeMap::from(expected));
        assert_eq!(listed(""), BTreeMap::new());
    }

    #[cfg(unix)]
    #[test]
    fn an_address_leads_to_its_own_host_with_the_credential_and_elsewhere_without() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path).to_str().unwrap().to_owned();
        for path in ["git/ops.git", "git/lib.git", "git/state/git/x", "other/lib.git"] {
            std::fs::create_dir_all(at(path)).unwrap();
        }
        let resolve = |from: &str, url: &str| {
            let access = Access { user: Some("deploy".into()), ..Access::default() };
            let (address, reference) = (Address::parse(from).unwrap(), Reference::Default);
            let from = Remote { address, access, reference, depth: None, limits: Limits::default() };
            let (address, access) = resolve(&from, url, Path::new(&at("git/state"))).ok()?;
            Some((address.as_str().to_owned(), access.user.is_some()))
        };
        let (https, ssh, scp) = ("https://h/acme/infra.git", "ssh://git@h:22/acme/infra.git", "git@h:acme/infra.git");
        let local = at("git/ops.git");
        for (from, url, to) in [
            (https, "../lib.git", Some(("https://h/acme/lib.git", true))),
            (https, "./lib", Some(("https://h/acme/infra.git/lib", true))),
            (https, "../../a/./b.git/", Some(("https://h/a/./b.git", true))),
            (https, "https://h/x/y", Some(("https://h/x/y", true))),
            (https, "https://other/x/y", Some(("https://other/x/y", false))),
            (https, "https://h:444/x/y", Some(("https://h:444/x/y", false))),
            (https, "../../../evil/x", None),
            (https, "../../../../evil/x", None),
            (https, "http://h/x", None),
            (https, "git@h:x", None),
            (https, "https://127.0.0.1/x", None),
            (https, "https://u:p@h/x", None),
            (https, "/etc", None),
            (https, "file:///etc", None),
            (https, "ext::sh", None),
            (https, "--upload-pack=x", None),
            (https, "-x", None),
            (https, "", None),
            (https, "lib", None),
            ("http://127.0.0.1:8/a/b", "../c", Some(("http://127.0.0.1:8/a/c", true))),
            ("http://127.0.0.1:8/a/b", "http://127.0.0.1:9/c", None),
            (ssh, "../lib.git", Some(("ssh://git@h:22/acme/lib.git", true))),
            (ssh, "ssh://root@h:22/x", None),
            (ssh, "ssh://git@other/x", None),
            (scp, "../lib.git", Some(("git@h:acme/lib.git", true))),
            (scp, "../../lib.git", Some(("git@h:lib.git", true))),
            (scp, "../../../lib.git", None),
            (scp, "git@h:x.git", Some(("git@h:x.git", true))),
            (&local, "../lib.git", Some((&at("git/lib.git"), true))),
            (&local, &at("git/lib.git"), Some((&at("git/lib.git"), true))),
            (&local, "../../other/lib.git", None),
            (&local, "../none.git", None),
            (&local, "../state/git/x", None),
            (&local, "../../git/../other/lib.git", None),
        ] {
            let found = resolve(from, url);
            assert_eq!(found.as_ref().map(|(to, own)| (to.as_str(), *own)), to, "{from} {url}");
        }
    }
}
