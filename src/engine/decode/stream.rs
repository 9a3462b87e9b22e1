//! A list of which one element is held at a time.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::Value;

/// Hands over each element of the list `json`; `null` is an empty one.
pub fn stream(json: &[u8], take: impl FnMut(Value)) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    Elements(take).deserialize(&mut reader)?;
    reader.end()
}

struct Elements<F>(F);

impl<'de, F: FnMut(Value)> DeserializeSeed<'de> for Elements<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Value)> Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<(), A::Error> {
        while let Some(item) = access.next_element()? {
            (self.0)(item);
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_every_element_and_nothing_but_a_list() {
        let mut seen = Vec::new();
        stream(br#"[{"a": 1}, 2, null]"#, |item| seen.push(item)).unwrap();
        assert_eq!(seen, [serde_json::json!({"a": 1}), 2.into(), Value::Null]);
        stream(b"null", |item| panic!("{item}")).unwrap();
        for wrong in [r#"{"a": 1}"#, "[1", "[] x", "7", ""] {
            assert!(stream(wrong.as_bytes(), drop).is_err(), "{wrong}");
        }
    }
}
