//! Repositories that somebody made to do harm, or that harm was done to, and what is said of each.

use std::path::Path;

use git2::{ObjectType, Oid, Repository};

pub struct Trap {
    /// Of the source; of the stack the last part.
    pub name: &'static str,
    /// What the settings say more of the source, and what of the stack, NAME being its name.
    pub source: &'static str,
    pub stack: &'static str,
    /// In the log, of this source or stack.
    pub words: &'static str,
    make: fn(&Remote),
}

const FILE: i32 = 0o100_644;
const LINK: i32 = 0o120_000;
const MODULE: i32 = 0o160_000;
const FOLDER: i32 = 0o040_000;

const NAMED: &str = "name: NAME";
const OUTSIDE: &str = "it leaves the source";
const REFUSED: &str = "objects that are refused";
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:../../../../secret.env\nsize 12\n";
const DAMAGED: &str = "the repository is damaged where it lies";

pub const TRAPS: &[Trap] = &[
    trap("shadow", OUTSIDE, |r| r.config("./it", &[(LINK, "it", b"/etc/shadow")])),
    trap("up", OUTSIDE, |r| r.config("./it", &[(LINK, "it", b"../../secret.env")])),
    trap("folder", OUTSIDE, |r| r.config("./it/secret.env", &[(LINK, "it", b"../..")])),
    trap("dots", OUTSIDE, |r| r.config("../../secret.env", &[])),
    trap("rooted", OUTSIDE, |r| r.config("/etc/shadow", &[])),
    Trap {
        stack: "name: NAME, env_file: [it]",
        ..trap("variables", OUTSIDE, |r| r.config("./c", &[(LINK, "it", b"../../secret.env"), (FILE, "c", b"")]))
    },
    trap("dotgit", REFUSED, |r| r.odd_name(".git")),
    trap("dotdot", REFUSED, |r| r.odd_name("..")),
    trap("module-url", REFUSED, |r| r.module("m", "--upload-pack=touch PWNED")),
    trap("module-path", REFUSED, |r| r.module("-m", "https://git.example.test/m.git")),
    trap("module-ext", "submodules are not fetched", |r| r.module("m", "ext::sh -c \"touch PWNED\"")),
    Trap {
        source: ", submodules: true",
        ..trap("module-ext-asked", "it has a space", |r| r.module("m", "ext::sh -c \"touch PWNED\""))
    },
    Trap {
        source: ", submodules: true",
        ..trap("module-run", "runs a program", |r| r.module("m", "ext::touch%20PWNED"))
    },
    Trap { source: ", submodules: true", ..trap("module-file", "is no repository beside", |r| r.module("m", "/etc")) },
    Trap {
        source: ", submodules: true",
        ..trap("module-out", "is no repository beside", |r| r.module("m", "../../work"))
    },
    trap("module-link", REFUSED, Remote::linked_modules),
    Trap {
        source: ", lfs: true",
        ..trap("lfs-odd", "begins as a pointer of Git LFS does, and is none", |r| {
            r.config("./it", &[(FILE, "it", POINTER)])
        })
    },
    trap("huge", "larger than 64 MB", |r| r.config("./it", &[(FILE, "it", &[0; (64 << 20) + 1])])),
    Trap { stack: "discover: \"**/compose.yaml\"", ..trap("many", "too many files to look through", Remote::many) },
    trap("bomb", "alias", Remote::bomb),
    trap("half", DAMAGED, |r| r.without_tree(|path| std::fs::remove_file(path).unwrap())),
    trap("corrupt", DAMAGED, |r| r.without_tree(|path| std::fs::write(path, "garbage").unwrap())),
    trap("empty", "has no commit yet", |_| ()),
    Trap { source: ", ref: main", ..trap("empty-main", "has no branch or tag `main`", |_| ()) },
];

const fn trap(name: &'static str, words: &'static str, make: fn(&Remote)) -> Trap {
    Trap { name, source: "", stack: NAMED, words, make }
}

impl Trap {
    /// A bare repository at `path`. Its stack's image is `image`.
    pub fn set(&self, path: &Path, image: &str) {
        let repository = Repository::init_bare(path).unwrap();
        repository.set_head("refs/heads/main").unwrap();
        (self.make)(&Remote { repository, image: image.to_owned() });
    }
}

struct Remote {
    repository: Repository,
    image: String,
}

impl Remote {
    fn service(&self, more: &str) -> String {
        format!("services: {{web: {{image: {}, deploy: {{replicas: 0}}{more}}}}}\n", self.image)
    }

    /// A stack with a config that is this file.
    fn config(&self, file: &str, entries: &[(i32, &str, &[u8])]) {
        let compose = format!("{}configs: {{c: {{file: {file}}}}}\n", self.service(", configs: [c]"));
        let mut all: Vec<(i32, &str, Oid)> = entries.iter().map(|(m, n, bytes)| (*m, *n, self.blob(bytes))).collect();
        all.push((FILE, "compose.yaml", self.blob(compose.as_bytes())));
        self.commit(self.tree(all));
    }

    fn odd_name(&self, name: &str) {
        let compose = self.blob(self.service("").as_bytes());
        let folder = self.tree(vec![(FILE, "config", self.blob(b"[core]\n"))]);
        self.commit(self.tree(vec![(FOLDER, name, folder), (FILE, "compose.yaml", compose)]));
    }

    /// A config of the stack is in the submodule.
    fn module(&self, path: &str, url: &str) {
        let compose = format!("{}configs: {{c: {{file: \"./{path}/c\"}}}}\n", self.service(", configs: [c]"));
        let modules = format!("[submodule \"x\"]\n\tpath = {path}\n\turl = {}\n", url.replace('"', "\\\""));
        let commit = Oid::from_str(&"1".repeat(40)).unwrap();
        let (compose, modules) = (self.blob(compose.as_bytes()), self.blob(modules.as_bytes()));
        self.commit(self.tree(vec![
            (FILE, ".gitmodules", modules),
            (FILE, "compose.yaml", compose),
            (MODULE, path, commit),
        ]));
    }

    /// The list of submodules is a link to what is not in the repository.
    fn linked_modules(&self) {
        let compose = self.blob(self.service("").as_bytes());
        let entries = vec![(LINK, ".gitmodules", self.blob(b"../../secret.env")), (FILE, "compose.yaml", compose)];
        self.commit(self.tree(entries));
    }

    /// A million files, of eight objects.
    fn many(&self) {
        let compose = self.blob(self.service("").as_bytes());
        let mut folder = self.tree(vec![(FILE, "compose.yaml", compose)]);
        for _ in 0..6 {
            let names: Vec<String> = (0..10).map(|name| format!("d{name}")).collect();
            folder = self.tree(names.iter().map(|name| (FOLDER, name.as_str(), folder)).collect());
        }
        self.commit(folder);
    }

    fn bomb(&self) {
        let mut compose = "x-a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..10 {
            let before = format!("*a{}", i - 1);
            compose.push_str(&format!("x-a{i}: &a{i} [{}]\n", vec![before; 10].join(", ")));
        }
        compose.push_str(&self.service(""));
        self.commit(self.tree(vec![(FILE, "compose.yaml", self.blob(compose.as_bytes()))]));
    }

    /// A good commit, and then something happens to its tree.
    fn without_tree(&self, happens: fn(&Path)) {
        let tree = self.tree(vec![(FILE, "compose.yaml", self.blob(self.service("").as_bytes()))]);
        self.commit(tree);
        let id = tree.to_string();
        let path = self.repository.path().join("objects").join(&id[..2]).join(&id[2..]);
        // Objects may be read only.
        std::fs::rename(&path, path.with_extension("away")).unwrap();
        std::fs::write(&path, "").unwrap();
        happens(&path);
    }

    fn blob(&self, bytes: &[u8]) -> Oid {
        self.repository.blob(bytes).unwrap()
    }

    /// Whatever it is called.
    fn tree(&self, mut entries: Vec<(i32, &str, Oid)>) -> Oid {
        entries.sort_by_key(|(mode, name, _)| format!("{name}{}", if *mode == FOLDER { "/" } else { "" }));
        let entry =
            |(mode, name, id): &(i32, &str, Oid)| [format!("{mode:o} {name}\0").as_bytes(), id.as_bytes()].concat();
        let raw: Vec<u8> = entries.iter().flat_map(entry).collect();
        self.repository.odb().unwrap().write(ObjectType::Tree, &raw).unwrap()
    }

    fn commit(&self, tree: Oid) {
        // Not looked at: what is in it may be no tree that libgit2 would make.
        let who = "Eve <eve@example.org> 1 +0000";
        let raw = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nHarm\n");
        let id = self.repository.odb().unwrap().write(ObjectType::Commit, raw.as_bytes()).unwrap();
        self.repository.reference("refs/heads/main", id, true, "").unwrap();
    }
}
