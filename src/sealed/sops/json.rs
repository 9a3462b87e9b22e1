//! JSON. Read token by token, so that every value keeps its place.

use std::ops::Range;

use super::cipher::{Kind, is_sealed};
use super::document::{Document, Leaf, Plain, Setting};
use super::metadata::Metadata;
use crate::sealed::SealError;

const OWN: &str = "sops";
const MAX_DEPTH: usize = 100;

pub fn read(bytes: &[u8]) -> Result<Document, SealError> {
    let text = std::str::from_utf8(bytes).map_err(|_| broken())?;
    let mut lexer = Lexer { text, at: 0, leaves: Vec::new() };
    let members = lexer.document().ok_or_else(broken)?;
    let own = members.iter().position(|member| member.key == OWN).ok_or_else(broken)?;
    let place = members.get(own).map(|member| member.value.clone()).unwrap_or_default();
    let json = text.get(place.clone()).and_then(|text| serde_json::from_str(text).ok()).ok_or_else(broken)?;
    let metadata = Metadata::of(json)?;
    let mut leaves = lexer.leaves;
    leaves.retain(|leaf| !place.contains(&leaf.at.start));
    let own = std::iter::once(cut(&members, own)).collect();
    Ok(Document { text: text.to_owned(), leaves, remarks: Vec::new(), metadata, own })
}

/// One value and what SOPS says about it, and nothing else.
pub fn is_binary(text: &str) -> bool {
    let mut lexer = Lexer { text, at: 0, leaves: Vec::new() };
    let Some(members) = lexer.document() else { return false };
    let first = lexer.leaves.first();
    let sealed = first.is_some_and(|leaf| matches!(&leaf.value, Plain::Text(text) if is_sealed(text)));
    let keys: Vec<&str> = members.iter().map(|member| member.key.as_str()).collect();
    keys == ["data", OWN] && sealed
}

/// A value as Go writes it.
pub fn written(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Text | Kind::Time | Kind::Comment => quoted(text),
        Kind::Bool => text.to_ascii_lowercase(),
        Kind::Int | Kind::Float => text.to_owned(),
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn broken() -> SealError {
    SealError::Form("it cannot be read as JSON".to_owned())
}

/// With the comma that parts it from its neighbour.
fn cut(members: &[Member], own: usize) -> Range<usize> {
    let at = |i: usize| members.get(i);
    match (at(own), own.checked_sub(1).and_then(at), at(own + 1)) {
        (Some(own), Some(before), _) => before.value.end..own.value.end,
        (Some(own), None, Some(next)) => own.start..next.start,
        (Some(own), None, None) => own.start..own.value.end,
        (None, ..) => 0..0,
    }
}

struct Member {
    key: String,
    start: usize,
    value: Range<usize>,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    leaves: Vec<Leaf>,
}

/// `None` where it is no JSON.
impl Lexer<'_> {
    fn document(&mut self) -> Option<Vec<Member>> {
        self.space();
        let members = self.object(&mut Vec::new(), 0)?;
        self.space();
        (self.at == self.text.len()).then_some(members)
    }

    fn object(&mut self, path: &mut Vec<String>, depth: usize) -> Option<Vec<Member>> {
        self.take(b'{')?;
        let mut members = Vec::new();
        self.space();
        while self.peek()? != b'}' {
            if !members.is_empty() {
                self.take(b',')?;
                self.space();
            }
            let start = self.at;
            let key: String = serde_json::from_str(self.string()?).ok()?;
            self.space();
            self.take(b':')?;
            self.space();
            let value = self.at;
            path.push(key.clone());
            self.value(path, depth + 1)?;
            path.pop();
            members.push(Member { key, start, value: value..self.at });
            self.space();
        }
        self.take(b'}')?;
        Some(members)
    }

    fn value(&mut self, path: &mut Vec<String>, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        let start = self.at;
        let value = match self.peek()? {
            b'{' => return self.object(path, depth).map(drop),
            b'[' => return self.list(path, depth),
            b'"' => Plain::Text(serde_json::from_str(self.string()?).ok()?),
            _ => self.word()?,
        };
        self.leaves.push(Leaf { path: path.clone(), at: start..self.at, value, setting: Setting::default() });
        Some(())
    }

    fn list(&mut self, path: &mut Vec<String>, depth: usize) -> Option<()> {
        self.take(b'[')?;
        self.space();
        let mut first = true;
        while self.peek()? != b']' {
            if !first {
                self.take(b',')?;
                self.space();
            }
            first = false;
            self.value(path, depth + 1)?;
            self.space();
        }
        self.take(b']')
    }

    fn word(&mut self) -> Option<Plain> {
        let rest = self.text.get(self.at..)?;
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
        let word = rest.get(..end)?;
        self.at += end;
        match word {
            "null" => Some(Plain::Null),
            "true" => Some(Plain::Word("True".to_owned())),
            "false" => Some(Plain::Word("False".to_owned())),
            number if number.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                let whole = number.parse::<i64>().ok().map(|number| number.to_string());
                let other = || number.parse::<f64>().ok().filter(|n| n.is_finite()).map(|number| number.to_string());
                whole.or_else(other).map(Plain::Word)
            }
            _ => None,
        }
    }

    /// With its quotes.
    fn string(&mut self) -> Option<&str> {
        let start = self.at;
        self.take(b'"')?;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        self.text.get(start..self.at)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }
}
