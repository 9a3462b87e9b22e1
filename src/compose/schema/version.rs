//! `version:` of a file.

use crate::compose::yaml::{Kind, Node};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span, Spanned, code};

/// 3.N; files without a version have the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u8);

impl Version {
    pub const NEWEST: Version = Version(13);
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "3.{}", self.0)
    }
}

/// Reads `version`, a number included; `None` where there is none or after an error.
pub fn version(root: &Node, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Spanned<Version>> {
    let node = root.get("version")?;
    let text = match &node.kind {
        Kind::Text(text) => text.clone(),
        // 3.10 is 3.1 to a number; what was written tells them apart.
        Kind::Int(_) | Kind::Float(_) => written(node.span, sources).unwrap_or_default(),
        _ => return None,
    };
    let minor = match text.as_str() {
        "" | "3" => Some(Version::NEWEST.0),
        other => other
            .strip_prefix("3.")
            .filter(|m| m.bytes().all(|b| b.is_ascii_digit()) && (*m == "0" || !m.starts_with('0')))
            .and_then(|m| m.parse().ok())
            .filter(|m| *m <= Version::NEWEST.0),
    };
    if minor.is_none() {
        let help = if text.starts_with('2') || text.starts_with('1') {
            "swarm needs version 3: write version: \"3.8\" or leave `version` out, then see what `stackup check` says about the rest"
        } else {
            "write a version from \"3.0\" to \"3.13\", or leave `version` out"
        };
        diagnostics.push(
            Diagnostic::error(code::BAD_VERSION, format!("there is no Compose file version `{text}` for swarm"))
                .at(node.span)
                .help(help),
        );
    }
    minor.map(|m| Spanned::new(Version(m), node.span))
}

fn written(span: Span, sources: &Sources) -> Option<String> {
    Some(sources.get(span.file)?.text.get(span.start as usize..span.end as usize)?.trim().to_owned())
}
