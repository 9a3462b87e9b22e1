//! Which Compose files there are, and their bytes.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::dotenv;
use crate::compose::{Environment, FileError, Files, Input};
use crate::diagnostic::{Diagnostic, Diagnostics, code};

/// In this order, where no file is named.
pub const DEFAULT_NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-stack.yml"];

/// A Compose file is a thousand times smaller. What is longer is not read to its end, and refused by its size.
const MOST_BYTES: u64 = 64 << 20;

/// The file system of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        let words = |error: std::io::Error| FileError(words(&error));
        let file = std::fs::File::open(path).map_err(words)?;
        if file.metadata().map_err(words)?.is_dir() {
            return Err(FileError("it is a folder".to_owned()));
        }
        let mut bytes = Vec::new();
        file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(words)?;
        Ok(bytes)
    }
}

/// Without "(os error 2)", which helps nobody.
fn words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}

/// The files named, or the first default that is there. Every one that cannot be read is a diagnostic.
pub fn inputs(named: &[String], diagnostics: &mut Diagnostics) -> Vec<Input> {
    let named = match named {
        [] => match DEFAULT_NAMES.iter().find(|name| Path::new(name).is_file()) {
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
        match read(&path) {
            Ok(bytes) => inputs.push(Input { path, bytes }),
            Err(FileError(why)) => diagnostics.push(unreadable(&path, &why)),
        }
    }
    inputs
}

fn read(path: &str) -> Result<Vec<u8>, FileError> {
    if path != "-" {
        return Disk.read(Path::new(path));
    }
    let mut bytes = Vec::new();
    match std::io::stdin().lock().take(MOST_BYTES).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(FileError(words(&error))),
    }
}

fn unreadable(path: &str, why: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(code::FILE_UNREADABLE, format!("`{path}` cannot be read: {why}"));
    match nearby(Path::new(path)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
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
pub fn working_dir(inputs: &[Input]) -> PathBuf {
    let first = inputs.first().map(|input| input.path.as_str()).filter(|path| *path != "-");
    let folder = first.and_then(|path| Path::new(path).parent()).unwrap_or(Path::new(""));
    std::path::absolute(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
        .unwrap_or_else(|_| PathBuf::from("."))
}

/// The process's variables, and beneath them those of the files: of `--env-file` the last wins; without one, of `.env`
/// beside the first Compose file.
pub fn environment(
    process: &Environment,
    env_files: &[String],
    working_dir: &Path,
    diagnostics: &mut Diagnostics,
) -> Environment {
    let mut variables = Environment::new();
    let default = working_dir.join(".env");
    let files: Vec<PathBuf> = match env_files {
        [] if default.is_file() => vec![default],
        named => named.iter().map(PathBuf::from).collect(),
    };
    for path in files {
        let shown = path.file_name().filter(|_| env_files.is_empty()).map_or(path.as_path(), Path::new).display();
        let text = match Disk.read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(FileError(why)) => {
                diagnostics.push(Diagnostic::error(code::FILE_UNREADABLE, format!("`{shown}` cannot be read: {why}")));
                continue;
            }
        };
        match dotenv::parse(&text, process) {
            Ok(found) => variables.extend(found),
            // The line itself is not shown: it may hold a secret.
            Err(line) => diagnostics.push(
                Diagnostic::error(code::FILE_UNREADABLE, format!("`{shown}` line {line} is no `NAME=value`"))
                    .help("write `NAME=value`, one a line; a value of several lines goes in quotes"),
            ),
        }
    }
    variables.extend(process.iter().map(|(name, value)| (name.clone(), value.clone())));
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let both = environment(&process, &[a, b], folder.path(), &mut diagnostics);
        let get = |name: &str| both.get(name).map(String::as_str);
        assert_eq!((get("X"), get("Y"), get("Z"), get("DOT")), (Some("a"), Some("b"), Some("process"), None));
        let dot = environment(&process, &[], folder.path(), &mut diagnostics);
        assert_eq!(dot.get("DOT").map(String::as_str), Some("1"));
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_said_with_a_suggestion() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("docker-compose.yml"), "").unwrap();
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let mut diagnostics = Diagnostics::default();
        assert!(inputs(&[path("docker-compse.yml"), path(".")], &mut diagnostics).is_empty());
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
        environment(&Environment::new(), &[], folder.path(), &mut diagnostics);
        let message = &diagnostics.iter().next().unwrap().message;
        assert_eq!(message, "`.env` line 2 is no `NAME=value`");
    }

    #[test]
    fn relative_paths_start_at_the_first_file() {
        let input = |path: &str| Input { path: path.to_owned(), bytes: Vec::new() };
        assert_eq!(working_dir(&[input("/a/b/c.yml"), input("/d/e.yml")]), Path::new("/a/b"));
        let here = std::env::current_dir().unwrap();
        assert_eq!(working_dir(&[input("-")]), here);
        assert_eq!(working_dir(&[input("c.yml")]), here);
        assert_eq!(working_dir(&[input("a/c.yml")]), here.join("a"));
    }
}
