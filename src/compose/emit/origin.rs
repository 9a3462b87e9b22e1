//! Where a value came from, in the words of a comment.

use std::path::Path;

use super::tree::{Origin, Piece};
use crate::diagnostic::{Sources, Span};

/// What comments about places need.
#[derive(Clone, Copy, Debug)]
pub struct Origins<'a> {
    /// The texts that the stack was read from.
    pub sources: &'a Sources,
    /// Paths beneath it are shown from there.
    pub folder: &'a Path,
}

impl Origins<'_> {
    /// `compose.yml:4`, with the variables that the value was made from; `web.env (compose.yml:5)`.
    pub fn of(&self, piece: &Piece) -> Option<String> {
        match piece.origin.as_ref()? {
            Origin::Written(span) => {
                let place = self.place(*span)?;
                let variables =
                    self.sources.get(span.file).and_then(|f| f.text.get(span.start as usize..span.end as usize));
                let names = variables.map(names).unwrap_or_default();
                Some(names.iter().fold(place, |all, name| format!("{all} ${{{name}}}")))
            }
            Origin::EnvFile { path, named } => Some(format!("{} ({})", self.path(path), self.place(*named)?)),
        }
    }

    fn place(&self, span: Span) -> Option<String> {
        let file = self.sources.get(span.file)?;
        Some(format!("{}:{}", self.path(&file.path), file.position(span.start).line))
    }

    /// A comment is one line, whatever a folder is called.
    fn path(&self, path: &str) -> String {
        let path = Path::new(path);
        let short = path.strip_prefix(self.folder).unwrap_or(path).to_string_lossy();
        short.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
    }
}

/// The variables of a text, each once.
fn names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('$') {
        // A dollar sign that stands for itself.
        if let Some(after) = after.strip_prefix('$') {
            rest = after;
            continue;
        }
        let name = after.strip_prefix('{').unwrap_or(after);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
        rest = after;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_a_text() {
        assert_eq!(names("$A-${B:-x$A}/$$C ${}"), ["A", "B"]);
        assert_eq!(names("plain"), [""; 0]);
    }
}
