//! What every parser of a file has at hand.

use std::path::Path;

use super::budget::Budget;
use super::options::Options;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, closest};

/// One file being read.
pub struct Context<'a> {
    pub options: &'a Options,
    pub files: &'a Budget<'a>,
    /// Folder that relative paths of this file start from.
    pub dir: &'a Path,
    pub diagnostics: &'a mut Diagnostics,
    /// What the parser is at, such as `service/web`.
    pub address: Option<String>,
    /// Ports that ranges may still stand for.
    pub ports_left: usize,
}

/// Ports of one file, ranges counted out. Swarm itself has 65,535 to publish.
pub const MAX_PORTS: usize = 200_000;

impl Context<'_> {
    pub fn error(&mut self, code: Code, message: impl Into<String>, span: Span, help: impl Into<String>) {
        self.say(Diagnostic::error(code, message).at(span).help(help));
    }

    pub fn warning(&mut self, code: Code, message: impl Into<String>, span: Span, help: impl Into<String>) {
        self.say(Diagnostic::warning(code, message).at(span).help(help));
    }

    pub fn say(&mut self, mut diagnostic: Diagnostic) {
        diagnostic.address = diagnostic.address.or_else(|| self.address.clone());
        self.diagnostics.push(diagnostic);
    }

    /// An absolute path as it is; another from this file's folder.
    pub fn path(&self, path: &str) -> String {
        join(self.dir, path)
    }
}

/// `path` from `dir`, without `.` and `..`; absolute paths stay as they are. By their letters, so that a file means the same
/// wherever it is read: a folder of Windows has `\`, every other `/`.
pub fn join(dir: &Path, path: &str) -> String {
    if path.starts_with('/') || is_windows_absolute(path) {
        return path.to_owned();
    }
    let dir = dir.to_string_lossy();
    let is_windows = is_windows_absolute(&dir);
    let (root, rest) = dir.split_at(if is_windows { windows_root(&dir) } else { usize::from(dir.starts_with('/')) });
    let separates = |sign: char| sign == '/' || is_windows && sign == '\\';
    let mut clean: Vec<&str> = Vec::new();
    for part in rest.split(separates).chain(path.split(separates)) {
        match (part, clean.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => drop(clean.pop()),
            ("..", _) if !root.is_empty() => {}
            (part, _) => clean.push(part),
        }
    }
    match is_windows {
        true => format!("{}\\{}", root.trim_end_matches(separates), clean.join("\\")),
        false => format!("{root}{}", clean.join("/")),
    }
}

/// Bytes of `C:`, `\\server\share` or `\\?\C:` at the beginning of a whole path of Windows.
fn windows_root(path: &str) -> usize {
    if !path.starts_with(r"\\") {
        return path.len().min(2);
    }
    let ends = path.char_indices().skip(2).filter(|(_, sign)| matches!(sign, '/' | '\\'));
    ends.map(|(at, _)| at).nth(1).unwrap_or(path.len())
}

/// `C:\…`, `C:/…` or `\\server\share`.
pub fn is_windows_absolute(path: &str) -> bool {
    match path.as_bytes() {
        [letter, b':', b'\\' | b'/', ..] => letter.is_ascii_alphabetic(),
        [b'\\', b'\\', ..] => true,
        _ => false,
    }
}

/// "did you mean `x`?" or the names that there are, or what to write where there are none.
pub fn suggest<'a>(name: &str, names: impl Iterator<Item = &'a str> + Clone, none: impl Into<String>) -> String {
    if let Some(near) = closest(name, names.clone()) {
        return format!("did you mean `{near}`?");
    }
    let listed: Vec<String> = names.take(12).map(|n| format!("`{n}`")).collect();
    if listed.is_empty() { none.into() } else { format!("{}; declared are {}", none.into(), listed.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_as_docker_does() {
        let dir = Path::new("/a/b");
        for (path, expected) in [
            ("x", "/a/b/x"),
            ("./x/", "/a/b/x"),
            ("../x", "/a/x"),
            ("../../../../x", "/x"),
            ("/x/../y/", "/x/../y/"),
            (".", "/a/b"),
            (r"C:\x", r"C:\x"),
            ("c:/x", "c:/x"),
        ] {
            assert_eq!(join(dir, path), expected, "{path}");
        }
        for (dir, path, expected) in [
            ("", "../x/./y", "../x/y"),
            ("a", "../../x", "../x"),
            ("/", "..", "/"),
            ("/a", r"x\y", r"/a/x\y"),
            (r"C:\a\b", "x/y", r"C:\a\b\x\y"),
            (r"C:\a\b", r"..\..\..\x", r"C:\x"),
            (r"C:\", ".", r"C:\"),
            ("c:/a", "./x/", r"c:\a\x"),
            (r"\\server\share\a", "../../x", r"\\server\share\x"),
            (r"\\?\C:\a", "../x", r"\\?\C:\x"),
        ] {
            assert_eq!(join(Path::new(dir), path), expected, "{dir} {path}");
        }
    }
}
