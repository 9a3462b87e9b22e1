//! What a repository names and does not hold: submodules, and files of Git LFS, over http.

use std::process::Command;

use crate::bench::Bench;
use crate::forge::Forge;
use crate::lab::skip;
use crate::large::{TOKEN, keep};
use crate::support::run::Run;

/// A server with `acme/infra.git` on it, in which is the submodule `../lib.git`, in which is `../more/deep.git`.
struct House {
    bench: Bench,
    forge: Forge,
}

impl House {
    fn new() -> Option<Self> {
        let bench = Bench::new("beyond")?;
        let forge = Forge::serve(bench.path().join("git"));
        std::fs::write(bench.path().join("token"), TOKEN).unwrap();
        for name in ["acme/infra", "acme/lib", "more/deep"] {
            bench.git(&["init", "-q", "--bare", "-b", "main", &format!("git/{name}.git")]);
        }
        Some(Self { bench, forge })
    }

    fn settings(&self, more: &str) {
        let text = format!(
            "state: state\nsources:\n  ops: {{git: \"http://{}/acme/infra.git\", ref: main, token_file: token{more}}}\n\
             stacks: [{{name: {}, source: ops}}]\n",
            self.forge.at, self.bench.stack
        );
        std::fs::write(self.bench.path().join("stackup.yaml"), text).unwrap();
    }

    /// A commit of these files and of submodules (path, address, commit), pushed. The commit.
    fn push(&self, name: &str, files: &[(&str, &str)], modules: &[(&str, &str, &str)]) -> String {
        let list =
            modules.iter().map(|(path, url, _)| format!("[submodule \"{path}\"]\n\tpath = {path}\n\turl = {url}\n"));
        let list: String = list.collect();
        let list = [(".gitmodules", list.as_str())];
        // Submodules that are not checked out are more than `git rm` takes.
        self.bench.git(&["-C", "work", "read-tree", "--empty"]);
        self.bench.git(&["-C", "work", "clean", "-q", "-f", "-d", "-x"]);
        self.bench.push_all(&[files, if modules.is_empty() { &[] } else { &list }].concat());
        for (path, _, commit) in modules {
            let entry = format!("160000,{commit},{path}");
            self.bench.git(&["-C", "work", "update-index", "--add", "--cacheinfo", &entry]);
        }
        self.bench.git(&["-C", "work", "commit", "-q", "--allow-empty", "-m", "And those"]);
        let bare = self.bench.path().join(format!("git/{name}.git"));
        self.bench.git(&["-C", "work", "push", "-q", "-f", bare.to_str().unwrap(), "HEAD:main"]);
        self.bench.git(&["-C", "work", "rev-parse", "HEAD"])
    }

    /// What the config of this name says, in its newest version.
    fn config(&self, key: &str) -> String {
        let format = "{{range .Spec.TaskTemplate.ContainerSpec.Configs}}{{.File.Name}} {{.ConfigID}}\n{{end}}";
        let all = self.bench.service("web", format);
        let id = all.lines().find_map(|line| line.strip_prefix(&format!("{key} "))).unwrap_or_else(|| panic!("{all}"));
        self.bench.docker(&["config", "inspect", "--format", "{{printf \"%s\" .Spec.Data}}", id]).trim().to_owned()
    }

    fn once(&self, code: i32) -> Run {
        let run = self.bench.once(code);
        assert!(!run.stdout.contains(TOKEN) && !run.stderr.contains(TOKEN), "{}{}", run.stdout, run.stderr);
        run
    }
}

#[test]
fn a_stack_is_made_of_submodules_and_of_files_that_lfs_keeps() {
    if !Command::new("git").args(["lfs", "version"]).output().is_ok_and(|output| output.status.success()) {
        return skip("no git-lfs: tests/lab/packages git-lfs");
    }
    let Some(house) = House::new() else { return };
    let root = house.bench.path().join("git");
    let compose = format!(
        "services: {{web: {{image: {}, deploy: {{replicas: 0}}, configs: [lib, deep, large]}}}}\n\
         configs: {{lib: {{file: ./lib/app.conf}}, deep: {{file: ./lib/deep/d.conf}}, large: {{file: ./large.bin}}}}\n",
        house.bench.image
    );
    let large = keep(&root, b"large one");
    let deep = house.push("more/deep", &[("d.conf", "deep one")], &[]);
    let library = |text: &str| house.push("acme/lib", &[("app.conf", text)], &[("deep", "../../more/deep.git", &deep)]);
    let first = library("lib one");
    let top = |lib: &str, large: &str| {
        let files = [("compose.yaml", compose.as_str()), ("large.bin", large)];
        house.push("acme/infra", &files, &[("lib", "../lib.git", lib)]);
    };
    top(&first, &large);

    // Nothing of it without being asked for.
    house.settings("");
    house.once(3).says("submodules are not fetched without `submodules: true`");
    house.settings(", submodules: true");
    house.once(3).says("such files are not fetched without `lfs: true`");
    assert!(!house.bench.has("web"));
    house.settings(", submodules: true, lfs: true");
    house.once(0).says("applied: ");
    assert_eq!(["lib", "deep", "large"].map(|key| house.config(key)), ["lib one", "deep one", "large one"]);
    house.once(0).says("as its files say");

    // A submodule moves when the repository says so, and not before.
    let second = library("lib two");
    house.once(0).says("as its files say");
    let large = keep(&root, b"large two");
    top(&second, &large);
    house.once(0).says("applied: ");
    assert_eq!(["lib", "deep", "large"].map(|key| house.config(key)), ["lib two", "deep one", "large two"]);

    // Bytes that are not there, bytes that are others, and a commit that nobody has.
    let (gone, other) = (keep(&root, b"large gone"), keep(&root, b"large 3333"));
    let file = |pointer: &str| root.join("lfs").join(&pointer.lines().nth(1).unwrap()["oid sha256:".len()..]);
    std::fs::remove_file(file(&gone)).unwrap();
    std::fs::write(file(&other), b"large evil").unwrap();
    for pointer in [&gone, &other] {
        top(&second, pointer);
        house.once(3).says("it is kept by Git LFS, and cannot be had: ");
    }
    top(&"1".repeat(40), &large);
    house.once(3).says("it is in the submodule `lib`, which cannot be had: the repository has no ");
    assert_eq!(["lib", "deep", "large"].map(|key| house.config(key)), ["lib two", "deep one", "large two"]);

    // It is there after all: no other commit is needed.
    top(&second, &gone);
    house.once(3);
    keep(&root, b"large gone");
    house.once(0).says("applied: ");
    assert_eq!(house.config("large"), "large gone");

    // Where a submodule is at another host, that host is not asked with anything, nor at all in clear.
    let stranger = Forge::serve(root.clone());
    let url = format!("http://{}/acme/lib.git", stranger.at);
    house.push("acme/infra", &[("compose.yaml", &compose), ("large.bin", &large)], &[("lib", &url, &first)]);
    house.once(3).says("is neither at the host of the repository that names it nor an https:// address");
    assert_eq!(stranger.asked(), 0);
}
