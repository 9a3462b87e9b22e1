//! What may stand at a place.

use crate::compose::yaml::{Kind, Node};

/// Kinds of node, as bits.
pub type Kinds = u8;
pub const K_NULL: Kinds = 1;
pub const K_BOOL: Kinds = 2;
pub const K_INT: Kinds = 4;
pub const K_FLOAT: Kinds = 8;
pub const K_TEXT: Kinds = 16;
pub const K_LIST: Kinds = 32;
pub const K_MAP: Kinds = 64;

/// What a value may be, and what may be in it.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub kinds: Kinds,
    /// Of a list.
    pub items: Option<&'static Shape>,
    /// Equal items are an error.
    pub unique: bool,
    /// Of a mapping with keys of the person's own.
    pub values: Option<&'static Shape>,
    /// Of a mapping with fixed keys.
    pub section: Option<&'static Section>,
    /// First version 3.N in which it may be a mapping.
    pub map_since: u8,
}

/// A mapping with fixed keys.
#[derive(Debug)]
pub struct Section {
    pub keys: &'static [Key],
    /// `x-…` keys since version 3.N.
    pub extensions: Option<u8>,
}

#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub since: Since,
    pub shape: Shape,
    pub fate: Fate,
}

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Compose file version 3.N.
    V3(u8),
    /// The Compose specification; `docker stack` refuses it.
    Specification,
}

/// What becomes of a key.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    Held,
    /// Swarm has no such thing; what to do instead.
    Unsupported(&'static str),
    /// Of no use; what to do instead.
    Ignored(&'static str),
    /// Refused; what to write instead.
    Forbidden(&'static str),
}

impl Shape {
    pub const fn of(kinds: Kinds) -> Self {
        Self { kinds, items: None, unique: false, values: None, section: None, map_since: 0 }
    }

    pub const fn list(items: &'static Shape) -> Self {
        Self { items: Some(items), ..Self::of(K_LIST) }
    }

    pub const fn dict(values: &'static Shape) -> Self {
        Self { values: Some(values), ..Self::of(K_MAP) }
    }

    pub const fn section(section: &'static Section) -> Self {
        Self { section: Some(section), ..Self::of(K_MAP) }
    }

    /// A mapping with these keys is welcome too.
    pub const fn or_section(self, section: &'static Section) -> Self {
        Self { kinds: self.kinds | K_MAP, section: Some(section), ..self }
    }

    /// A free mapping of this is welcome too.
    pub const fn or_dict(self, values: &'static Shape) -> Self {
        Self { kinds: self.kinds | K_MAP, values: Some(values), ..self }
    }

    /// More kinds are welcome.
    pub const fn or(self, kinds: Kinds) -> Self {
        Self { kinds: self.kinds | kinds, ..self }
    }

    /// A list of this is welcome too.
    pub const fn or_list(self, items: &'static Shape) -> Self {
        Self { kinds: self.kinds | K_LIST, items: Some(items), ..self }
    }

    pub const fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    pub const fn map_since(self, minor: u8) -> Self {
        Self { map_since: minor, ..self }
    }

    pub fn takes(&self, node: &Node) -> bool {
        self.kinds & kind(node) != 0
    }

    /// "text or a list", for a sentence.
    pub fn nouns(&self) -> String {
        let has = |k| self.kinds & k != 0;
        let mut nouns = Vec::new();
        if has(K_BOOL) {
            nouns.push("true or false");
        }
        if has(K_FLOAT) {
            nouns.push("a number");
        } else if has(K_INT) {
            nouns.push("a whole number");
        }
        // Text is how a variable arrives; it is no form of its own beside these.
        if has(K_TEXT) && (nouns.is_empty() || has(K_NULL)) {
            nouns.push("text");
        }
        if has(K_LIST) {
            nouns.push("a list");
        }
        if has(K_MAP) {
            nouns.push("a mapping");
        }
        match nouns.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
            None => "empty".to_owned(),
        }
    }
}

pub fn kind(node: &Node) -> Kinds {
    match node.kind {
        Kind::Null => K_NULL,
        Kind::Bool(_) => K_BOOL,
        Kind::Int(_) => K_INT,
        Kind::Float(_) => K_FLOAT,
        Kind::Text(_) => K_TEXT,
        Kind::List(_) => K_LIST,
        Kind::Map(_) => K_MAP,
    }
}

pub const ANY: Shape = Shape::of(K_NULL | K_BOOL | K_INT | K_FLOAT | K_TEXT | K_LIST | K_MAP);
pub const TEXT: Shape = Shape::of(K_TEXT);
/// A variable, or a text that says it, does too.
pub const BOOL: Shape = Shape::of(K_BOOL | K_TEXT);
pub const INT: Shape = Shape::of(K_INT | K_TEXT);
pub const NUMBER: Shape = Shape::of(K_INT | K_FLOAT | K_TEXT);
/// Values of `environment`, `labels` and other free mappings.
pub const SCALAR: Shape = Shape::of(K_NULL | K_BOOL | K_INT | K_FLOAT | K_TEXT);
pub const TEXTS: Shape = Shape::list(&TEXT);
pub const UNIQUE_TEXTS: Shape = TEXTS.unique();
pub const TEXT_OR_LIST: Shape = TEXTS.or(K_TEXT);
pub const UNIQUE_TEXT_OR_LIST: Shape = UNIQUE_TEXTS.or(K_TEXT);
/// `KEY: value` or `- KEY=value`.
pub const PAIRS: Shape = Shape::dict(&SCALAR).or_list(&TEXT).unique();
pub const OPTIONS: Shape = Shape::dict(&SCALAR);

/// Keys that swarm holds.
pub const fn held(name: &'static str, shape: Shape) -> Key {
    Key { name, since: Since::V3(0), shape, fate: Fate::Held }
}

pub const fn since(minor: u8, name: &'static str, shape: Shape) -> Key {
    Key { name, since: Since::V3(minor), shape, fate: Fate::Held }
}

/// A key of the specification that swarm holds.
pub const fn spec(name: &'static str, shape: Shape) -> Key {
    Key { name, since: Since::Specification, shape, fate: Fate::Held }
}

pub const fn unsupported(name: &'static str, shape: Shape, instead: &'static str) -> Key {
    Key { name, since: Since::V3(0), shape, fate: Fate::Unsupported(instead) }
}

/// A key of the specification that swarm cannot hold.
pub const fn foreign(name: &'static str, instead: &'static str) -> Key {
    Key { name, since: Since::Specification, shape: ANY, fate: Fate::Unsupported(instead) }
}

pub const fn ignored(name: &'static str, shape: Shape, instead: &'static str) -> Key {
    Key { name, since: Since::V3(0), shape, fate: Fate::Ignored(instead) }
}

pub const fn forbidden(name: &'static str, instead: &'static str) -> Key {
    Key { name, since: Since::Specification, shape: ANY, fate: Fate::Forbidden(instead) }
}
