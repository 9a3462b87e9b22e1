//! From the arena to the tree: aliases followed within a budget, `<<` merged, duplicate keys refused.

use std::collections::HashMap;

use super::arena::{self, Arena, Form, Index, Raw};
use super::{ALIAS_BUDGET, Directive, Entry, Kind, MAX_DEPTH, Map, Node};
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Span, Spanned, code};

/// Reads a document whose root is a mapping. `None` after an error that leaves nothing to look at.
pub fn parse(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let arena = arena::build(file, text, diagnostics)?;
    if let Some(span) = arena.second {
        diagnostics.push(
            Diagnostic::warning(
                code::SEVERAL_DOCUMENTS,
                "only the first document of a file is read; this is the second",
            )
            .at(span)
            .help("move it to a file of its own and name both with `-c`"),
        );
    }
    let start = Span { file, start: 0, end: 0 };
    let empty = || {
        Diagnostic::error(code::EMPTY_FILE, "the file is empty")
            .at(start)
            .help("a Compose file starts with `services:`")
    };
    let Some(root) = arena.root else {
        diagnostics.push(empty());
        return None;
    };
    let mut tree = Tree { arena: &arena, diagnostics, spent: 0, failed: false, merges: HashMap::new() };
    let node = tree.node(root, 0, None);
    if tree.failed {
        return None;
    }
    match node.kind {
        Kind::Map(_) => Some(node),
        Kind::Null => {
            diagnostics.push(empty());
            None
        }
        _ => {
            diagnostics.push(
                Diagnostic::error(
                    code::ROOT_NOT_MAPPING,
                    format!("a Compose file is a mapping, and this is {}", node.noun()),
                )
                .at(node.span)
                .help("start with `services:` and indent each service beneath it"),
            );
            None
        }
    }
}

struct Tree<'a> {
    arena: &'a Arena,
    diagnostics: &'a mut Diagnostics,
    /// What aliases have added so far.
    spent: usize,
    /// The tree is not worth going on with.
    failed: bool,
    /// Mappings whose duplicates have been reported.
    merges: HashMap<Index, ()>,
}

impl Tree<'_> {
    /// `alias` is the outermost alias that led here.
    fn node(&mut self, index: Index, depth: usize, alias: Option<Span>) -> Node {
        let arena = self.arena;
        let Some(raw) = arena.nodes.get(index) else { return self.nothing() };
        if self.failed || (alias.is_some() && self.over_budget(raw)) {
            return Node::new(Kind::Null, raw.span, raw.style);
        }
        if depth > MAX_DEPTH {
            self.failed = true;
            self.diagnostics.push(arena::too_deep(alias.unwrap_or(raw.span)));
            return Node::new(Kind::Null, raw.span, raw.style);
        }
        let directive = match raw.tag.as_deref() {
            Some("!reset") => Some(Directive::Reset),
            Some("!override") => Some(Directive::Override),
            _ => None,
        };
        if directive == Some(Directive::Reset) {
            return Node { alias, directive, ..Node::new(Kind::Null, raw.span, raw.style) };
        }
        if let Some(tag) = raw.tag.as_ref().filter(|_| alias.is_none() && directive.is_none()) {
            let problem =
                Diagnostic::warning(code::UNKNOWN_TAG, format!("the tag `{tag}` is not known and has no effect"));
            self.diagnostics.push(problem.at(raw.span).help("take it out"));
        }
        let kind = match &raw.form {
            Form::Alias(target) => return self.node(*target, depth, alias.or(Some(raw.span))),
            Form::Merge => Kind::Text("<<".into()),
            Form::Scalar(kind) => kind.clone(),
            Form::List(items) => Kind::List(items.iter().map(|i| self.node(*i, depth + 1, alias)).collect()),
            Form::Map(entries) => Kind::Map(self.map(index, entries, depth, alias)),
        };
        Node { alias, directive, ..Node::new(kind, raw.span, raw.style) }
    }

    fn nothing(&self) -> Node {
        let span = Span { file: crate::diagnostic::FileId(0), start: 0, end: 0 };
        Node::new(Kind::Null, span, super::Style::Plain)
    }

    fn over_budget(&mut self, raw: &Raw) -> bool {
        let text = match &raw.form {
            Form::Scalar(Kind::Text(text)) => text.len(),
            _ => 0,
        };
        self.spent += 1 + text / 32;
        if self.spent > ALIAS_BUDGET && !self.failed {
            self.failed = true;
            self.diagnostics.push(
                Diagnostic::error(code::ALIAS_BUDGET, "the aliases of this file blow it up beyond any use")
                    .at_with(raw.span, format!("more than {ALIAS_BUDGET} values come from anchors"))
                    .help("an anchor that holds aliases of anchors multiplies; write the values out"),
            );
        }
        self.failed
    }

    fn map(&mut self, index: Index, raw: &[(Index, Index)], depth: usize, alias: Option<Span>) -> Map {
        let mut map = Map::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut merges = Vec::new();
        let mut first_merge: Option<Span> = None;
        let report = self.merges.insert(index, ()).is_none();
        for (key, value) in raw {
            let Some(key_raw) = self.arena.nodes.get(*key) else { continue };
            if matches!(key_raw.form, Form::Merge) {
                match first_merge {
                    Some(first) if report => self.duplicate("<<", key_raw.span, first),
                    _ => first_merge = Some(key_raw.span),
                }
                merges.push((key_raw.span, *value));
                continue;
            }
            let Some(key) = self.key(*key, report) else { continue };
            if let Some(entry) = places.get(&key.value).and_then(|i| map.entries.get(*i)) {
                if report {
                    self.duplicate(&key.value, key.span, entry.key.span);
                }
                continue;
            }
            let value = self.node(*value, depth + 1, alias);
            places.insert(key.value.clone(), map.entries.len());
            map.entries.push(Entry { key, value });
        }
        for (span, value) in merges {
            self.merge(&mut map, &mut places, span, value, depth, alias);
        }
        map
    }

    /// `<<`: keys that are already there win, and an earlier mapping of a list wins over a later one.
    fn merge(
        &mut self,
        map: &mut Map,
        places: &mut HashMap<String, usize>,
        span: Span,
        value: Index,
        depth: usize,
        alias: Option<Span>,
    ) {
        let node = self.node(value, depth + 1, alias);
        let sources = match node.kind {
            Kind::Map(from) => vec![from],
            Kind::List(items) if items.iter().all(|i| i.as_map().is_some()) => {
                items.into_iter().filter_map(|i| if let Kind::Map(m) = i.kind { Some(m) } else { None }).collect()
            }
            _ if self.failed => Vec::new(),
            _ => {
                self.diagnostics.push(
                    Diagnostic::error(code::BAD_MERGE, "`<<` takes a mapping or a list of mappings")
                        .at(span)
                        .help("write `<<: *anchor` or `<<: [*first, *second]`"),
                );
                Vec::new()
            }
        };
        for entry in sources.into_iter().flat_map(|m| m.entries) {
            if !places.contains_key(&entry.key.value) {
                places.insert(entry.key.value.clone(), map.entries.len());
                map.entries.push(entry);
            }
        }
    }

    /// Keys are text; `8080:` is a number and `~:` nothing.
    fn key(&mut self, index: Index, report: bool) -> Option<Spanned<String>> {
        let raw = self.arena.nodes.get(index)?;
        let target = match raw.form {
            Form::Alias(target) => self.arena.nodes.get(target)?,
            _ => raw,
        };
        if let Form::Scalar(Kind::Text(text)) = &target.form {
            return Some(Spanned::new(text.clone(), raw.span));
        }
        if report {
            self.diagnostics.push(
                Diagnostic::error(code::KEY_NOT_TEXT, "a key must be text").at(raw.span).help("put it between quotes"),
            );
        }
        None
    }

    fn duplicate(&mut self, key: &str, second: Span, first: Span) {
        self.diagnostics.push(
            Diagnostic::error(code::DUPLICATE_KEY, format!("`{key}` is given twice in one mapping"))
                .at_with(second, "again here")
                .also(first, "first here")
                .help("keep one of the two"),
        );
    }
}
