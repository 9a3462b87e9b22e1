//! A list of which one element is held at a time.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

/// Hands over each element of the list `json`, read as `element` says; `null` is an empty list.
pub fn stream<'de, S>(json: &'de [u8], element: S, take: impl FnMut(S::Value)) -> serde_json::Result<()>
where
    S: DeserializeSeed<'de> + Copy,
{
    let mut reader = serde_json::Deserializer::from_slice(json);
    Elements { element, take }.deserialize(&mut reader)?;
    reader.end()
}

/// The same, of a list in something larger.
pub struct Elements<S, F> {
    pub element: S,
    pub take: F,
}

impl<'de, S: DeserializeSeed<'de> + Copy, F: FnMut(S::Value)> DeserializeSeed<'de> for Elements<S, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de, S: DeserializeSeed<'de> + Copy, F: FnMut(S::Value)> Visitor<'de> for Elements<S, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<(), A::Error> {
        while let Some(item) = access.next_element_seed(self.element)? {
            (self.take)(item);
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use serde_json::Value;

    use super::*;

    const VALUE: PhantomData<Value> = PhantomData;

    #[test]
    fn gives_every_element_and_nothing_but_a_list() {
        let mut seen = Vec::new();
        stream(br#"[{"a": 1}, 2, null]"#, VALUE, |item| seen.push(item)).unwrap();
        assert_eq!(seen, [serde_json::json!({"a": 1}), 2.into(), Value::Null]);
        stream(b"null", VALUE, |item| panic!("{item}")).unwrap();
        for wrong in [r#"{"a": 1}"#, "[1", "[] x", "7", ""] {
            assert!(stream(wrong.as_bytes(), VALUE, drop).is_err(), "{wrong}");
        }
    }
}
