//! A folder of this machine, and nothing outside of it.

use std::fs::File;
use std::path::{Component, Path, PathBuf};

use super::{OUTSIDE, Within};
use crate::app::files::{all, words};
use crate::compose::FileError;
use crate::git::{State, describe};
use crate::system::beneath::{self, Refused};
use crate::system::file::mark;

/// Files and folders that a listing may have.
const MOST_FILES: usize = 100_000;

/// A folder of this machine.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    /// Held open: the folder is the same one even when its path is given to another.
    top: File,
}

impl Folder {
    /// Fails in words for a person.
    pub fn open(path: &Path) -> Result<Self, String> {
        let wrong = |error: std::io::Error| format!("the folder {} cannot be read: {}", path.display(), words(&error));
        let root = path.canonicalize().map_err(wrong)?;
        let top = beneath::top(&root).map_err(wrong)?;
        if !top.metadata().map_err(wrong)?.is_dir() {
            return Err(format!("{} is no folder", path.display()));
        }
        Ok(Self { root, top })
    }

    /// Everything that a change of a file changes: path, size and time of each, as text.
    pub fn marks(&self) -> Result<String, String> {
        let mut marks = String::new();
        walk(&self.root, &mut |path, data| {
            marks.push_str(&format!("{path}\0{}\n", mark(data)));
        })?;
        Ok(marks)
    }
}

impl Within for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let path = Path::new(path);
        if path.is_absolute() || leaves(path) {
            return Err(FileError::Unreadable(OUTSIDE.to_owned()));
        }
        let file = open(&self.top, &self.root, path)?;
        let data = file.metadata().map_err(why)?;
        if data.is_dir() {
            return Err(FileError::Unreadable("it is a folder".to_owned()));
        }
        if !data.is_file() {
            return Err(FileError::Unreadable("it is a pipe or a device".to_owned()));
        }
        all(file)
    }

    fn list(&self, _: &dyn Fn(&str) -> bool) -> Result<Vec<String>, String> {
        let mut all = Vec::new();
        walk(&self.root, &mut |path, _| all.push(path.to_owned()))?;
        Ok(all)
    }

    fn root(&self) -> &Path {
        &self.root
    }

    fn is_folder(&self) -> bool {
        true
    }

    fn state(&self, paths: &[&str]) -> Option<State> {
        let paths: Vec<String> = paths.iter().map(|path| self.root.join(path).to_string_lossy().into_owned()).collect();
        describe(&paths.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// By its own words: links are another matter.
fn leaves(path: &Path) -> bool {
    let mut depth = 0_i32;
    path.components().any(|part| {
        match part {
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            _ => {}
        }
        depth < 0
    })
}

fn open(top: &File, root: &Path, path: &Path) -> Result<File, FileError> {
    beneath::open(top, root, path).map_err(|refused| match refused {
        Refused::Outside => FileError::Unreadable(OUTSIDE.to_owned()),
        Refused::Circle => FileError::Unreadable("links lead in a circle".to_owned()),
        Refused::NoFile => FileError::Unreadable("it is no file".to_owned()),
        Refused::Io(error) => why(error),
    })
}

/// Regular files below, in order; links are not followed, and what git keeps for itself is left out.
fn walk(root: &Path, found: &mut dyn FnMut(&str, &std::fs::Metadata)) -> Result<(), String> {
    let mut waiting = vec![String::new()];
    let mut count = 0;
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(root.join(&folder)) else {
            // Gone in between, or not for us: nothing of it is listed.
            continue;
        };
        let mut names: Vec<String> = entries.flatten().filter_map(|e| e.file_name().into_string().ok()).collect();
        names.sort_unstable();
        let mut folders = Vec::new();
        for name in names {
            count += 1;
            if count > MOST_FILES {
                return Err(format!("{} has more than {MOST_FILES} files", root.display()));
            }
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            let Ok(data) = root.join(&path).symlink_metadata() else { continue };
            if data.is_dir() && name != ".git" {
                folders.push(path);
            } else if data.is_file() {
                found(&path, &data);
            }
        }
        waiting.extend(folders.into_iter().rev());
    }
    Ok(())
}

fn why(error: std::io::Error) -> FileError {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => FileError::Missing,
        _ => FileError::Unreadable(words(&error)),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::system::testing::{pipe, symlink};

    #[test]
    fn nothing_leads_out_of_a_folder() {
        let all = tempfile::tempdir().unwrap();
        std::fs::write(all.path().join("secret"), "s").unwrap();
        let root = all.path().join("in");
        std::fs::create_dir_all(root.join("web")).unwrap();
        std::fs::write(root.join("web/a"), "a").unwrap();
        symlink("../web/a", &root.join("web/inside"));
        symlink("../../secret", &root.join("web/up"));
        symlink(all.path().join("secret"), &root.join("web/absolute"));
        symlink(all.path(), &root.join("web/folder"));
        symlink("circle", &root.join("web/circle"));
        pipe(&root.join("web/pipe"));
        let folder = Folder::open(&root).unwrap();
        for path in ["web/a", "web/inside", "web/../web/a", "./web//a"] {
            assert_eq!(folder.read(path).as_deref(), Ok(&b"a"[..]), "{path}");
        }
        for path in ["web/up", "web/absolute", "web/folder/secret", "../secret", "web/../../secret", "/etc/shadow"] {
            assert_eq!(folder.read(path), Err(FileError::Unreadable(OUTSIDE.to_owned())), "{path}");
        }
        for path in ["web/circle", "web/pipe", "web"] {
            assert!(matches!(folder.read(path), Err(FileError::Unreadable(why)) if why != OUTSIDE), "{path}");
        }
        assert_eq!((folder.read("none"), folder.read("web/a/b")), (Err(FileError::Missing), Err(FileError::Missing)));
        assert_eq!(folder.list(&|_| true).unwrap(), ["web/a"]);
    }

    #[test]
    fn a_change_of_a_file_changes_the_marks() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "1").unwrap();
        let source = Folder::open(folder.path()).unwrap();
        let before = source.marks().unwrap();
        assert_eq!(source.marks().unwrap(), before);
        std::fs::write(folder.path().join("b"), "").unwrap();
        let more = source.marks().unwrap();
        std::fs::write(folder.path().join("a"), "22").unwrap();
        assert!(before != more && more != source.marks().unwrap());
    }
}
