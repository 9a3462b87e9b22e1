//! Lists, element by element.

use serde_json::Value;

use crate::swarm::{Damaged, Kind, Members};

/// What came of a list.
#[derive(Debug)]
pub(in crate::engine) struct Decoded<T> {
    pub good: Vec<T>,
    pub damaged: Vec<Damaged>,
}

impl<T> Default for Decoded<T> {
    fn default() -> Self {
        Self { good: Vec::new(), damaged: Vec::new() }
    }
}

impl<T> Decoded<T> {
    /// What could be read; the rest joins `damaged`.
    pub fn keep(self, damaged: &mut Vec<Damaged>) -> Vec<T> {
        damaged.extend(self.damaged);
        self.good
    }
}

/// Decodes each element by itself.
pub(in crate::engine) fn each<T>(
    items: impl IntoIterator<Item = Value>,
    kind: Option<Kind>,
    decode: impl Fn(Value) -> Result<T, String>,
) -> Decoded<T> {
    let items = items.into_iter();
    let mut decoded = Decoded { good: Vec::with_capacity(items.size_hint().0), damaged: Vec::new() };
    for item in items {
        // Names of what may turn out to be damaged: taken before the element is taken apart.
        let id = name_of(&item).unwrap_or_default().to_owned();
        match decode(item) {
            Ok(good) => decoded.good.push(good),
            Err(why) => {
                decoded.damaged.push(Damaged { kind, id: if id.is_empty() { "?".to_owned() } else { id }, why })
            }
        }
    }
    decoded
}

fn name_of(item: &Value) -> Option<&str> {
    let stated = ["/ID", "/Id", "/Spec/Name", "/Name"].into_iter().find_map(|path| item.member(path)?.as_str());
    stated.filter(|name| !name.is_empty())
}

/// For lists whose caller has no place for damaged elements.
pub(in crate::engine) fn log_damage<T>(decoded: Decoded<T>) -> Vec<T> {
    for Damaged { kind, id, why } in &decoded.damaged {
        tracing::warn!(kind = kind.map(Kind::as_str), id, why, "an object that cannot be read is left out");
    }
    decoded.good
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::engine::decode;

    #[test]
    fn a_bad_element_is_named_and_the_rest_lives() {
        let good = json!({"ID": "a", "Version": {"Index": 3}, "Spec": {"Name": "web"}});
        let items = vec![
            json!({"ID": "b", "Version": {"Index": "x"}, "Spec": {"Name": "db"}}),
            good,
            json!({"Spec": {"Name": "nameless"}}),
            json!(7),
        ];
        let decoded = each(items, Some(Kind::Service), decode::service);
        assert_eq!(decoded.good.len(), 1);
        let named: Vec<_> = decoded.damaged.iter().map(|d| (d.id.as_str(), d.why.as_str())).collect();
        assert_eq!(
            named,
            [("b", "`Version.Index` is missing"), ("nameless", "`ID` is missing"), ("?", "the service is no object")]
        );
    }
}
