//! The document as the scanner tells it: aliases still point, `<<` is still a key.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::offsets::Offsets;
use super::scalar;
use super::shared::Shared;
use super::{Kind, MAX_DEPTH, MAX_NODES, Style};
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Span, code};

/// A place in [`Arena::nodes`].
pub type Index = u32;

pub struct Arena {
    pub nodes: Vec<Raw>,
    pub root: Option<Index>,
    /// Nodes that are asked for more than once.
    pub shared: Shared,
    /// Where a second document starts.
    pub second: Option<Span>,
}

pub struct Raw {
    pub form: Form,
    pub span: Span,
    pub style: Style,
    pub tag: Option<Box<str>>,
}

#[derive(Clone)]
pub enum Form {
    Scalar(Kind),
    /// A plain `<<`.
    Merge,
    List(Vec<Index>),
    Map(Vec<(Index, Index)>),
    Alias(Index),
}

/// A list or mapping that has begun.
struct Open {
    index: Index,
    /// The key that waits for its value.
    key: Option<Index>,
    anchored: bool,
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    offsets: Offsets<'a>,
    nodes: Vec<Raw>,
    open: Vec<Open>,
    anchors: HashMap<usize, Index>,
    root: Option<Index>,
    shared: Shared,
    /// The line that a collection began on last, and where it ends: a line of ten thousand lists is measured once.
    line: std::ops::Range<u32>,
}

/// Reads the first document. After an error it tells the byte where the text makes no sense; what is wrong is in the
/// diagnostics.
pub fn build(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Result<Arena, u32> {
    let mut builder = Builder {
        file,
        text,
        offsets: Offsets::new(text),
        nodes: Vec::new(),
        open: Vec::new(),
        anchors: HashMap::new(),
        root: None,
        shared: Shared::default(),
        line: 0..0,
    };
    let mut parser = Parser::new_from_str(text);
    let mut second = None;
    let mut ended = false;
    while let Some(next) = parser.next_event() {
        let (event, place) = match next {
            Ok(event) => event,
            // docker reads no further than the first document.
            Err(_) if ended => break,
            Err(error) => {
                diagnostics.push(builder.syntax(&error));
                let at = error.marker().index();
                return Err(builder.span(at, at).start);
            }
        };
        let span = builder.span(place.start.index(), place.end.index());
        match event {
            Event::DocumentEnd => ended = true,
            Event::DocumentStart(_) if ended => {
                second = Some(span);
                break;
            }
            event => {
                if let Err(problem) = builder.take(event, span, diagnostics) {
                    diagnostics.push(*problem);
                    return Err(u32::MAX);
                }
            }
        }
    }
    Ok(Arena { nodes: builder.nodes, root: builder.root, shared: builder.shared.settle(), second })
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span, diagnostics: &mut Diagnostics) -> Result<(), Box<Diagnostic>> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let raw = self.scalar(&text, style, tag.as_deref(), span, diagnostics);
                let index = self.push(raw, anchor)?;
                self.attach(index);
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(Form::List(Vec::new()), anchor, tag.as_deref(), span)?;
            }
            Event::MappingStart(anchor, tag) => {
                self.begin(Form::Map(Vec::new()), anchor, tag.as_deref(), span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(done) = self.open.pop() {
                    if done.anchored {
                        self.shared.anchored(done.index, self.nodes.len() as Index);
                    }
                    self.attach(done.index);
                }
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                let Some(target) = target else {
                    let problem = Diagnostic::error(code::YAML_SYNTAX, "an alias of an anchor that does not exist");
                    return Err(Box::new(problem.at(span)));
                };
                if self.open.iter().any(|o| o.index == target) {
                    let anchor = self.nodes.get(target as usize).map(|n| n.span).unwrap_or(span);
                    return Err(Box::new(
                        Diagnostic::error(code::ALIAS_CYCLE, "this anchor contains itself")
                            .at(span)
                            .also(anchor, "the anchor begins here")
                            .help("write the value out at one of the two places"),
                    ));
                }
                self.shared.alias(target);
                let index = self.push(Raw { form: Form::Alias(target), span, style: Style::Plain, tag: None }, 0)?;
                self.attach(index);
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, form: Form, anchor: usize, tag: Option<&Tag>, span: Span) -> Result<(), Box<Diagnostic>> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Box::new(too_deep(span)));
        }
        let span = self.first_line(span);
        let index = self.push(Raw { form, span, style: Style::Collection, tag: local(tag) }, anchor)?;
        self.open.push(Open { index, key: None, anchored: anchor > 0 });
        Ok(())
    }

    fn push(&mut self, raw: Raw, anchor: usize) -> Result<Index, Box<Diagnostic>> {
        let index = self.nodes.len() as Index;
        if self.nodes.len() >= MAX_NODES {
            return Err(Box::new(
                Diagnostic::error(code::TOO_MANY_VALUES, format!("the file has more than {MAX_NODES} values"))
                    .at_with(raw.span, "this is one too many")
                    .help("is this the right file? Large data belongs in a file of its own, named by `configs`"),
            ));
        }
        self.nodes.push(raw);
        if anchor > 0 {
            self.anchors.insert(anchor, index);
        }
        Ok(index)
    }

    /// Gives a finished node to the list or mapping around it.
    fn attach(&mut self, child: Index) {
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(child);
            return;
        };
        match self.nodes.get_mut(parent.index as usize).map(|n| &mut n.form) {
            Some(Form::List(items)) => items.push(child),
            Some(Form::Map(entries)) => match parent.key.take() {
                Some(key) => entries.push((key, child)),
                None => parent.key = Some(child),
            },
            _ => {}
        }
    }

    fn scalar(
        &self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
        diagnostics: &mut Diagnostics,
    ) -> Raw {
        let written = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        let core = tag.filter(|t| t.is_yaml_core_schema()).map(|t| t.suffix.as_str());
        let form = match (core, tag.is_some(), written) {
            (Some("int" | "float" | "bool" | "null"), _, _) => Form::Scalar(scalar::resolve(text)),
            (None, false, Style::Plain) if text == "<<" => Form::Merge,
            (Some("merge"), _, _) => Form::Merge,
            (None, false, Style::Plain) => Form::Scalar(match scalar::date(text) {
                Some(date) => {
                    diagnostics.push(
                        Diagnostic::warning(code::DATE, format!("`{text}` is a date to YAML and becomes `{date}`"))
                            .at(span)
                            .help(format!("write \"{text}\" with quotes to keep it as it is")),
                    );
                    Kind::Text(date)
                }
                None => scalar::resolve(text),
            }),
            _ => Form::Scalar(Kind::Text(text.to_owned())),
        };
        let span = if written == Style::Quoted { self.quoted(span) } else { span };
        Raw { form, span, style: written, tag: local(tag) }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let (start, end) = (self.offsets.byte(start), self.offsets.byte(end));
        Span { file: self.file, start, end: end.max(start) }
    }

    /// To the closing quote: the scanner goes on to where the next thing begins.
    fn quoted(&self, span: Span) -> Span {
        let text = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        let mut rest = text.char_indices().peekable();
        let Some((_, quote @ ('"' | '\''))) = rest.next() else { return span };
        while let Some((at, c)) = rest.next() {
            if c == quote && (quote == '"' || rest.next_if(|(_, next)| *next == quote).is_none()) {
                return Span { end: span.start + at as u32 + 1, ..span };
            }
            if c == '\\' && quote == '"' {
                rest.next();
            }
        }
        span
    }

    /// From where a collection starts to the end of that line.
    fn first_line(&mut self, span: Span) -> Span {
        if !self.line.contains(&span.start) {
            let rest = self.text.get(span.start as usize..).unwrap_or_default();
            let line = rest.lines().next().unwrap_or_default().trim_end();
            self.line = span.start..span.start + line.len() as u32;
        }
        Span { end: self.line.end.max(span.start), ..span }
    }

    fn syntax(&self, error: &ScanError) -> Diagnostic {
        let at = self.span(error.marker().index(), error.marker().index());
        let before = self.text.get(..at.start as usize).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let line = self.text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = line.get(..indent).and_then(|i| i.find('\t')) {
            let start = (line_start + tab) as u32;
            return Diagnostic::error(code::TAB_INDENT, "a tab cannot indent YAML")
                .at(Span { start, end: start + 1, ..at })
                .help("use spaces, two for each level; most editors can convert the whole file");
        }
        let problem = Diagnostic::error(code::YAML_SYNTAX, format!("YAML cannot be read: {}", error.info()));
        let last = self.text.chars().next_back().filter(|_| at.start as usize == self.text.len());
        let problem = if let Some(last) = last {
            problem.at_with(Span { start: at.start - last.len_utf8() as u32, ..at }, "the file ends here")
        } else {
            problem.at(at)
        };
        match deeper(before.get(..line_start).unwrap_or_default(), line) {
            Some(help) => problem.help(help),
            None => problem.help(hint(error.info(), before.get(..line_start).unwrap_or_default(), line)),
        }
    }
}

/// A line below `key: value` that begins further to the right, which is the commonest slip of all.
fn deeper(above: &str, line: &str) -> Option<String> {
    let above = above.lines().rev().find(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#'))?;
    let indent = |l: &str| l.len() - l.trim_start_matches(' ').len();
    let (_, value) = above.split_once(": ")?;
    let has_value =
        !value.trim().is_empty() && !value.trim_start().starts_with(['|', '>', '&', '{', '[', '"', '\'', '#']);
    let is_entry = line.trim_start().split_once(':').is_some_and(|(key, _)| !key.is_empty() && !key.contains(' '));
    (has_value && is_entry && indent(line) > indent(above)).then(|| {
        let (here, there) = (indent(line), indent(above));
        format!("this line is indented by {here} spaces and the one above by {there}: give both the same, for the one above has a value already")
    })
}

/// The key of `image:acme/web`, which YAML takes for text.
fn glued(line: &str) -> Option<&str> {
    let (key, value) = line.trim_start().split_once(':')?;
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!key.is_empty() && key.chars().all(word) && value.starts_with(|c: char| !c.is_whitespace())).then_some(key)
}

/// What to look at first, for a scanner's complaint.
fn hint(info: &str, before: &str, line: &str) -> String {
    let info = info.to_lowercase();
    let colon = info.contains("mapping values are not allowed");
    if (colon || info.contains("simple key"))
        && let Some(key) = before.lines().next_back().and_then(glued)
    {
        return format!("a space is missing behind `{key}:` on the line above");
    }
    if colon {
        return "a `: ` stands where none can: quote the value if the colon belongs to it, or check the indentation"
            .into();
    }
    if info.contains("quot") {
        return "a quote is opened and not closed".into();
    }
    if info.contains("anchor") || info.contains("alias") {
        return "define the anchor (`&name`) before its alias (`*name`); quote a value that starts with `*` or `&`"
            .into();
    }
    if line.trim_start().starts_with(['@', '`', '%']) {
        return "quote a value that starts with `@`, `` ` `` or `%`".into();
    }
    "compare the indentation of this line with that of the lines around it; entries of one mapping start in one column"
        .into()
}

pub fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error(code::TOO_DEEP, format!("lists and mappings are nested more than {MAX_DEPTH} deep"))
        .at(span)
        .help("no Compose key needs more than a dozen levels")
}

/// `!reset` and the like; yaml.org's own tags are spent by now.
fn local(tag: Option<&Tag>) -> Option<Box<str>> {
    tag.filter(|t| !t.is_yaml_core_schema()).map(|t| format!("{}{}", t.handle, t.suffix).into_boxed_str())
}
