//! Placement constraints, as swarm reads and judges them.

use std::net::IpAddr;

use crate::swarm::Node;

/// One constraint: `node.labels.disk == ssd`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    key: String,
    equal: bool,
    value: String,
}

impl Constraint {
    /// Why swarm would refuse it, in its own words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (key, equal, value) = if let Some((key, value)) = text.split_once("==") {
            (key.trim(), true, value.trim())
        } else if let Some((key, value)) = text.split_once("!=") {
            (key.trim(), false, value.trim())
        } else {
            return Err("constraint expected one operator from ==, !=".to_owned());
        };
        if !is_key(key) {
            return Err(format!("key '{key}' is invalid"));
        }
        if value.is_empty() || !value.chars().all(is_value_char) {
            return Err(format!("value '{value}' is invalid"));
        }
        Ok(Self { key: key.to_owned(), equal, value: value.to_owned() })
    }

    /// Swarm knows the key; one that it does not know matches no node, whatever the operator.
    pub fn is_known(&self) -> bool {
        let key = self.key.to_ascii_lowercase();
        matches!(
            key.as_str(),
            "node.id" | "node.hostname" | "node.ip" | "node.role" | "node.platform.os" | "node.platform.arch"
        ) || label(&self.key, "node.labels.").is_some()
            || label(&self.key, "engine.labels.").is_some()
    }

    /// The node meets it. A key that swarm does not know is met by none.
    pub fn allows(&self, node: &Node) -> bool {
        let key = self.key.to_ascii_lowercase();
        let is = |actual: &str| actual == self.value || actual.to_lowercase() == self.value.to_lowercase();
        let same = match key.as_str() {
            "node.id" => is(&node.id),
            "node.hostname" => is(&node.hostname),
            "node.ip" => match in_range(&node.address, &self.value) {
                Some(same) => same,
                None => return false,
            },
            "node.role" => is(if node.manager { "manager" } else { "worker" }),
            "node.platform.os" => is(&node.os),
            "node.platform.arch" => is(&node.architecture),
            _ => {
                let actual = if let Some(name) = label(&self.key, "node.labels.") {
                    node.labels.get(name)
                } else if let Some(name) = label(&self.key, "engine.labels.") {
                    node.engine_labels.get(name)
                } else {
                    return false;
                };
                is(actual.map_or("", String::as_str))
            }
        };
        same == self.equal
    }
}

/// The key is case-insensitive, the label's name is not.
fn label<'a>(key: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, name) = key.split_at_checked(prefix.len())?;
    (head.eq_ignore_ascii_case(prefix) && !name.is_empty()).then_some(name)
}

fn is_key(key: &str) -> bool {
    let mut chars = key.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let rest = chars.as_str();
    first && !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn is_value_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || ":-_.*()?+[]\\^$|/".contains(c)
}

/// `None` when the value is neither an address nor a range.
fn in_range(address: &str, value: &str) -> Option<bool> {
    let bits = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => (u128::from(u32::from(ip)) << 96, 32),
        IpAddr::V6(ip) => (u128::from(ip), 128),
    };
    let (network, length) = match value.split_once('/') {
        Some((ip, length)) => (ip.parse::<IpAddr>().ok()?, Some(length.parse::<u32>().ok()?)),
        None => (value.parse::<IpAddr>().ok()?, None),
    };
    let (wanted, full) = bits(network);
    let length = length.unwrap_or(full);
    if length > full {
        return None;
    }
    let Ok(address) = address.parse::<IpAddr>() else { return Some(false) };
    let (actual, actual_full) = bits(address);
    let mask = if length == 0 { 0 } else { u128::MAX << (128 - length) };
    Some(actual_full == full && actual & mask == wanted & mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture::node;

    #[test]
    fn grammar() {
        for (text, error) in [
            ("node.role==manager", None),
            (" node.labels.a  !=  b c ", None),
            ("node=foo", Some("constraint expected one operator from ==, !=")),
            ("a==x", Some("key 'a' is invalid")),
            ("node.labels.a!=x==y", Some("key 'node.labels.a!=x' is invalid")),
            ("node.ip==", Some("value '' is invalid")),
            ("node.id==x,y", Some("value 'x,y' is invalid")),
        ] {
            assert_eq!(Constraint::parse(text).err().as_deref(), error, "{text}");
        }
    }

    #[test]
    fn judged_as_swarm_does() {
        let mut node = node("n1");
        node.labels.insert("Disk".into(), "SSD".into());
        node.address = "10.78.0.2".into();
        for (text, allowed) in [
            ("NODE.Role == Manager", true),
            ("node.hostname!=N1", false),
            ("node.labels.Disk==ssd", true),
            ("node.labels.disk==ssd", false),
            ("node.labels.none!=x", true),
            ("node.platform.arch==amd64", false),
            ("node.platform.arch==x86_64", true),
            ("node.ip==10.78.0.2/31", true),
            ("node.ip!=10.78.0.0/16", false),
            ("node.ip!=nonsense", false),
            ("node.foo!=x", false),
        ] {
            assert_eq!(Constraint::parse(text).unwrap().allows(&node), allowed, "{text}");
        }
        assert!(!Constraint::parse("node.labels==x").unwrap().is_known());
    }
}
