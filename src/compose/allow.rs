//! `# stackup: allow(SU0401)`: silences warnings of its own line, or, on a line of its own, of the next line.

use std::collections::HashMap;

use super::yaml::{Node, parse};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Severity, Sources, Span, code};

const MARK: &str = "stackup: allow(";

/// What one comment allows of one code.
struct Allow {
    file: FileId,
    /// The line that is spoken of, from 1.
    line: u32,
    id: String,
    /// The code in the comment.
    span: Span,
    used: bool,
}

/// Takes out the warnings and notes that comments of their files allow. `complete`: every check of the files has been made,
/// so a comment that silenced nothing is worth a warning (codes of checks against a swarm are never idle here).
pub fn silence(diagnostics: Diagnostics, sources: &Sources, complete: bool) -> Diagnostics {
    let mut allows: Vec<Allow> =
        (0..sources.iter().count()).flat_map(|i| comments(FileId(i as u32), sources)).collect();
    if allows.is_empty() {
        return diagnostics;
    }
    let mut by_line: HashMap<(FileId, u32), Vec<usize>> = HashMap::new();
    for (i, allow) in allows.iter().enumerate() {
        by_line.entry((allow.file, allow.line)).or_default().push(i);
    }
    let mut kept = Diagnostics::default();
    for diagnostic in diagnostics {
        let place = diagnostic.primary.as_ref().map(|l| l.span);
        let line = place.and_then(|span| Some((span.file, sources.start(span)?.line)));
        let mut silenced = false;
        for i in line.and_then(|line| by_line.get(&line)).into_iter().flatten() {
            if let Some(allow) = allows.get_mut(*i).filter(|a| diagnostic.code.id == a.id) {
                allow.used = true;
                silenced = diagnostic.severity != Severity::Error;
            }
        }
        if !silenced {
            kept.push(diagnostic);
        }
    }
    if complete {
        let of_files = [code::READING, code::INTERPOLATE, code::COMPOSE, code::LINT].concat();
        for allow in &allows {
            // Looking for the words of one takes its time.
            if kept.is_full(Severity::Warning) {
                kept.omit(1);
            } else if let Some(complaint) = complaint(allow, &of_files) {
                kept.push(complaint);
            }
        }
    }
    kept
}

fn complaint(allow: &Allow, of_files: &[Code]) -> Option<Diagnostic> {
    let id = &allow.id;
    if !code::all().any(|c| c.id == id) {
        let ids: Vec<&str> = code::all().map(|c| c.id).collect();
        let help = match crate::diagnostic::closest(id, ids.iter().copied()) {
            Some(near) => format!("did you mean {near}? `stackup explain codes` lists all"),
            None => "`stackup explain codes` lists all codes".to_owned(),
        };
        let problem = Diagnostic::warning(code::UNKNOWN_ALLOW, format!("there is no code `{id}` to allow"));
        return Some(problem.at(allow.span).help(help));
    }
    if allow.used || !of_files.iter().any(|c| c.id == id) {
        return None;
    }
    let problem = Diagnostic::warning(code::IDLE_ALLOW, format!("there is no {id} on line {} to allow", allow.line));
    Some(problem.at(allow.span).help("take the comment out, or write it on the line of the warning or above it"))
}

/// All codes allowed in one file.
fn comments(file: FileId, sources: &Sources) -> Vec<Allow> {
    let Some(source) = sources.get(file).filter(|f| f.text.contains(MARK)) else { return Vec::new() };
    let text = &source.text;
    let mut allows = Vec::new();
    // What looks like a comment may stand in a text.
    let mut texts = Vec::new();
    if let Some(root) = parse(file, text, &mut Diagnostics::default()) {
        scalars(&root, file, &mut texts);
    }
    let texts = Places::of(texts);
    let mut start = 0;
    let lines: Vec<&str> = text.split('\n').collect();
    let next_lines = next_lines(&lines);
    for (number, line) in lines.iter().enumerate() {
        let begin = start;
        start += line.len() + 1;
        let Some(hash) = line.match_indices('#').map(|(i, _)| i).find(|i| is_allow(line, *i)) else { continue };
        let at = (begin + hash) as u32;
        if texts.hold(at) {
            continue;
        }
        let alone = line.get(..hash).is_some_and(|before| before.trim().is_empty());
        let target = if alone { next_lines.get(number).copied().unwrap_or(number) } else { number };
        let open = line.get(hash..).and_then(|l| l.find('(')).map_or(line.len(), |i| hash + i + 1);
        let inside = line.get(open..).unwrap_or_default();
        let inside = inside.get(..inside.find(')').unwrap_or(inside.len())).unwrap_or_default();
        let mut offset = begin + open;
        // Whoever lists more codes than there are is not asking.
        for part in inside.split(',').take(code::all().count()) {
            let id = part.trim();
            let from = offset + (part.len() - part.trim_start().len());
            offset += part.len() + 1;
            let span = Span { file, start: from as u32, end: (from + id.len()) as u32 };
            allows.push(Allow { file, line: target as u32 + 1, id: id.to_uppercase(), span, used: false });
        }
    }
    allows
}

/// A comment begins here, and allows something.
fn is_allow(line: &str, hash: usize) -> bool {
    let before = line.get(..hash).unwrap_or_default();
    let comment = line.get(hash + 1..).unwrap_or_default().trim_start();
    (before.is_empty() || before.ends_with([' ', '\t'])) && comment.starts_with(MARK)
}

/// For each line the first below it that is no comment and not empty; itself where there is none.
fn next_lines(lines: &[&str]) -> Vec<usize> {
    let mut below = None;
    let upwards = lines.iter().enumerate().rev().map(|(number, line)| {
        let next = below.unwrap_or(number);
        if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
            below = Some(number);
        }
        next
    });
    let mut next: Vec<usize> = upwards.collect();
    next.reverse();
    next
}

/// Parts of a text, to be asked for each comment.
struct Places {
    /// By where they start.
    starts: Vec<u32>,
    /// How far the parts up to here reach.
    reach: Vec<u32>,
}

impl Places {
    fn of(mut spans: Vec<Span>) -> Self {
        spans.sort_unstable();
        let mut far = 0;
        let reach = spans.iter().map(|s| {
            far = s.end.max(far);
            far
        });
        Self { reach: reach.collect(), starts: spans.iter().map(|s| s.start).collect() }
    }

    fn hold(&self, at: u32) -> bool {
        let before = self.starts.partition_point(|start| *start <= at);
        before.checked_sub(1).and_then(|last| self.reach.get(last)).is_some_and(|reach| at < *reach)
    }
}

/// Where quoted texts and blocks stand.
fn scalars(node: &Node, file: FileId, into: &mut Vec<Span>) {
    if node.as_text().is_some() && node.span.file == file {
        into.push(node.span);
    }
    for item in node.as_list().unwrap_or_default() {
        scalars(item, file, into);
    }
    for entry in node.as_map().into_iter().flat_map(|m| &m.entries) {
        into.push(entry.key.span);
        scalars(&entry.value, file, into);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::tests::{Memory, read, shown};
    use crate::compose::{Loaded, lint};

    fn left(text: &str) -> Vec<String> {
        let (loaded, sources) = read(&[text], &[], &Memory::default());
        let stack = loaded.stack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
        let mut diagnostics = loaded.diagnostics;
        diagnostics.extend(lint(&stack, &sources));
        shown(
            &Loaded { stack: None, diagnostics: silence(diagnostics, &sources, true), layers: Default::default() },
            &sources,
        )
    }

    #[test]
    fn a_comment_silences_its_line_or_the_next() {
        for (text, expected) in [
            ("services:\n  a:  # stackup: allow(SU0401, su0409)\n    image: x:1\n", vec![]),
            ("services:\n  # why not\n  # stackup: allow(SU0401,SU0409)\n  # indeed\n\n  a:\n    image: x:1\n", vec![]),
            ("services:\n  a:  # stackup: allow(SU0401)\n    image: x:1\n", vec!["SU0409 0.yml:2:3"]),
            (
                "services:\n  a:  # stackup: allow(SU0401, SU0409)\n    image: 'x'  # 'x' # stackup: allow(SU0402)\n",
                vec![],
            ),
            (
                "services:\n  # stackup: allow(SU0401)\n  # stackup: allow(SU0409)\n  a:\n    image: x # stackup: allow(SU0402)\n",
                vec![],
            ),
        ] {
            assert_eq!(left(text), expected, "{text}");
        }
    }

    #[test]
    fn a_comment_that_does_nothing_is_told() {
        let quiet = "healthcheck: {test: x}\n    deploy: {update_config: {failure_action: pause}}\n";
        for (more, expected) in [
            ("image: x:1 # stackup: allow(SU0402)", vec!["SU0499 0.yml:3:33"]),
            ("image: x:1 # stackup: allow(SU9999)", vec!["SU0498 0.yml:3:33"]),
            ("image: x:1 # stackup: allow()", vec!["SU0498 0.yml:3:33"]),
            // Only a plan can tell.
            ("image: x:1 # stackup: allow(SU0512)", vec![]),
            // No comments.
            ("image: x:1\n    user: 'a # stackup: allow(SU0402)'", vec![]),
            ("image: x:1\n    user: |\n      # stackup: allow(SU0402)\n      b", vec![]),
        ] {
            assert_eq!(left(&format!("services:\n  a:\n    {more}\n    {quiet}")), expected, "{more}");
        }
    }

    #[test]
    fn an_error_stays() {
        let text = "services:\n  a:\n    imgae: x # stackup: allow(SU0201)\n";
        let (loaded, sources) = read(&[text], &[], &Memory::default());
        assert!(silence(loaded.diagnostics, &sources, false).has_errors());
    }
}
