//! The whole file as text.

use super::block;
use super::objects::{file_object, network, volume};
use super::origin::Origins;
use super::service::service;
use super::tree::{Form, Piece, Section};
use crate::compose::model::{Service, Stack};
use crate::diagnostic::Span;

/// How a stack is written.
#[derive(Clone, Copy, Debug)]
pub struct Emit<'a> {
    /// Each `$` is written `$$`. Not for a stack that was read without interpolation.
    pub escape: bool,
    /// Comments say where each value was written.
    pub origins: Option<Origins<'a>>,
}

/// The stack as YAML that deploys the same.
pub fn emit(stack: &Stack) -> String {
    emit_as(stack, Emit { escape: true, origins: None })
}

pub fn emit_as(stack: &Stack, how: Emit<'_>) -> String {
    let mut root = tree(stack);
    if how.escape {
        escape(&mut root);
    }
    block::text(&root, how.origins.as_ref())
}

/// About how many bytes a service is, written out.
pub fn size(of: &Service) -> usize {
    block::text(&service(of).into(), None).len()
}

fn tree(stack: &Stack) -> Piece {
    let mut s = Section::default();
    if let Some(version) = &stack.version {
        s.set("version", Piece::from(known(&version.value)).at(version.span));
    }
    s.text("name", &stack.name);
    s.entries("services", stack.services.iter().map(|(k, v)| object(k, service(v), v.span())));
    s.entries("networks", stack.networks.iter().map(|(k, v)| object(k, network(v), v.span)));
    s.entries("volumes", stack.volumes.iter().map(|(k, v)| object(k, volume(v), v.span)));
    s.entries("secrets", stack.secrets.iter().map(|(k, v)| object(k, file_object(v), v.span)));
    s.entries("configs", stack.configs.iter().map(|(k, v)| object(k, file_object(v), v.span)));
    s.extensions(&stack.extensions);
    s.into()
}

/// The long forms that are written came with 3.2 to 3.5; an older version would refuse what was read under it.
fn known(version: &str) -> &str {
    let minor = version.strip_prefix("3.").and_then(|minor| minor.parse::<u8>().ok());
    if minor.is_some_and(|minor| minor < 5) { "3.5" } else { version }
}

fn object(name: &str, section: Section, span: Span) -> (String, Piece) {
    (name.to_owned(), Piece::from(section).at(span))
}

fn escape(piece: &mut Piece) {
    match &mut piece.form {
        Form::Scalar(serde_json::Value::String(text)) if text.contains('$') => *text = text.replace('$', "$$"),
        Form::Scalar(_) => {}
        Form::List(items) => items.iter_mut().for_each(escape),
        Form::Map(entries) => entries.iter_mut().for_each(|(_, value)| escape(value)),
    }
}
