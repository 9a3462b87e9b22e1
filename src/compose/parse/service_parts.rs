//! The small parts of a service.

use std::collections::BTreeMap;

use super::pairs::options;
use super::shell;
use super::value::{boolean, integer, printed, text, texts};
use crate::compose::context::Context;
use crate::compose::model::{CredentialSpec, DependsOn, DependsOnCondition, ServiceNetwork, Text, Ulimit};
use crate::compose::yaml::{Kind, Node};
use crate::diagnostic::{Spanned, closest, code};

/// `command` and `entrypoint`: a list, or a line that is split as a shell splits it. Swarm holds no empty ones.
pub fn words(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<Vec<String>>> {
    let Kind::Text(line) = &node.kind else {
        let items = node.as_list()?;
        let words: Vec<String> = items.iter().filter_map(printed).collect();
        return (!words.is_empty()).then(|| Spanned::new(words, node.span));
    };
    match shell::split(line) {
        Ok(words) => (!words.is_empty()).then(|| Spanned::new(words, node.span)),
        Err(why) => {
            let help = "close it, or write the command as a list: [program, argument]";
            cx.error(code::BAD_COMMAND, format!("the command cannot be split: {why}"), node.span, help);
            None
        }
    }
}

pub fn extra_hosts(cx: &mut Context<'_>, node: &Node) -> Vec<Spanned<(String, String)>> {
    let mut lines: Vec<Spanned<String>> = Vec::new();
    for entry in node.as_map().into_iter().flat_map(|m| &m.entries) {
        let addresses = match entry.value.as_list() {
            Some(items) => items.iter().filter_map(printed).collect(),
            None => vec![printed(&entry.value).unwrap_or_default()],
        };
        let span = if entry.value.is_null() { entry.key.span } else { entry.value.span };
        lines.extend(addresses.into_iter().map(|a| Spanned::new(format!("{}:{a}", entry.key.value), span)));
    }
    lines.sort_by(|a, b| a.value.cmp(&b.value));
    let separators: &[char] = if node.as_map().is_some() { &[':'] } else { &['=', ':'] };
    lines.extend(node.as_list().unwrap_or_default().iter().filter_map(text));
    let bare = |ip: &str| ip.strip_prefix('[').and_then(|i| i.strip_suffix(']')).unwrap_or(ip).to_owned();
    let mut hosts = Vec::new();
    for line in lines {
        match line.value.split_once(separators) {
            Some((name, address)) if !name.is_empty() && !address.is_empty() => {
                hosts.push(Spanned::new((name.to_owned(), bare(address)), line.span));
            }
            _ => {
                // docker drops these too, or the engine does, and nobody says anything.
                let message = format!("`{}` has no address and is ignored", line.value);
                cx.warning(code::BAD_HOST, message, line.span, "write NAME:ADDRESS, as in db:10.0.0.5");
            }
        }
    }
    hosts
}

pub fn ulimits(cx: &mut Context<'_>, node: &Node) -> BTreeMap<String, Spanned<Ulimit>> {
    let mut limits = BTreeMap::new();
    for entry in node.as_map().into_iter().flat_map(|m| &m.entries) {
        let span = entry.value.span;
        let limit = match entry.value.as_map() {
            None => integer(cx, &entry.value).map(|n| Ulimit { soft: n.value, hard: n.value }),
            Some(map) => match (map.get("soft"), map.get("hard")) {
                (Some(soft), Some(hard)) => {
                    let (soft, hard) = (integer(cx, soft), integer(cx, hard));
                    soft.zip(hard).map(|(s, h)| Ulimit { soft: s.value, hard: h.value })
                }
                _ => {
                    let message = format!("ulimit `{}` needs both `soft` and `hard`", entry.key.value);
                    cx.error(
                        code::MISSING_KEY,
                        message,
                        entry.key.span,
                        "add the other one, or write one number for both",
                    );
                    None
                }
            },
        };
        limits.extend(limit.map(|l| (entry.key.value.clone(), Spanned::new(l, span))));
    }
    limits
}

pub fn credential_spec(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<CredentialSpec>> {
    let map = node.as_map()?;
    let part = |key: &str| map.get(key).and_then(text).filter(|t| !t.value.is_empty());
    let spec = CredentialSpec { config: part("config"), file: part("file"), registry: part("registry") };
    if [&spec.config, &spec.file, &spec.registry].into_iter().flatten().count() > 1 {
        let message = "`credential_spec` takes one of `config`, `file` and `registry`";
        cx.error(code::CONFLICT, message, node.span, "keep one of them");
    }
    Some(Spanned::new(spec, node.span))
}

pub fn networks(node: &Node) -> BTreeMap<String, Spanned<ServiceNetwork>> {
    let Some(map) = node.as_map() else {
        return texts(node).into_iter().map(|t| (t.value, Spanned::new(ServiceNetwork::default(), t.span))).collect();
    };
    let join = |node: &Node| ServiceNetwork {
        aliases: node.get("aliases").map(texts).unwrap_or_default(),
        driver_opts: node.get("driver_opts").map(options).unwrap_or_default(),
        ipv4_address: node.get("ipv4_address").and_then(text),
        ipv6_address: node.get("ipv6_address").and_then(text),
    };
    map.entries.iter().map(|e| (e.key.value.clone(), Spanned::new(join(&e.value), e.key.span))).collect()
}

pub fn depends_on(cx: &mut Context<'_>, node: &Node) -> BTreeMap<String, Spanned<DependsOn>> {
    let started = DependsOn { condition: DependsOnCondition::Started, required: true };
    let Some(map) = node.as_map() else {
        return texts(node).into_iter().map(|t| (t.value, Spanned::new(started, t.span))).collect();
    };
    let mut all = BTreeMap::new();
    for entry in &map.entries {
        let condition = entry.value.get("condition").and_then(text).and_then(|c| condition(cx, &c));
        let required = entry.value.get("required").and_then(|n| boolean(cx, n));
        let one =
            DependsOn { condition: condition.unwrap_or(started.condition), required: required.is_none_or(|r| r.value) };
        all.insert(entry.key.value.clone(), Spanned::new(one, entry.key.span));
    }
    all
}

fn condition(cx: &mut Context<'_>, word: &Text) -> Option<DependsOnCondition> {
    let found = DependsOnCondition::of(&word.value);
    if found.is_none() {
        let (words, other) = (DependsOnCondition::ALL.map(DependsOnCondition::as_str), &word.value);
        let help = match closest(other, words) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", words.join(", ")),
        };
        cx.error(code::BAD_WORD, format!("there is no condition `{other}`"), word.span, help);
    }
    found
}
