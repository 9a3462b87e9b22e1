//! `services.NAME.ports`: short specs with ranges, and the long form.

use super::value::{integer, printed, text};
use crate::compose::context::{Context, MAX_PORTS};
use crate::compose::model::Port;
use crate::compose::yaml::{Map, Node};
use crate::diagnostic::{Span, Spanned, code};

const HELP: &str = "write \"8080:80\", \"8080:80/udp\" or \"3000-3005:3000-3005\", between quotes";

/// One entry; a range is several ports.
pub fn ports(cx: &mut Context<'_>, node: &Node) -> Vec<Spanned<Port>> {
    if cx.ports_left == 0 {
        return Vec::new();
    }
    if let Some(map) = node.as_map() {
        return long(cx, map, node.span).into_iter().map(|p| Spanned::new(p, node.span)).collect();
    }
    let Some(spec) = printed(node) else { return Vec::new() };
    match short(&spec) {
        Ok(short) => {
            let Some(left) = cx.ports_left.checked_sub(short.ports.len()) else {
                let message = format!("the ranges of this file stand for more than {MAX_PORTS} ports");
                cx.error(code::TOO_MANY_VALUES, message, node.span, "publish fewer; a host has 65535");
                cx.ports_left = 0;
                return Vec::new();
            };
            cx.ports_left = left;
            if let Some(ip) = short.ip {
                let message =
                    format!("`{spec}`: the address {ip} is ignored, swarm publishes on all addresses of a node");
                cx.warning(code::HOST_IP, message, node.span, "leave the address out; a firewall can narrow it");
            }
            short.ports.into_iter().map(|p| Spanned::new(p, node.span)).collect()
        }
        Err(why) => {
            cx.error(code::BAD_PORT, format!("`{spec}` is no port: {why}"), node.span, HELP);
            Vec::new()
        }
    }
}

fn long(cx: &mut Context<'_>, map: &Map, span: Span) -> Option<Port> {
    let number = |cx: &mut Context<'_>, key: &str| -> Option<u32> {
        let node = map.get(key)?;
        if node.as_text() == Some("") {
            return None;
        }
        let value = integer(cx, node)?;
        let port = u32::try_from(value.value).ok().filter(|p| *p <= 65535);
        if port.is_none() {
            let message = format!("`{}` is no port", value.value);
            cx.error(code::BAD_PORT, message, value.span, "write a number from 1 to 65535");
        }
        port
    };
    let target = number(cx, "target");
    let published = number(cx, "published").unwrap_or(0);
    if map.get("target").is_none() {
        cx.error(
            code::MISSING_KEY,
            "this port has no `target`",
            span,
            "add target: PORT, the port inside the container",
        );
    }
    // Other words mean tcp and ingress to the engine; nobody writes them for that.
    let mut known = |key: &str, words: &[&str]| {
        let word = map.get(key).and_then(text)?;
        if !word.value.is_empty() && !words.contains(&word.value.to_lowercase().as_str()) {
            let message = format!("`{}` is no {key} of a port", word.value);
            cx.error(code::BAD_PORT, message, word.span, format!("write {}", words.join(" or ")));
        }
        Some(word.value)
    };
    let protocol = known("protocol", &["tcp", "udp", "sctp"]).unwrap_or_default();
    let mode = known("mode", &["ingress", "host"]).unwrap_or_default();
    Some(Port { target: target?, published, protocol, mode })
}

#[derive(Debug, PartialEq, Eq)]
struct Short<'a> {
    ip: Option<&'a str>,
    ports: Vec<Port>,
}

/// `[ip:][published[-published]:]target[-target][/protocol]`
fn short(spec: &str) -> Result<Short<'_>, String> {
    let (address, protocol) = spec.split_once('/').unwrap_or((spec, "tcp"));
    let protocol = if protocol.is_empty() { "tcp".to_owned() } else { protocol.to_lowercase() };
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(format!("there is no protocol `{protocol}`; write tcp, udp or sctp"));
    }
    let (rest, target) = match address.rsplit_once(':') {
        Some((rest, target)) => (Some(rest), target),
        None => (None, address),
    };
    let (ip, published) = match rest.and_then(|r| r.rsplit_once(':')) {
        Some((ip, published)) => (Some(ip), Some(published)),
        None => (None, rest),
    };
    let ip = ip.filter(|ip| !ip.is_empty());
    if let Some(ip) = ip {
        let bare = ip.strip_prefix('[').and_then(|i| i.strip_suffix(']')).unwrap_or(ip);
        if bare.parse::<std::net::IpAddr>().is_err() {
            return Err(format!("`{ip}` is no address"));
        }
    }
    if target.is_empty() {
        return Err("the port inside the container is missing".to_owned());
    }
    let (first, last) = range(target)?;
    let published = published.filter(|p| !p.is_empty()).map(range).transpose()?;
    let mut ports = Vec::new();
    match published {
        None => ports.extend((first..=last).map(|t| (t, 0))),
        Some((from, to)) if to - from == last - first => ports.extend((first..=last).zip(from..=to)),
        Some((from, to)) if first == last => ports.extend((from..=to).map(|p| (first, p))),
        Some((from, to)) => {
            return Err(format!("{} ports are published for {}", to - from + 1, last - first + 1));
        }
    }
    // docker goes through the ports of one spec in the order of their names: 10, 11, 9.
    ports.sort_by_key(|(target, _)| format!("{target}/{protocol}"));
    let port = |(target, published)| Port { target, published, protocol: protocol.clone(), mode: "ingress".to_owned() };
    Ok(Short { ip, ports: ports.into_iter().map(port).collect() })
}

fn range(text: &str) -> Result<(u32, u32), String> {
    let number = |t: &str| {
        let digits = !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        let port = if digits { t.parse::<u16>().ok() } else { None };
        port.map(u32::from).ok_or_else(|| format!("`{t}` is no number from 0 to 65535"))
    };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (number(from)?, number(to)?);
    if to < from { Err(format!("the range `{text}` runs backwards")) } else { Ok((from, to)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_specs() {
        for (spec, expected) in [
            ("80", "0:80/tcp"),
            ("8080:80", "8080:80/tcp"),
            ("53:53/UDP", "53:53/udp"),
            ("127.0.0.1:99:9", "99:9/tcp"),
            ("[::1]:99:9", "99:9/tcp"),
            ("127.0.0.1::9", "0:9/tcp"),
            ("9-11:9-11", "10:10/tcp 11:11/tcp 9:9/tcp"),
            ("7000-7001:70", "7000:70/tcp 7001:70/tcp"),
            ("3000-3001", "0:3000/tcp 0:3001/tcp"),
        ] {
            let ports = short(spec).unwrap().ports;
            let shown: Vec<_> = ports.iter().map(|p| format!("{}:{}/{}", p.published, p.target, p.protocol)).collect();
            assert_eq!(shown.join(" "), expected, "{spec}");
        }
    }

    #[test]
    fn what_is_no_port() {
        for spec in ["", "x", "80/xyz", "1:2:3:4:5", "8080:", "70000:80", "9-8:9-8", "1-3:1-2", "300.1.1.1:1:1", "80.5"]
        {
            assert!(short(spec).is_err(), "{spec}");
        }
    }
}
