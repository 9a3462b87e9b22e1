//! Which Compose files there are, and their bytes.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::place::Place;
use super::unseal::Opening;
use crate::compose::{self, Environment, FileError, Files, Input};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::system::file::is_pipe;

/// In this order, where no file is named.
pub const DEFAULT_NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-stack.yml"];

/// A Compose file is a thousand times smaller. What is longer is not read to its end.
const MOST_BYTES: u64 = 64 << 20;
/// For the first byte of a pipe's other end.
const PATIENCE: Duration = Duration::from_secs(10);

/// The file system of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        all(open(path)?)
    }
}

/// A pipe that nobody writes into is waited for, but not for ever.
fn open(path: &Path) -> Result<File, FileError> {
    let data = std::fs::metadata(path).map_err(why)?;
    if data.is_dir() {
        // Not every system says so when it is opened.
        return Err(FileError::Unreadable("it is a folder".to_owned()));
    }
    if !is_pipe(&data) {
        return File::open(path).map_err(why);
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    let owned = path.to_owned();
    std::thread::spawn(move || sender.send(File::open(owned)));
    match receiver.recv_timeout(PATIENCE) {
        Ok(opened) => opened.map_err(why),
        Err(_) => {
            Err(FileError::Unreadable(format!("it is a pipe, and nobody wrote into it for {} s", PATIENCE.as_secs())))
        }
    }
}

/// What is in a file, up to the most that one may hold.
pub(super) fn all(file: impl Read) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(why)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(FileError::Unreadable(format!("it is larger than {} MB", MOST_BYTES >> 20)));
    }
    Ok(bytes)
}

/// Without "(os error 2)", which helps nobody.
pub fn words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => {
            let words = error.to_string();
            let words = words.split(" (os error").next().unwrap_or_default();
            let mut letters = words.chars();
            letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
        }
    }
}

fn why(error: std::io::Error) -> FileError {
    match error.kind() {
        std::io::ErrorKind::NotFound => FileError::Missing,
        _ => FileError::Unreadable(words(&error)),
    }
}

/// The files named, or the first default that is there. Every one that cannot be read is a diagnostic.
pub fn inputs(named: &[String], place: &Place, opening: &Opening, diagnostics: &mut Diagnostics) -> Vec<Input> {
    let named = match named {
        [] => match DEFAULT_NAMES.iter().find(|name| place.has(Path::new(name))) {
            Some(name) => vec![(*name).to_owned()],
            None => {
                diagnostics.push(Diagnostic::error(code::FILE_UNREADABLE, "no Compose file in this folder").help(
                    format!(
                        "name one with `-c FILE` (`-c -` reads standard input); looked for {}",
                        DEFAULT_NAMES.join(", ")
                    ),
                ));
                return Vec::new();
            }
        },
        named => named.to_vec(),
    };
    let mut inputs = Vec::new();
    for path in named {
        match read(&path, place).and_then(|bytes| opening.open(&path, bytes)) {
            Ok(bytes) => inputs.push(Input { path, bytes }),
            Err(why) => diagnostics.push(unreadable(&path, &why, place)),
        }
    }
    inputs
}

fn read(path: &str, place: &Place) -> Result<Vec<u8>, FileError> {
    if path != "-" || matches!(place, Place::Within(_)) {
        return place.read(Path::new(path));
    }
    all(std::io::stdin().lock())
}

fn unreadable(path: &str, why: &FileError, place: &Place) -> Diagnostic {
    let diagnostic = Diagnostic::error(why.code(), format!("`{path}` cannot be read: {why}"));
    if matches!(why, FileError::Sealed { .. }) {
        return diagnostic.help(why.help());
    }
    if matches!(place, Place::Within(_)) {
        return diagnostic.help("correct `path:` or `compose:` in stackup.yaml; paths start at the top of the source");
    }
    match nearby(Path::new(path)).filter(|_| *why == FileError::Missing) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("name a file with `-c FILE`; `-c -` reads standard input"),
    }
}

/// A file of that folder whose name is close.
fn nearby(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names: Vec<String> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|found| found != name)
        .collect();
    let near = crate::diagnostic::closest(name, names.iter().map(String::as_str))?;
    Some(path.with_file_name(near).to_string_lossy().into_owned())
}

/// The folder that relative paths start from: the first file's, or this one.
pub fn working_dir(inputs: &[Input], place: &Place) -> PathBuf {
    let first = inputs.first().map(|input| input.path.as_str()).filter(|path| *path != "-");
    let folder = first.and_then(|path| Path::new(path).parent()).unwrap_or(Path::new(""));
    match place {
        Place::Disk if folder.as_os_str().is_empty() => place.absolute(Path::new(".")),
        _ => place.absolute(folder),
    }
}

/// `.env` beside the first Compose file, where no other files are named.
pub fn default_variables(env_files: &[String], working_dir: &Path, place: &Place) -> Option<PathBuf> {
    let default = working_dir.join(".env");
    (env_files.is_empty() && place.has(&default)).then_some(default)
}

/// The process's variables, and beneath them those of the files: of `--env-file` the last wins; without one, of `.env`
/// beside the first Compose file (`default`).
pub fn environment(
    process: &Environment,
    env_files: &[String],
    default: Option<PathBuf>,
    disk: &dyn Files,
    diagnostics: &mut Diagnostics,
) -> Environment {
    let paths: Vec<PathBuf> = default.into_iter().chain(env_files.iter().map(PathBuf::from)).collect();
    let shown = |path: &Path| {
        let path = path.file_name().filter(|_| env_files.is_empty()).map_or(path, Path::new);
        path.display().to_string()
    };
    let tell = |_: &Path, problem| diagnostics.push(problem);
    compose::environment(paths.iter().map(PathBuf::as_path), process, disk, shown, tell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::unseal::Unseal;

    #[test]
    fn the_process_wins_over_a_file_and_a_later_file_over_an_earlier() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_string_lossy().into_owned()
        };
        let (a, b) = (write("a.env", "X=a\nY=a\nZ=a\n"), write("b.env", "Y=b\nZ=b\n"));
        write(".env", "DOT=1\n");
        let process = Environment::from([("Z".to_owned(), "process".to_owned())]);
        let mut diagnostics = Diagnostics::default();
        let both = environment(&process, &[a, b], None, &Disk, &mut diagnostics);
        let get = |name: &str| both.get(name).map(String::as_str);
        assert_eq!((get("X"), get("Y"), get("Z"), get("DOT")), (Some("a"), Some("b"), Some("process"), None));
        let default = default_variables(&[], folder.path(), &Place::Disk);
        let dot = environment(&process, &[], default, &Disk, &mut diagnostics);
        assert_eq!(dot.get("DOT").map(String::as_str), Some("1"));
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_said_with_a_suggestion() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("docker-compose.yml"), "").unwrap();
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let mut diagnostics = Diagnostics::default();
        let opening = Opening::new(Place::Disk, Unseal::default());
        assert!(inputs(&[path("docker-compse.yml"), path(".")], &Place::Disk, &opening, &mut diagnostics).is_empty());
        let all: Vec<&Diagnostic> = diagnostics.iter().collect();
        assert!(all[0].message.ends_with("no such file"), "{}", all[0].message);
        assert!(all[0].help.as_deref().unwrap().contains("docker-compose.yml"));
        assert!(all[1].message.ends_with("it is a folder"), "{}", all[1].message);
    }

    #[test]
    fn a_bad_line_of_an_env_file_is_named_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".env"), "A=1\nhunter2 hunter2\n").unwrap();
        let mut diagnostics = Diagnostics::default();
        let default = default_variables(&[], folder.path(), &Place::Disk);
        environment(&Environment::new(), &[], default, &Disk, &mut diagnostics);
        let message = &diagnostics.iter().next().unwrap().message;
        assert_eq!(message, "`.env` line 2 is no `NAME=value`");
    }

    #[test]
    fn relative_paths_start_at_the_first_file() {
        let input = |path: &str| Input { path: path.to_owned(), bytes: Vec::new() };
        let working_dir = |inputs: &[Input]| working_dir(inputs, &Place::Disk);
        // With a drive, where there are any.
        assert_eq!(working_dir(&[input("/a/b/c.yml"), input("/d/e.yml")]), std::path::absolute("/a/b").unwrap());
        let here = std::env::current_dir().unwrap();
        assert_eq!(working_dir(&[input("-")]), here);
        assert_eq!(working_dir(&[input("c.yml")]), here);
        assert_eq!(working_dir(&[input("a/c.yml")]), here.join("a"));
    }
}
