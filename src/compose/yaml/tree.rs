//! From the arena to the tree: aliases followed within a budget, `<<` merged, duplicate keys refused.

use std::collections::{HashMap, HashSet};

use super::arena::{self, Arena, Form, Index};
use super::lenient;
use super::{ALIAS_BUDGET, Directive, Entry, Kind, MAX_DEPTH, Map, Node};
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Span, Spanned, code};

/// Reads a document whose root is a mapping. `None` after an error that leaves nothing to look at.
pub fn parse(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let arena = lenient::build(file, text, diagnostics)?;
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
    let mut tree = Tree { arena, diagnostics, spent: 0, failed: false, seen: HashSet::new() };
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
    arena: Arena,
    diagnostics: &'a mut Diagnostics,
    /// What aliases have added so far.
    spent: usize,
    /// The tree is not worth going on with.
    failed: bool,
    /// Mappings whose duplicates have been reported.
    seen: HashSet<Index>,
}

impl Tree<'_> {
    /// `alias` is the outermost alias that led here.
    fn node(&mut self, index: Index, depth: usize, alias: Option<Span>) -> Node {
        let Some(raw) = self.arena.nodes.get_mut(index as usize) else { return self.nothing() };
        let (span, style) = (raw.span, raw.style);
        let directive = match raw.tag.as_deref() {
            Some("!reset") => Some(Directive::Reset),
            Some("!override") => Some(Directive::Override),
            _ => None,
        };
        if directive == Some(Directive::Reset) {
            return Node { alias, directive, ..Node::new(Kind::Null, span, style) };
        }
        if let Some(tag) = raw.tag.as_ref().filter(|_| alias.is_none() && directive.is_none()) {
            let problem =
                Diagnostic::warning(code::UNKNOWN_TAG, format!("the tag `{tag}` is not known and has no effect"));
            self.diagnostics.push(problem.at(span).help("take it out"));
        }
        let Some(form) = self.form(index, alias) else { return Node::new(Kind::Null, span, style) };
        if depth > MAX_DEPTH {
            self.failed = true;
            self.diagnostics.push(arena::too_deep(alias.unwrap_or(span)));
            return Node::new(Kind::Null, span, style);
        }
        let kind = match form {
            Form::Alias(target) => return self.node(target, depth, alias.or(Some(span))),
            Form::Merge => Kind::Text("<<".into()),
            Form::Scalar(kind) => kind,
            Form::List(items) => Kind::List(items.into_iter().map(|i| self.node(i, depth + 1, alias)).collect()),
            Form::Map(entries) => Kind::Map(self.map(index, &entries, depth, alias)),
        };
        Node { alias, directive, ..Node::new(kind, span, style) }
    }

    /// What a node is: the node's own where nobody else can ask for it, else a copy within the budget.
    fn form(&mut self, index: Index, alias: Option<Span>) -> Option<Form> {
        if self.failed || (alias.is_some() && self.over_budget(index)) {
            return None;
        }
        let shared = self.arena.shared.contains(index);
        let raw = self.arena.nodes.get_mut(index as usize)?;
        Some(match shared {
            true => raw.form.clone(),
            false => std::mem::replace(&mut raw.form, Form::Merge),
        })
    }

    fn nothing(&self) -> Node {
        let span = Span { file: crate::diagnostic::FileId(0), start: 0, end: 0 };
        Node::new(Kind::Null, span, super::Style::Plain)
    }

    fn over_budget(&mut self, index: Index) -> bool {
        let Some(raw) = self.arena.nodes.get(index as usize) else { return self.failed };
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
        let mut map = Map { entries: Vec::with_capacity(raw.len()) };
        let mut places = Places::of(raw.len());
        let mut merges = Vec::new();
        let mut first_merge: Option<Span> = None;
        let report = self.seen.insert(index);
        for (key, value) in raw {
            let Some(key_raw) = self.arena.nodes.get(*key as usize) else { continue };
            if matches!(key_raw.form, Form::Merge) {
                let span = key_raw.span;
                match first_merge {
                    Some(first) if report => self.duplicate("<<", span, first),
                    _ => first_merge = Some(span),
                }
                merges.push((span, *value));
                continue;
            }
            let Some(key) = self.key(*key, report) else { continue };
            if let Some(entry) = places.find(&map, &key.value) {
                if report {
                    self.duplicate(&key.value, key.span, entry.key.span);
                }
                continue;
            }
            let value = self.node(*value, depth + 1, alias);
            places.add(&mut map, Entry { key, value });
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
        places: &mut Places,
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
            if places.find(map, &entry.key.value).is_none() {
                places.add(map, entry);
            }
        }
    }

    /// Keys are text; `8080:` is a number and `~:` nothing.
    fn key(&mut self, index: Index, report: bool) -> Option<Spanned<String>> {
        let shared = self.arena.shared.contains(index);
        let raw = self.arena.nodes.get_mut(index as usize)?;
        let span = raw.span;
        if let Form::Scalar(Kind::Text(text)) = &mut raw.form
            && !shared
        {
            return Some(Spanned::new(std::mem::take(text), span));
        }
        let target = match raw.form {
            Form::Alias(target) => target,
            _ => index,
        };
        if let Form::Scalar(Kind::Text(text)) = &self.arena.nodes.get(target as usize)?.form {
            return Some(Spanned::new(text.clone(), span));
        }
        if report {
            self.diagnostics.push(
                Diagnostic::error(code::KEY_NOT_TEXT, "a key must be text").at(span).help("put it between quotes"),
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

/// Where each key of a mapping stands. Few keys are found by looking at them all.
struct Places(Option<HashMap<String, usize>>);

impl Places {
    /// Compared one by one.
    const FEW: usize = 24;

    fn of(keys: usize) -> Self {
        Self((keys > Self::FEW).then(|| HashMap::with_capacity(keys)))
    }

    fn find<'m>(&self, map: &'m Map, key: &str) -> Option<&'m Entry> {
        match &self.0 {
            Some(places) => places.get(key).and_then(|i| map.entries.get(*i)),
            None => map.entry(key),
        }
    }

    fn add(&mut self, map: &mut Map, entry: Entry) {
        if self.0.is_none() && map.entries.len() >= Self::FEW {
            self.0 = Some(map.entries.iter().enumerate().map(|(i, e)| (e.key.value.clone(), i)).collect());
        }
        if let Some(places) = &mut self.0 {
            places.insert(entry.key.value.clone(), map.entries.len());
        }
        map.entries.push(entry);
    }
}
