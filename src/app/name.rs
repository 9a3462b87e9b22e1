//! What the stack is called, and why.

use std::path::Path;

use crate::compose::model::Stack;

/// A name and where it is from, for the head of every output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackName {
    pub name: String,
    pub why: Why,
}

/// Where a stack's name is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Argument,
    /// `name:` of a Compose file.
    File,
    /// STACKUP_STACK.
    Variable,
    Folder,
}

impl Why {
    /// For a person.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::File => "name: of the file",
            Self::Variable => "STACKUP_STACK",
            Self::Folder => "folder's name",
        }
    }
}

/// No usable name; a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("the stack has no name: give one as the argument, as `name:` in the file, or in STACKUP_STACK")]
    None,
    #[error("`{0}` is no name for a stack: letters, digits, `-` and `_`, beginning with a letter or digit")]
    Invalid(String),
}

/// The argument, else the file's `name:`, else the variable, else the folder's name.
pub fn choose(
    argument: Option<&str>,
    stack: Option<&Stack>,
    variable: Option<&str>,
    folder: &Path,
) -> Result<StackName, NameError> {
    let in_file = stack.and_then(|stack| stack.name.as_ref()).map(|name| name.value.as_str());
    let said = [(argument, Why::Argument), (in_file, Why::File), (variable, Why::Variable)];
    for (name, why) in said {
        if let Some(name) = name {
            return if is_valid(name) {
                Ok(StackName { name: name.to_owned(), why })
            } else {
                Err(NameError::Invalid(name.to_owned()))
            };
        }
    }
    let name = folder.file_name().map(|name| normalised(&name.to_string_lossy())).unwrap_or_default();
    if name.is_empty() { Err(NameError::None) } else { Ok(StackName { name, why: Why::Folder }) }
}

/// Swarm takes these in names of services, and `_` joins stack and key.
pub fn is_valid(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// As docker compose does it: small letters, and nothing that a name may not have.
fn normalised(folder: &str) -> String {
    let kept: String = folder
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-' || *c == '_')
        .collect();
    kept.trim_start_matches(['-', '_']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{FileId, Span, Spanned};

    #[test]
    fn the_nearest_word_wins() {
        let span = Span { file: FileId(0), start: 0, end: 0 };
        let named = Stack { name: Some(Spanned::new("file".to_owned(), span)), ..Stack::default() };
        let unnamed = Stack::default();
        let folder = Path::new("/srv/My Shop.v2");
        let name =
            |argument, stack, variable| choose(argument, stack, variable, folder).map(|found| (found.name, found.why));
        assert_eq!(name(Some("arg"), Some(&named), Some("var")), Ok(("arg".to_owned(), Why::Argument)));
        assert_eq!(name(None, Some(&named), Some("var")), Ok(("file".to_owned(), Why::File)));
        assert_eq!(name(None, Some(&unnamed), Some("var")), Ok(("var".to_owned(), Why::Variable)));
        assert_eq!(name(None, None, None), Ok(("myshopv2".to_owned(), Why::Folder)));
        assert_eq!(choose(None, None, None, Path::new("/")), Err(NameError::None));
        assert!(matches!(name(Some("a b"), None, None), Err(NameError::Invalid(_))));
        assert!(matches!(name(Some("-a"), None, None), Err(NameError::Invalid(_))));
    }
}
