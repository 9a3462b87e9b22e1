//! Sizes and names that swarm takes.

use crate::diagnostic::code::{UNFIT_NAME, UNFIT_SIZE};
use crate::diagnostic::{Diagnostic, Span};
use crate::plan::draft::Draft;
use crate::plan::{Change, Write};
use crate::swarm::Kind;

/// A config holds fewer bytes than this.
const CONFIG_BYTES: usize = 1_024_000;
/// A secret holds fewer bytes than this.
const SECRET_BYTES: usize = 512_000;

/// Checks what would be created.
pub(in crate::plan) fn check_limits(draft: &mut Draft) {
    let mut problems: Vec<(Diagnostic, Option<Span>)> = Vec::new();
    for change in &draft.changes {
        let bytes = match &change.write {
            Write::CreateConfig { content, .. } => Some((content.0.len(), CONFIG_BYTES)),
            Write::CreateSecret { content: Some(content), .. } => Some((content.0.len(), SECRET_BYTES)),
            Write::CreateService { .. } | Write::CreateNetwork { .. } | Write::CreateSecret { .. } => None,
            _ => continue,
        };
        problems.extend(size(change, bytes).into_iter().chain(name(change)).map(|d| (d, change.span)));
    }
    for (problem, span) in problems {
        draft.refuse(problem.clone(), span);
    }
}

fn size(change: &Change, bytes: Option<(usize, usize)>) -> Option<Diagnostic> {
    let (bytes, limit) = bytes?;
    let word = change.kind.as_str();
    let problem = if bytes == 0 {
        // Not for secrets: how long one is, is nobody's business; empty is.
        Diagnostic::error(UNFIT_SIZE, format!("{word} `{}` is empty", change.key)).help("swarm takes no empty ones")
    } else if bytes >= limit {
        Diagnostic::error(
            UNFIT_SIZE,
            format!("{word} `{}` is too large: swarm takes fewer than {limit} bytes", change.key),
        )
        .help("put large files into an image or a volume")
    } else {
        return None;
    };
    Some(problem.about(change.address()))
}

fn name(change: &Change) -> Option<Diagnostic> {
    let (longest, marks) = match change.kind {
        Kind::Service => (63, "-_"),
        // A name of DNS, though nobody counts its letters.
        Kind::Network => (usize::MAX, "-_"),
        Kind::Config | Kind::Secret => (64, "-_."),
    };
    let name = &change.name;
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let good = ends(name.chars().next())
        && ends(name.chars().next_back())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c));
    let why = if name.len() > longest {
        format!("has {} characters: swarm takes {longest}", name.len())
    } else if !good {
        format!(
            "is no name for a {}: letters, digits and {marks}, a letter or digit at both ends",
            change.kind.as_str()
        )
    } else {
        return None;
    };
    Some(
        Diagnostic::error(UNFIT_NAME, format!("`{name}` {why}"))
            .help("choose another stack name or key")
            .about(change.address()),
    )
}
