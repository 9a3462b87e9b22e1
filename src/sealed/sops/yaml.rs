//! YAML.

use super::cipher::Kind as Sealed;
use super::document::{Document, Leaf, Plain, Setting, remarks};
use super::metadata::Metadata;
use super::yaml_scalar;
use crate::compose::yaml::{self, Entry, Kind, Node, Style};
use crate::diagnostic::{Diagnostics, Sources, code};
use crate::sealed::SealError;

/// What SOPS' own part is called.
const OWN: &str = "sops";
/// By how much SOPS indents unless it is told otherwise.
const STEP: usize = 4;

pub fn read(bytes: &[u8]) -> Result<Document, SealError> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let file = yaml::decode("", bytes, &mut sources, &mut diagnostics);
    let text = file.and_then(|file| sources.get(file)).map(|source| source.text.to_string());
    let root = file.zip(text.as_ref()).and_then(|(file, text)| yaml::parse(file, text, &mut diagnostics));
    let several = diagnostics.iter().find(|d| d.code == code::SEVERAL_DOCUMENTS);
    if several.is_some() {
        return Err(SealError::Form("it has several documents; put each in a file of its own".to_owned()));
    }
    let (Some(text), Some(root)) = (text, root.filter(|_| !diagnostics.has_errors())) else {
        let at = diagnostics.iter().find_map(|d| sources.start(d.primary.as_ref()?.span));
        let line = at.map_or(String::new(), |at| format!(" (line {})", at.line));
        return Err(SealError::Form(format!("it cannot be read as YAML{line}")));
    };
    let entries = root.as_map().map(|map| map.entries.as_slice()).unwrap_or_default();
    let Some(at) = entries.iter().position(|entry| entry.key.value == OWN) else {
        return Err(SealError::Form("it has no `sops:`".to_owned()));
    };
    let start_of_line = |entry: &Entry| {
        let start = entry.key.span.start as usize;
        start - column(&text, start)
    };
    let (Some(own), next) = (entries.get(at), entries.get(at + 1)) else { return Err(SealError::NotForUs) };
    if flow(&text, &root) {
        return Err(SealError::Form("it is one line of {}; write it in lines, or as .json".to_owned()));
    }
    let metadata = Metadata::of(yaml::json(&own.value))?;
    let step = own.value.as_map().and_then(|map| map.entries.first());
    let step = step.map(|entry| column(&text, entry.key.span.start as usize)).filter(|step| (1..=9).contains(step));
    let mut walk = Walk { text: &text, step: step.unwrap_or(STEP), leaves: Vec::new(), alias: false };
    for entry in entries.iter().filter(|entry| entry.key.value != OWN) {
        walk.entry(entry, &mut Vec::new(), false);
    }
    if walk.alias {
        return Err(SealError::Form("it has aliases (`*name`), which SOPS never writes".to_owned()));
    }
    let leaves = walk.leaves;
    let remarks = remarks(&text, "#ENC[AES256_GCM,", &leaves);
    let own = std::iter::once(start_of_line(own)..next.map_or(text.len(), start_of_line)).collect();
    Ok(Document { leaves, remarks, metadata, own, text })
}

/// A value as SOPS writes it.
pub fn written(kind: Sealed, text: &str, setting: Setting) -> String {
    match kind {
        Sealed::Text | Sealed::Comment => yaml_scalar::written(text, setting),
        Sealed::Bool => text.to_ascii_lowercase(),
        Sealed::Float => text.parse().map_or_else(|_| text.to_owned(), yaml::go_float),
        Sealed::Int | Sealed::Time => text.to_owned(),
    }
}

struct Walk<'a> {
    text: &'a str,
    step: usize,
    leaves: Vec<Leaf>,
    alias: bool,
}

impl Walk<'_> {
    fn entry(&mut self, entry: &Entry, path: &mut Vec<String>, flow: bool) {
        path.push(entry.key.value.clone());
        let parent = column(self.text, entry.key.span.start as usize);
        let indent = self.step * ((parent + self.step) / self.step);
        self.value(&entry.value, path, Setting { flow, indent, parent });
        path.pop();
    }

    fn value(&mut self, node: &Node, path: &mut Vec<String>, setting: Setting) {
        self.alias |= node.alias.is_some();
        let flow = setting.flow || flow(self.text, node);
        match &node.kind {
            Kind::Map(map) => map.entries.iter().for_each(|entry| self.entry(entry, path, flow)),
            Kind::List(items) => {
                for item in items {
                    let start = item.span.start as usize;
                    let before = self.text.get(..start).unwrap_or_default().trim_end_matches(' ');
                    let parent = column(self.text, before.len().saturating_sub(1));
                    self.value(item, path, Setting { flow, indent: parent + 2, parent });
                }
            }
            scalar => {
                let at = node.span.start as usize..node.span.end as usize;
                // As it is written: the tree has it in the words of docker.
                let date = self.text.get(at.clone()).filter(|_| node.style == Style::Plain).and_then(yaml::date);
                let value = date.map_or_else(|| plain(scalar), |date| Plain::Word(rfc3339(&date)));
                self.leaves.push(Leaf { path: path.clone(), at, value, setting });
            }
        }
    }
}

/// As Go prints it into the digest.
fn plain(kind: &Kind) -> Plain {
    match kind {
        Kind::Bool(yes) => Plain::Word(if *yes { "True" } else { "False" }.to_owned()),
        Kind::Int(number) => Plain::Word(number.to_string()),
        Kind::Float(number) if number.is_nan() => Plain::Word("NaN".to_owned()),
        Kind::Float(number) if number.is_infinite() => Plain::Word(yaml::go_float(*number)),
        Kind::Float(number) => Plain::Word(number.to_string()),
        Kind::Text(text) => Plain::Text(text.clone()),
        Kind::Null | Kind::List(_) | Kind::Map(_) => Plain::Null,
    }
}

/// `2006-01-02 15:04:05 +0200 +0200` as `2006-01-02T15:04:05+02:00`.
fn rfc3339(printed: &str) -> String {
    let mut words = printed.split(' ');
    let (day, time, zone) = (words.next(), words.next(), words.next().unwrap_or_default());
    let zone = match (zone, zone.split_at_checked(3)) {
        ("+0000", _) | (_, None) => "Z".to_owned(),
        (_, Some((hours, minutes))) => format!("{hours}:{minutes}"),
    };
    format!("{}T{}{zone}", day.unwrap_or_default(), time.unwrap_or_default())
}

fn flow(text: &str, node: &Node) -> bool {
    let first = text.as_bytes().get(node.span.start as usize);
    node.style == Style::Collection && matches!(first, Some(b'{' | b'['))
}

/// Bytes since the line began.
fn column(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before.len() - before.rfind('\n').map_or(0, |newline| newline + 1)
}
