//! The scanner counts characters; spans count bytes.

/// Every `STEP`th character's byte.
const STEP: usize = 64;

pub struct Offsets<'a> {
    text: &'a str,
    /// Empty where each character is one byte.
    steps: Vec<u32>,
}

impl<'a> Offsets<'a> {
    pub fn new(text: &'a str) -> Self {
        let steps = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().step_by(STEP).map(|(byte, _)| byte as u32).collect()
        };
        Self { text, steps }
    }

    /// The byte at which a character starts; past the end is the end.
    pub fn byte(&self, character: usize) -> u32 {
        let end = self.text.len() as u32;
        if self.steps.is_empty() {
            return (character as u32).min(end);
        }
        let Some(start) = self.steps.get(character / STEP) else { return end };
        self.text
            .get(*start as usize..)
            .and_then(|rest| rest.char_indices().nth(character % STEP))
            .map_or(end, |(byte, _)| start + byte as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_bytes_of_wide_characters() {
        let text = "é".repeat(200) + "x";
        let offsets = Offsets::new(&text);
        for (character, byte) in [(0, 0), (1, 2), (64, 128), (199, 398), (200, 400), (201, 401), (999, 401)] {
            assert_eq!(offsets.byte(character), byte, "character {character}");
        }
        assert_eq!(Offsets::new("abc").byte(2), 2);
    }
}
