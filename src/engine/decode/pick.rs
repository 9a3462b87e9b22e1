//! JSON of which only a part is wanted. The rest is read over and never held: ten thousand tasks repeat the specs of their
//! services and the networks that these are on.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::lean::Lean;

/// What is kept of a value. Lists are kept whole, with this of each element.
#[derive(Clone, Copy, Debug)]
pub enum Pick {
    Whole,
    /// Of an object these members; what is no object is kept as it is.
    Members(&'static [(&'static str, Pick)]),
}

impl Pick {
    /// Reads `json` once.
    #[cfg(test)]
    pub fn from(self, json: &[u8]) -> serde_json::Result<Lean<'_>> {
        let mut reader = serde_json::Deserializer::from_slice(json);
        let value = self.deserialize(&mut reader)?;
        reader.end()?;
        Ok(value)
    }

    fn of(self, key: &str) -> Option<Self> {
        match self {
            Self::Whole => Some(Self::Whole),
            Self::Members(members) => members.iter().find(|(name, _)| *name == key).map(|(_, pick)| *pick),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Pick {
    type Value = Lean<'de>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Lean<'de>, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Pick {
    type Value = Lean<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Lean<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = access.next_key_seed(Word)? {
            match self.of(&key) {
                Some(pick) => members.push((key, access.next_value_seed(pick)?)),
                None => drop(access.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Lean::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Lean<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Lean::List(items))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Lean<'de>, E> {
        Ok(Lean::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Lean<'de>, E> {
        Ok(Lean::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Lean<'de>, E> {
        Ok(Lean::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Lean<'de>, E> {
        Ok(Number::from_f64(value).map_or(Lean::Null, Lean::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Lean<'de>, E> {
        Ok(Lean::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Lean<'de>, E> {
        Ok(Lean::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Lean<'de>, E> {
        Ok(Lean::Null)
    }
}

/// The name of a member.
struct Word;

impl<'de> DeserializeSeed<'de> for Word {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Cow<'de, str>, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Word {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn keeps_what_was_asked_for_of_every_element() {
        const PICK: Pick = Pick::Members(&[("ID", Pick::Whole), ("Spec", Pick::Members(&[("Image", Pick::Whole)]))]);
        let all = json!([
            {"Networks": [{"Spec": {"Image": "no"}}], "ID": "a", "Spec": {"Image": {"x": [1, null]}, "Env": ["A=1"]}},
            {"ID": null, "Spec": "none"}, 7,
        ]);
        let kept = json!([{"ID": "a", "Spec": {"Image": {"x": [1, null]}}}, {"ID": null, "Spec": "none"}, 7]);
        assert_eq!(PICK.from(all.to_string().as_bytes()).unwrap().to_value(), kept);
    }

    #[test]
    fn what_is_read_over_has_to_be_json_too() {
        for broken in ["[{\"a\": }]", "[] x", "", "[{\"a\": 1}"] {
            assert!(Pick::Members(&[("ID", Pick::Whole)]).from(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    proptest! {
        #[test]
        fn the_whole_is_what_serde_json_reads(number in any::<i64>(), large in any::<u64>(), float in -1e9..1e9, text in ".*") {
            let value: Value = json!({"n": [number, large, float, true, null], text.as_str(): {"": text}});
            prop_assert_eq!(Pick::Whole.from(value.to_string().as_bytes()).unwrap().to_value(), value);
        }
    }
}
