//! `x-stackup`: what the files say to stackup alone, at the top and in a service.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::compose::model::{Extensions, Stack};
use crate::diagnostic::code::BAD_EXTENSION;
use crate::diagnostic::{Diagnostic, Diagnostics, closest};

pub(super) const EXTENSION: &str = "x-stackup";

/// At the top of a file.
const OF_STACK: &[&str] = &["ignore", "sensitive", "volatile"];
/// In a service.
const OF_SERVICE: &[&str] = &["ignore", "sensitive", "volatile", "wave"];
/// What may be volatile.
const IMAGE_TAG: &str = "image-tag";

/// Everything that is marked, wherever it is written.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Names of variables, labels, options and configs whose values no output may show.
    pub sensitive: BTreeSet<String>,
    /// Compose paths that the cluster owns: `deploy.replicas`, `web:deploy.replicas`.
    pub ignore: Vec<String>,
    /// Keys of services whose image's tag names a build, and nothing that anybody reviews.
    pub volatile_tags: BTreeSet<String>,
}

impl Marks {
    pub fn of(stack: &Stack, diagnostics: &mut Diagnostics) -> Self {
        let mut marks = Self::default();
        let top = Reading { extensions: &stack.extensions, known: OF_STACK };
        marks.sensitive.extend(top.list("sensitive", diagnostics));
        marks.ignore.extend(top.list("ignore", diagnostics));
        let everywhere = top.has_volatile_tags(diagnostics);
        top.unknown(diagnostics);
        for (key, service) in &stack.services {
            let here = Reading { extensions: &service.extensions, known: OF_SERVICE };
            marks.sensitive.extend(here.list("sensitive", diagnostics));
            marks.ignore.extend(here.list("ignore", diagnostics).into_iter().map(|path| format!("{key}:{path}")));
            if here.has_volatile_tags(diagnostics) || everywhere {
                marks.volatile_tags.insert(key.clone());
            }
            here.unknown(diagnostics);
        }
        marks
    }
}

/// One `x-stackup`.
struct Reading<'a> {
    extensions: &'a Extensions,
    known: &'static [&'static str],
}

impl Reading<'_> {
    fn list(&self, name: &str, diagnostics: &mut Diagnostics) -> Vec<String> {
        let Some(extension) = self.extensions.get(EXTENSION) else { return Vec::new() };
        let words = match extension.value.get(name) {
            None => return Vec::new(),
            Some(Value::Array(words)) => words,
            Some(_) => &Vec::new(),
        };
        let read: Vec<String> = words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect();
        if read.is_empty() || read.len() < words.len() {
            let example = match name {
                "ignore" => "[deploy.replicas]",
                "volatile" => "[image-tag]",
                _ => "[DB_URL, nginx_conf]",
            };
            diagnostics.push(
                Diagnostic::error(BAD_EXTENSION, format!("`x-stackup.{name}` is a list of names"))
                    .at(extension.span)
                    .help(format!("write it as  {name}: {example}")),
            );
        }
        read
    }

    fn has_volatile_tags(&self, diagnostics: &mut Diagnostics) -> bool {
        let Some(extension) = self.extensions.get(EXTENSION) else { return false };
        let words = self.list("volatile", diagnostics);
        for word in words.iter().filter(|word| *word != IMAGE_TAG) {
            let problem = Diagnostic::error(BAD_EXTENSION, format!("`{word}` cannot be volatile"));
            diagnostics.push(problem.at(extension.span).help(format!("write  volatile: [{IMAGE_TAG}]")));
        }
        words.iter().any(|word| word == IMAGE_TAG)
    }

    /// A typing error here would show what was to be hidden, or write what was to be left alone.
    fn unknown(&self, diagnostics: &mut Diagnostics) {
        let Some(extension) = self.extensions.get(EXTENSION) else { return };
        let Some(map) = extension.value.as_object() else {
            let problem = Diagnostic::error(BAD_EXTENSION, "`x-stackup` is a mapping");
            diagnostics.push(problem.at(extension.span).help(format!("it may hold {}", self.known.join(", "))));
            return;
        };
        for key in map.keys().filter(|key| !self.known.contains(&key.as_str())) {
            let problem = Diagnostic::error(BAD_EXTENSION, format!("`x-stackup` has no setting `{key}` here"));
            diagnostics.push(problem.at(extension.span).help(match closest(key, self.known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it may hold {}", self.known.join(", ")),
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diagnostic::{FileId, Span, Spanned};

    fn read(value: Value) -> (Marks, Vec<String>) {
        let span = Span { file: FileId(0), start: 0, end: 0 };
        let extensions = Extensions::from([(EXTENSION.to_owned(), Spanned::new(value, span))]);
        let mut diagnostics = Diagnostics::default();
        let marks = Marks::of(&Stack { extensions, ..Stack::default() }, &mut diagnostics);
        (marks, diagnostics.iter().map(|d| d.message.clone()).collect())
    }

    #[test]
    fn lists_are_read() {
        let (marks, problems) = read(json!({"sensitive": ["A", "conf"], "ignore": ["web:deploy.replicas"]}));
        assert!(problems.is_empty(), "{problems:?}");
        assert!(marks.sensitive.contains("A") && marks.sensitive.contains("conf"));
        assert_eq!(marks.ignore, ["web:deploy.replicas"]);
        assert!(read(json!({"volatile": ["image-tag"]})).1.is_empty());
    }

    #[test]
    fn what_is_no_list_or_no_setting_is_said() {
        for (value, said) in [
            (json!({"sensitive": "A"}), "`x-stackup.sensitive` is a list of names"),
            (json!({"ignore": ["a", 3]}), "`x-stackup.ignore` is a list of names"),
            (json!({"sensitve": ["A"]}), "`x-stackup` has no setting `sensitve` here"),
            (json!({"volatile": ["image"]}), "`image` cannot be volatile"),
            (json!({"volatile": "image-tag"}), "`x-stackup.volatile` is a list of names"),
            (json!({"wave": 1}), "`x-stackup` has no setting `wave` here"),
            (json!(["A"]), "`x-stackup` is a mapping"),
        ] {
            assert_eq!(read(value).1, [said]);
        }
    }
}
