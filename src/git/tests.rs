//! Mirrors of real repositories on this machine, fetched by the real git.

use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{Oid, Repository, Signature};
use tempfile::TempDir;

use super::*;

/// A remote, with a folder for what we keep of it.
struct Bench {
    folder: TempDir,
    remote: Repository,
}

/// Mode, path, content.
type Entry<'a> = (i32, &'a str, &'a str);

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let remote = Repository::init_bare(folder.path().join("remote.git")).unwrap();
        remote.set_head("refs/heads/main").unwrap();
        Self { folder, remote }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("remote.git")
    }

    /// A commit of these files alone.
    fn commit(&self, branch: &str, entries: &[Entry<'_>], parents: &[Oid]) -> Oid {
        let mut builder = git2::build::TreeUpdateBuilder::new();
        for (mode, path, content) in entries {
            let blob = match *mode {
                0o160_000 => Oid::from_str(&"1".repeat(40)).unwrap(),
                _ => self.remote.blob(content.as_bytes()).unwrap(),
            };
            let mode = match *mode {
                0o120_000 => git2::FileMode::Link,
                0o160_000 => git2::FileMode::Commit,
                _ => git2::FileMode::Blob,
            };
            builder.upsert(*path, blob, mode);
        }
        let empty = self.remote.find_tree(self.remote.treebuilder(None).unwrap().write().unwrap()).unwrap();
        let tree = builder.create_updated(&self.remote, &empty).unwrap();
        let tree = self.remote.find_tree(tree).unwrap();
        let who = Signature::now("Ada", "ada@example.org").unwrap();
        let parents: Vec<git2::Commit<'_>> = parents.iter().map(|id| self.remote.find_commit(*id).unwrap()).collect();
        let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
        let id = self.remote.commit(None, &who, &who, "Change it\n\nmore", &tree, &parents).unwrap();
        self.remote.reference(&format!("refs/heads/{branch}"), id, true, "").unwrap();
        id
    }

    fn file(&self, branch: &str, content: &str, parents: &[Oid]) -> Oid {
        self.commit(branch, &[(0o100_644, "web/compose.yaml", content)], parents)
    }

    fn program(&self) -> Program {
        Program::new(std::env::vars(), self.folder.path().join("home"))
    }

    fn mirror(&self, reference: Reference) -> Mirror {
        self.mirror_at(&self.path(), reference, None)
    }

    fn mirror_at(&self, path: &Path, reference: Reference, depth: Option<u32>) -> Mirror {
        let limits = Limits { time: Duration::from_secs(600), ..Limits::default() };
        let address = Address::parse(path.to_str().unwrap()).unwrap();
        let remote = Remote { address, access: Access::default(), reference, depth, limits };
        Mirror::new(self.program(), &self.folder.path().join("state"), remote).unwrap()
    }
}

fn named(name: &str) -> Reference {
    Reference::parse(name).unwrap()
}

#[tokio::test]
async fn a_branch_is_followed_forwards_and_when_it_is_rewritten() {
    let bench = Bench::new();
    let mirror = bench.mirror(Reference::Default);
    assert!(matches!(mirror.fetch().await, Err(GitError::NoReference(_))), "an empty repository");

    let first = bench.file("main", "a: 1\n", &[]);
    let fetched = mirror.fetch().await.unwrap();
    assert_eq!((fetched.commit.as_str(), fetched.change), (first.to_string().as_str(), Change::First));
    assert_eq!(mirror.fetch().await.unwrap().change, Change::Same);
    let tree = mirror.tree(&fetched.commit).unwrap();
    assert_eq!(tree.read("web/compose.yaml").unwrap(), b"a: 1\n");
    let summary = tree.summary();
    assert_eq!((summary.subject.as_str(), summary.author.as_str()), ("Change it", "Ada"));

    let second = bench.file("main", "a: 2\n", &[first]);
    let fetched = mirror.fetch().await.unwrap();
    assert_eq!((fetched.commit.as_str(), fetched.change), (second.to_string().as_str(), Change::Forward));
    bench.file("main", "a: 3\n", &[]);
    assert_eq!(mirror.fetch().await.unwrap().change, Change::Rewritten);
    // An old commit is still readable, for who works on it.
    assert_eq!(tree.read("web/compose.yaml").unwrap(), b"a: 1\n");

    // The first fetch brought no more than it needs; from then on nothing is missing.
    let log = |mirror: &Mirror, tip: Oid| {
        let git_dir = format!("--git-dir={}", mirror.git_dir().display());
        run(bench.folder.path(), "git", &[&git_dir, "log", "--format=%H", &tip.to_string()]).lines().count()
    };
    let long: Vec<Oid> = (0..5).fold(Vec::new(), |mut all: Vec<Oid>, i| {
        all.push(bench.file("long", &format!("b: {i}\n"), all.last().map(std::slice::from_ref).unwrap_or_default()));
        all
    });
    let elsewhere = bench.folder.path().join("elsewhere");
    let remote = bench.mirror(named("long")).remote().clone();
    let mirror = Mirror::new(bench.program(), &elsewhere, remote.clone()).unwrap();
    assert_eq!(mirror.fetch().await.unwrap().change, Change::First);
    assert_eq!(log(&mirror, long[4]), 1);
    let mut tip = long[4];
    for i in 0..3 {
        tip = bench.file("long", &format!("c: {i}\n"), &[tip]);
    }
    assert_eq!(mirror.fetch().await.unwrap().change, Change::Forward);
    assert_eq!(log(&mirror, tip), 4);
    let beside = bench.file("long", "d: 1\n", &[long[2]]);
    assert_eq!(mirror.fetch().await.unwrap().change, Change::Rewritten);
    assert_eq!(log(&mirror, beside), 4);
    // Another branch of the same repository cuts nothing off.
    bench.file("short", "c: 9\n", &[tip]);
    let other = Mirror::new(bench.program(), &elsewhere, Remote { reference: named("short"), ..remote }).unwrap();
    other.fetch().await.unwrap();
    assert_eq!(log(&other, tip), 4);

    let shallow = bench.mirror_at(&bench.path(), named("main"), Some(1));
    assert!(matches!(shallow.fetch().await.unwrap().change, Change::First));
    bench.file("main", "a: 4\n", &[]);
    assert_eq!(shallow.fetch().await.unwrap().change, Change::Unknown);

    bench.remote.find_reference("refs/heads/main").unwrap().delete().unwrap();
    assert_eq!(bench.mirror(named("main")).fetch().await, Err(GitError::NoReference("branch or tag `main`".into())));
}

#[tokio::test]
async fn tags_ranges_and_commits() {
    let bench = Bench::new();
    let first = bench.file("main", "a: 1\n", &[]);
    let second = bench.file("main", "a: 2\n", &[first]);
    let who = Signature::now("Ada", "ada@example.org").unwrap();
    let object = bench.remote.find_object(first, None).unwrap();
    let tag = bench.remote.tag("v1.0.0", &object, &who, "first", false).unwrap();
    bench.remote.tag_lightweight("v1.2.0", &bench.remote.find_object(second, None).unwrap(), false).unwrap();

    let fetched = bench.mirror(named("v1.0.0")).fetch().await.unwrap();
    assert_eq!(
        (fetched.commit, fetched.tip, fetched.name.as_str()),
        (first.to_string(), tag.to_string(), "refs/tags/v1.0.0")
    );
    let range = bench.mirror(Reference::range("^1").unwrap());
    assert_eq!(range.fetch().await.unwrap().commit, second.to_string());
    assert_eq!(bench.mirror(named(&first.to_string())).fetch().await.unwrap().commit, first.to_string());
    let gone = bench.mirror(named(&"0123456789".repeat(4)));
    assert!(matches!(gone.fetch().await, Err(GitError::NoReference(_))));
}

#[tokio::test]
async fn nothing_leads_out_of_a_repository() {
    let bench = Bench::new();
    let link = |path: &'static str, target: &'static str| (0o120_000, path, target);
    bench.commit(
        "main",
        &[
            (0o100_644, "web/compose.yaml", "a: 1\n"),
            (0o100_644, "common/x.env", "X=1\n"),
            link("web/x.env", "../common/./x.env"),
            link("shared", "common"),
            link("web/shadow", "/etc/shadow"),
            link("web/up", "../../../etc/shadow"),
            link("web/circle", "circle"),
            (0o160_000, "module", ""),
            (0o100_644, "big.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n"),
        ],
        &[],
    );
    let mirror = bench.mirror(named("main"));
    let fetched = mirror.fetch().await.unwrap();
    let tree = mirror.tree(&fetched.commit).unwrap();
    for path in ["common/x.env", "web/x.env", "shared/x.env", "web/../common/x.env", "./web/./x.env"] {
        assert_eq!(tree.read(path).as_deref(), Ok(&b"X=1\n"[..]), "{path}");
    }
    for (path, why) in [
        ("web/shadow", ReadError::Outside),
        ("web/up", ReadError::Outside),
        ("../x", ReadError::Outside),
        ("web/../../x", ReadError::Outside),
        ("/etc/shadow", ReadError::Outside),
        ("web/circle", ReadError::Circle),
        ("module/x", ReadError::Submodule),
        ("big.bin", ReadError::Lfs),
        ("web", ReadError::Folder),
        ("", ReadError::Folder),
        ("web/compose.yaml/x", ReadError::Missing),
        ("nothing", ReadError::Missing),
        ("web/a\0b", ReadError::Missing),
    ] {
        assert_eq!(tree.read(path), Err(why), "{path}");
    }
    assert_eq!(tree.files(&|_| true).unwrap(), ["big.bin", "common/x.env", "web/compose.yaml"]);
}

#[tokio::test]
async fn a_tree_of_more_folders_than_can_be_counted_is_not_counted() {
    let bench = Bench::new();
    let blob = bench.remote.blob(b"x").unwrap();
    let mut id = {
        let mut tree = bench.remote.treebuilder(None).unwrap();
        tree.insert("x", blob, 0o100_644).unwrap();
        tree.write().unwrap()
    };
    // Ten to the power of twelve, of a few hundred bytes.
    for _ in 0..12 {
        let mut tree = bench.remote.treebuilder(None).unwrap();
        for name in 0..10 {
            tree.insert(format!("d{name}"), id, 0o040_000).unwrap();
        }
        id = tree.write().unwrap();
    }
    let who = Signature::now("Ada", "ada@example.org").unwrap();
    let tree = bench.remote.find_tree(id).unwrap();
    bench.remote.commit(Some("refs/heads/main"), &who, &who, "bomb", &tree, &[]).unwrap();
    let mirror = bench.mirror(named("main"));
    let fetched = mirror.fetch().await.unwrap();
    assert_eq!(mirror.tree(&fetched.commit).unwrap().files(&|_| true), Err(ReadError::TooLarge));

    // A name that is no text is somebody's, and hides nothing else.
    let raw = [b"100644 \xff\0".as_slice(), blob.as_bytes(), b"100644 \xffx\0", blob.as_bytes()].concat();
    let odd = bench.remote.odb().unwrap().write(git2::ObjectType::Tree, &raw).unwrap();
    let mut tree = bench.remote.treebuilder(None).unwrap();
    tree.insert("a", odd, 0o040_000).unwrap();
    tree.insert(&b"d\xff"[..], odd, 0o040_000).unwrap();
    tree.insert("x", blob, 0o100_644).unwrap();
    let tree = bench.remote.find_tree(tree.write().unwrap()).unwrap();
    bench.remote.commit(Some("refs/heads/odd"), &who, &who, "odd", &tree, &[]).unwrap();
    let mirror = bench.mirror(named("odd"));
    let fetched = mirror.fetch().await.unwrap();
    assert_eq!(mirror.tree(&fetched.commit).unwrap().files(&|_| true).unwrap(), ["x"]);
}

#[tokio::test]
async fn a_damaged_copy_is_fetched_anew() {
    let bench = Bench::new();
    let id = bench.file("main", "a: 1\n", &[]);
    let mirror = bench.mirror(named("main"));
    let fetched = mirror.fetch().await.unwrap();
    let packs = |mirror: &Mirror| -> Vec<PathBuf> {
        let all = std::fs::read_dir(mirror.git_dir().join("objects/pack")).unwrap().map(|e| e.unwrap().path());
        all.filter(|path| path.extension().is_some_and(|e| e == "pack")).collect()
    };
    for pack in packs(&mirror) {
        let mut bytes = std::fs::read(&pack).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 8].fill(0xff);
        std::fs::remove_file(&pack).unwrap();
        std::fs::write(&pack, bytes).unwrap();
    }
    let broken = mirror.tree(&fetched.commit).map(|tree| tree.read("web/compose.yaml"));
    assert!(matches!(broken, Err(GitError::Damaged(_)) | Ok(Err(ReadError::Damaged))), "{broken:?}");
    let again = mirror.fetch().await.unwrap();
    assert_eq!(again.commit, id.to_string());
    assert_eq!(mirror.tree(&again.commit).unwrap().read("web/compose.yaml").unwrap(), b"a: 1\n");

    // Half a copy, as a power cut leaves it.
    std::fs::remove_file(mirror.git_dir().join("config")).unwrap();
    std::fs::write(mirror.git_dir().join("objects/pack/tmp_pack_x"), "half").unwrap();
    assert_eq!(mirror.fetch().await.unwrap().commit, id.to_string());
    assert!(!mirror.git_dir().join("objects/pack/tmp_pack_x").exists());
}

#[tokio::test]
async fn a_repository_that_is_gone_or_too_large_or_unsound_is_said_to_be() {
    let bench = Bench::new();
    let gone = bench.mirror_at(&bench.folder.path().join("gone.git"), named("main"), None);
    assert!(matches!(gone.fetch().await, Err(GitError::NoRepository(_))));

    // Content that does not compress, so that the limit of 1 MB is passed.
    let mut noise = vec![0_u8; 8 << 20];
    getrandom::fill(&mut noise).unwrap();
    let blob = bench.remote.blob(&noise).unwrap();
    let mut tree = bench.remote.treebuilder(None).unwrap();
    tree.insert("noise", blob, 0o100_644).unwrap();
    let tree = bench.remote.find_tree(tree.write().unwrap()).unwrap();
    let who = Signature::now("Ada", "ada@example.org").unwrap();
    bench.remote.commit(Some("refs/heads/big"), &who, &who, "big", &tree, &[]).unwrap();
    let mut big = bench.mirror(named("big")).remote().clone();
    big.limits.megabytes = 1;
    let big = Mirror::new(bench.program(), &bench.folder.path().join("state"), big).unwrap();
    assert_eq!(big.fetch().await, Err(GitError::TooLarge(1)));
    assert!(!big.git_dir().exists(), "it takes no room");

    // A tree that would write into .git on checkout.
    let bad = bench.remote.odb().unwrap();
    let blob = bench.remote.blob(b"x").unwrap();
    let raw = [b"100644 .git\0".as_slice(), blob.as_bytes()].concat();
    let tree = bad.write(git2::ObjectType::Tree, &raw).unwrap();
    let tree = bench.remote.find_tree(tree).unwrap();
    bench.remote.commit(Some("refs/heads/evil"), &who, &who, "evil", &tree, &[]).unwrap();
    let evil = bench.mirror(named("evil")).fetch().await;
    assert!(matches!(evil, Err(GitError::Unsound(_))), "{evil:?}");
}

#[tokio::test]
async fn many_packs_become_one() {
    let bench = Bench::new();
    let mirror = bench.mirror(named("main"));
    let mut parents = Vec::new();
    for i in 0..44 {
        parents = vec![bench.file("main", &format!("a: {i}\n"), &parents)];
        mirror.fetch().await.unwrap();
    }
    let packs = std::fs::read_dir(mirror.git_dir().join("objects/pack")).unwrap().flatten();
    let packs = packs.filter(|e| e.path().extension().is_some_and(|e| e == "pack")).count();
    assert!(packs < 10, "{packs} packs");
}

/// `git` and `ssh-keygen` as a person at a keyboard has them.
pub(super) fn run(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let output = std::process::Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "a@example.org")])
        .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "a@example.org")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn only_commits_and_tags_of_signers_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for name in ["ada", "eve"] {
        run(at, "ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name]);
    }
    let public = |name: &str| std::fs::read_to_string(at.join(format!("{name}.pub"))).unwrap();
    std::fs::write(at.join("allowed"), format!("ada@example.org namespaces=\"git\" {}", public("ada"))).unwrap();
    run(at, "git", &["init", "-q", "-b", "main", "work"]);
    let work = at.join("work");
    let commit = |key: Option<&str>, branch: &str| {
        let key = key.map(|key| at.join(key));
        let setting = key.as_ref().map(|key| format!("user.signingKey={}", key.display()));
        let mut arguments = vec!["-c", "gpg.format=ssh"];
        arguments.extend(setting.iter().flat_map(|setting| ["-c", setting.as_str()]));
        arguments.extend(["commit", "-q", "--allow-empty", "-m", branch]);
        arguments.extend(key.is_some().then_some("-S"));
        run(&work, "git", &["switch", "-q", "--orphan", branch]);
        run(&work, "git", &arguments);
    };
    commit(Some("ada"), "good");
    commit(Some("eve"), "other");
    commit(None, "bare");
    let key = format!("user.signingKey={}", at.join("ada").display());
    run(&work, "git", &["-c", "gpg.format=ssh", "-c", &key, "tag", "-s", "-m", "x", "v1", "bare"]);
    // A good signature over something else.
    let raw = run(&work, "git", &["cat-file", "commit", "good"]).replace("\n\ngood", "\n\nevil");
    std::fs::write(at.join("raw"), format!("{raw}\n")).unwrap();
    let id = run(&work, "git", &["hash-object", "-t", "commit", "-w", "../raw"]);
    run(&work, "git", &["branch", "forged", &id]);

    let verify = |name: &'static str, revoked: Option<PathBuf>| {
        let address = Address::parse(work.to_str().unwrap()).unwrap();
        let remote = Remote {
            address,
            access: Access::default(),
            reference: named(name),
            depth: None,
            limits: Limits { time: Duration::from_secs(600), ..Limits::default() },
        };
        let program = Program::new(std::env::vars(), at.join("home"));
        let mirror = Mirror::new(program, &at.join("state"), remote).unwrap();
        let ssh = SshSigners { allowed: at.join("allowed"), revoked };
        let signers = Signers { ssh: Some(ssh), pgp: None };
        async move {
            let fetched = mirror.fetch().await.unwrap();
            mirror.verify(&fetched, &signers).await
        }
    };
    assert_eq!(verify("good", None).await.unwrap().principal, "ada@example.org");
    assert_eq!(verify("v1", None).await.unwrap().principal, "ada@example.org");
    for name in ["other", "bare", "forged"] {
        let refused = verify(name, None).await;
        assert!(matches!(refused, Err(Unsigned::Refused(..))), "{name}: {refused:?}");
    }
    assert!(matches!(verify("good", Some(at.join("gone"))).await, Err(Unsigned::Signers(_))));
    std::fs::write(at.join("revoked"), public("ada")).unwrap();
    assert!(matches!(verify("good", Some(at.join("revoked"))).await, Err(Unsigned::Refused(..))));
}
