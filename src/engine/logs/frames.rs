//! The frames that stdout and stderr travel in: one byte stream, three of zero, four of length (big endian), the text.

/// No engine sends a longer one; a longer length means that these are no frames.
const LONGEST: usize = 16 << 20;

/// Which stream a frame is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Out,
    Err,
    /// The engine itself speaks: the log broke.
    Engine,
}

/// Cuts bytes into frames, however they arrive.
#[derive(Debug, Default)]
pub(super) struct Frames {
    rest: Vec<u8>,
}

impl Frames {
    /// The frames that are complete with these bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<(Source, Vec<u8>)>, String> {
        self.rest.extend_from_slice(bytes);
        let mut frames = Vec::new();
        let mut start = 0;
        while let Some(&[stream, z1, z2, z3, a, b, c, d]) = self.rest.get(start..).and_then(|rest| rest.first_chunk()) {
            let length = u32::from_be_bytes([a, b, c, d]) as usize;
            let source = match (stream, [z1, z2, z3]) {
                (0 | 1, [0, 0, 0]) => Source::Out,
                (2, [0, 0, 0]) => Source::Err,
                (3, [0, 0, 0]) => Source::Engine,
                _ => return Err("the log is not cut into frames".to_owned()),
            };
            if length > LONGEST {
                return Err(format!("a log frame of {length} bytes"));
            }
            let Some(text) = self.rest.get(start + 8..start + 8 + length) else { break };
            frames.push((source, text.to_vec()));
            start += 8 + length;
        }
        self.rest.drain(..start);
        Ok(frames)
    }

    /// The log ended within a frame.
    pub fn is_broken(&self) -> bool {
        !self.rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(stream: u8, text: &str) -> Vec<u8> {
        let mut bytes = vec![stream, 0, 0, 0];
        bytes.extend((text.len() as u32).to_be_bytes());
        bytes.extend(text.as_bytes());
        bytes
    }

    #[test]
    fn frames_come_out_whole_however_the_bytes_come_in() {
        let bytes = [frame(1, "one\n"), frame(2, ""), frame(2, "two\n"), frame(3, "bad")].concat();
        for step in 1..bytes.len() {
            let mut frames = Frames::default();
            let all: Vec<_> = bytes.chunks(step).flat_map(|part| frames.push(part).unwrap()).collect();
            let expected = [(Source::Out, "one\n"), (Source::Err, ""), (Source::Err, "two\n"), (Source::Engine, "bad")];
            assert_eq!(all, expected.map(|(s, t)| (s, t.as_bytes().to_vec())), "in steps of {step}");
            assert!(!frames.is_broken());
        }
    }

    #[test]
    fn what_is_no_frame_is_said_so() {
        assert!(Frames::default().push(b"Hello, world").is_err());
        assert!(Frames::default().push(&[1, 0, 0, 0, 255, 0, 0, 0]).is_err());
        let mut cut = Frames::default();
        assert_eq!(cut.push(&frame(1, "half")[..9]), Ok(vec![]));
        assert!(cut.is_broken());
    }
}
