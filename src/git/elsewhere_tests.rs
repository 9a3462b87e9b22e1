//! Submodules and files of LFS, of real repositories on this machine.

use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::tests::run;
use super::*;

/// Repositories beside one another.
struct Street(TempDir);

impl Street {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn git(&self, name: &str, arguments: &[&str]) -> String {
        run(&self.0.path().join(name), "git", arguments)
    }

    /// A commit of these files alone, and of submodules: path, commit, address.
    fn commit(&self, name: &str, files: &[(&str, &str)], modules: &[(&str, &str, &str)]) -> String {
        let folder = self.0.path().join(name);
        if !folder.exists() {
            run(self.0.path(), "git", &["init", "-q", "-b", "main", name]);
        }
        self.git(name, &["rm", "-r", "-q", "--cached", "--ignore-unmatch", "."]);
        let list = |(path, _, url): &(&str, &str, &str)| {
            format!("[submodule \"{path}\"]\n\tpath = {path}\n\turl = {url}\n\tupdate = checkout\n")
        };
        let list: String = modules.iter().map(list).collect();
        let list = [(".gitmodules", list.as_str())];
        for (path, text) in files.iter().chain(list.iter().filter(|_| !modules.is_empty())) {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            match text.strip_prefix("-> ") {
                Some(target) => crate::system::testing::symlink(target, &path),
                None => std::fs::write(path, text).unwrap(),
            }
        }
        self.git(name, &["add", "-A"]);
        for (path, commit, _) in modules {
            self.git(name, &["update-index", "--add", "--cacheinfo", &format!("160000,{commit},{path}")]);
        }
        self.git(name, &["commit", "-q", "--allow-empty", "-m", "Change it"]);
        self.git(name, &["rev-parse", "HEAD"])
    }

    fn mirror(&self, name: &str) -> Mirror {
        let program = Program::new(std::env::vars(), self.0.path().join("home"));
        let remote = Remote {
            address: Address::parse(self.0.path().join(name).to_str().unwrap()).unwrap(),
            access: Access::default(),
            reference: Reference::parse("main").unwrap(),
            depth: None,
            limits: Limits { time: Duration::from_secs(600), ..Limits::default() },
        };
        Mirror::new(program, &self.0.path().join("state"), remote).unwrap()
    }

    async fn tree(&self, name: &str, beyond: Beyond) -> Tree {
        let mirror = self.mirror(name);
        let fetched = mirror.fetch().await.unwrap();
        mirror.tree_beyond(&fetched.commit, beyond).unwrap()
    }

    /// Folders of copies.
    fn copies(&self) -> usize {
        std::fs::read_dir(self.0.path().join("state/git")).unwrap().count()
    }
}

const MODULES: Beyond = Beyond { submodules: true, lfs: false };

/// Reads until nothing more is asked for.
async fn read(tree: &Tree, path: &str) -> Result<String, String> {
    loop {
        let read = tree.read(path);
        if !tree.is_awaited() {
            return read.map(|bytes| String::from_utf8(bytes).unwrap()).map_err(|why| why.to_string());
        }
        assert_eq!(read, Err(ReadError::Awaited), "{path}");
        tree.fill().await;
    }
}

#[tokio::test]
async fn files_of_submodules_are_read_at_the_commits_that_are_named() {
    let street = Street::new();
    let deep = street.commit("deep", &[("d.conf", "deep\n"), ("up", "-> ../../top.conf")], &[]);
    let old = street.commit("lib", &[("a.conf", "old\n")], &[("inner", &deep, "../deep")]);
    // Ahead of what is named, and not taken.
    street.commit("lib", &[("a.conf", "new\n")], &[("inner", &deep, "../deep")]);
    let unasked = street.commit("unasked", &[("x", "x")], &[]);
    let files = [("top.conf", "top\n"), ("link", "-> vendor/lib/a.conf")];
    let modules = [("vendor/lib", old.as_str(), "../lib"), ("unasked", unasked.as_str(), "../unasked")];
    street.commit("top", &files, &modules);

    let off = street.tree("top", Beyond::default()).await;
    assert_eq!(off.read("vendor/lib/a.conf"), Err(ReadError::Submodule));
    assert!(!off.is_awaited());
    let tree = street.tree("top", MODULES).await;
    for (path, text) in [
        ("vendor/lib/a.conf", "old\n"),
        ("link", "old\n"),
        ("vendor/lib/inner/d.conf", "deep\n"),
        ("vendor/lib/../../top.conf", "top\n"),
        ("vendor/lib/inner/../a.conf", "old\n"),
    ] {
        assert_eq!(read(&tree, path).await.as_deref(), Ok(text), "{path}");
    }
    // The links of a submodule end where the source does.
    assert_eq!(read(&tree, "vendor/lib/inner/up").await, Err("no such file".into()));
    assert_eq!(read(&tree, "vendor/lib/none").await, Err("no such file".into()));
    assert_eq!(read(&tree, "vendor/lib/../../../x").await, Err("it leaves the repository".into()));
    assert_eq!(tree.refusals(), []);
    assert_eq!(street.copies(), 3, "what nobody reads is not fetched");
    let listed = tree.files(&|path| path.starts_with("vendor")).unwrap();
    assert_eq!(
        listed,
        [".gitmodules", "top.conf", "vendor/lib/.gitmodules", "vendor/lib/a.conf", "vendor/lib/inner/d.conf"]
    );
    assert_eq!(tree.files(&|_| false).unwrap(), [".gitmodules", "top.conf"]);

    // What is here is read with nobody there to ask.
    std::fs::rename(street.0.path().join("lib"), street.0.path().join("gone")).unwrap();
    let again = street.tree("top", MODULES).await;
    assert!(read(&again, "vendor/lib/a.conf").await.is_err_and(|why| why.contains("is no repository beside")));
    std::fs::create_dir(street.0.path().join("lib")).unwrap();
    let again = street.tree("top", MODULES).await;
    assert_eq!(read(&again, "vendor/lib/a.conf").await.as_deref(), Ok("old\n"));
    assert_eq!(street.copies(), 3);
}

#[tokio::test]
async fn a_submodule_that_leads_astray_is_refused_and_the_rest_is_read() {
    let street = Street::new();
    let lib = street.commit("lib", &[("a", "a\n")], &[]);
    let none = "1".repeat(40);
    let inside = Street(tempfile::tempdir_in(street.0.path()).unwrap());
    let modules = [
        ("ext", lib.as_str(), "\"ext::sh -c touch% PWNED\""),
        ("out", &lib, "../../lib"),
        ("etc", &lib, "/etc"),
        ("ours", &lib, "../state/git"),
        ("clear", &lib, "http://git.example.test/x"),
        ("gone", &none, "../none"),
        ("here", &none, "./"),
        ("good", &none, "../lib"),
        ("self", &lib, "../top"),
    ];
    inside.commit("lib", &[("a", "a\n")], &[]);
    inside.commit("top", &[("a", "a\n")], &modules);
    inside.git("top", &["update-index", "--add", "--cacheinfo", &format!("160000,{lib},unlisted")]);
    inside.git("top", &["commit", "-q", "-m", "one more"]);
    let tree = inside.tree("top", MODULES).await;
    for (path, why) in [
        ("ext", "it has a space"),
        ("out", "is no repository beside the one that names it"),
        ("etc", "is no repository beside the one that names it"),
        ("ours", "is no repository beside the one that names it"),
        ("clear", "is neither at the host of the repository that names it nor an https:// address"),
        ("self", "it leads back to a repository that it is in"),
        ("gone", "is no repository beside the one that names it"),
        ("here", "it leads back to a repository that it is in"),
        ("good", "the repository has no"),
        ("unlisted", "`.gitmodules` has no address for it"),
    ] {
        let said = read(&tree, &format!("{path}/a")).await.unwrap_err();
        let begin = format!("it is in the submodule `{path}`, which cannot be had: ");
        assert!(said.starts_with(&begin) && said.contains(why), "{path}: {said}");
    }
    assert_eq!(read(&tree, "a").await.as_deref(), Ok("a\n"));
    assert_eq!(tree.refusals().len(), 10);
    assert!(tree.files(&|path| path == "etc").is_err_and(|why| why.to_string().contains("`etc`")));
    assert_eq!(tree.files(&|_| false).unwrap(), [".gitmodules", "a"]);

    // One in another without end.
    let mut commit = inside.commit("n0", &[("a", "bottom\n")], &[]);
    for i in 1..=9 {
        commit = inside.commit(&format!("n{i}"), &[], &[("m", &commit, &format!("../n{}", i - 1))]);
    }
    let tree = inside.tree("n9", MODULES).await;
    let said = read(&tree, &format!("{}a", "m/".repeat(9))).await.unwrap_err();
    assert!(said.contains("submodules lie more than 8 deep in one another"), "{said}");
    let tree = inside.tree("n8", MODULES).await;
    assert_eq!(read(&tree, &format!("{}a", "m/".repeat(8))).await.as_deref(), Ok("bottom\n"));
    assert!(!Path::new("/PWNED").exists() && !inside.0.path().join("home/PWNED").exists());
}

#[tokio::test]
async fn a_file_of_lfs_is_what_its_pointer_names_or_is_refused() {
    let street = Street::new();
    let pointer = |bytes: &[u8], size: u64| {
        let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let text = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {size}\n");
        (text, format!("lfs/objects/{}/{}/{digest}", &digest[..2], &digest[2..4]))
    };
    let ((here, path), (gone, _), (huge, _)) = (pointer(b"here", 4), pointer(b"gone", 4), pointer(b"huge", 1 << 40));
    let odd = "version https://git-lfs.github.com/spec/v1\noid sha256:../../x\nsize 1\n";
    street.commit("top", &[("here", &here), ("gone", &gone), ("huge", &huge), ("odd", odd)], &[]);
    let lfs = Beyond { submodules: false, lfs: true };
    let tree = street.tree("top", lfs).await;
    let stored = street.mirror("top").git_dir().join(path);
    std::fs::create_dir_all(stored.parent().unwrap()).unwrap();
    std::fs::write(&stored, "here").unwrap();
    assert_eq!(tree.read("here").as_deref(), Ok(&b"here"[..]));
    assert!(!tree.is_awaited());
    assert_eq!(tree.read("huge"), Err(ReadError::TooLarge));
    assert_eq!(read(&tree, "odd").await, Err("it begins as a pointer of Git LFS does, and is none".into()));
    // There is nobody who has it, or no program to ask with.
    let said = read(&tree, "gone").await.unwrap_err();
    assert!(said.starts_with("it is kept by Git LFS, and cannot be had: "), "{said}");
    assert_eq!(tree.refusals().len(), 1);
    let off = street.tree("top", MODULES).await;
    assert_eq!(off.read("here"), Err(ReadError::Lfs));
}
