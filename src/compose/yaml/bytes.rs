//! Bytes to text: UTF-8, or UTF-16 with a byte order mark (what PowerShell's `>` writes).

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Sources, Span, code};

use super::MAX_BYTES;

/// Adds the text to `sources`. `None` after an error; the byte order mark is no part of the text.
pub fn decode(path: &str, bytes: &[u8], sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<FileId> {
    if bytes.len() > MAX_BYTES {
        let file = sources.add(path, "");
        let (size, most) = (bytes.len(), MAX_BYTES);
        let message = format!("`{path}` has {size} bytes; a Compose file may have {most}, which is {} MB", most >> 20);
        diagnostics.push(
            Diagnostic::error(code::FILE_TOO_LARGE, message)
                .at(at(file, 0, 0))
                .help("is this the right file? Large data belongs in a file of its own, named by `configs`"),
        );
        return None;
    }
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        _ => utf8(bytes),
    };
    match text {
        Ok(text) => {
            let bad = match text.bytes().all(plain) {
                true => None,
                false => text.char_indices().find(|(_, c)| !allowed(*c)),
            };
            let file = sources.add(path, text);
            let Some((place, c)) = bad else { return Some(file) };
            let message = format!("a control character (U+{:04X}) is not allowed in YAML", c as u32);
            let help = match c {
                '\0' => {
                    "is this the right file? One in UTF-16 is to begin with a byte order mark, or to be saved as UTF-8"
                }
                _ => "take it out, or write it as an escape between double quotes, such as \"\\e\"",
            };
            diagnostics
                .push(Diagnostic::error(code::CONTROL_CHARACTER, message).at(at(file, place, c.len_utf8())).help(help));
            None
        }
        Err((shown, place)) => {
            let file = sources.add(path, shown);
            diagnostics.push(
                Diagnostic::error(code::NOT_UTF8, format!("`{path}` is not UTF-8 text (byte {place})"))
                    .at(at(file, place, 0))
                    .help("save the file as UTF-8; if it is not a Compose file, name another with `-c`"),
            );
            None
        }
    }
}

fn at(file: FileId, start: usize, len: usize) -> Span {
    Span { file, start: start as u32, end: (start + len) as u32 }
}

/// What can be shown of bad text, and the byte where it turns bad.
type Bad = (String, usize);

fn utf8(bytes: &[u8]) -> Result<String, Bad> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|e| {
        let good = bytes.get(..e.valid_up_to()).unwrap_or_default();
        (String::from_utf8_lossy(good).into_owned(), e.valid_up_to())
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Bad> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    if bytes.len() % 2 == 1 {
        return Err((String::new(), 0));
    }
    char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| (String::new(), 0))
}

/// Most files have nothing else.
fn plain(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')
}

/// What YAML takes as it is.
fn allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{FEFE}' | '\u{FF00}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<String, &'static str> {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        match decode("a.yml", bytes, &mut sources, &mut diagnostics) {
            Some(id) => Ok(sources.get(id).unwrap().text.to_string()),
            None => Err(diagnostics.iter().next().unwrap().code.id),
        }
    }

    #[test]
    fn reads_what_editors_write() {
        assert_eq!(read(b"\xEF\xBB\xBFa: 1"), Ok("a: 1".into()));
        assert_eq!(read(b"\xFF\xFEa\0:\0"), Ok("a:".into()));
        assert_eq!(read(b"\xFE\xFF\0a\0:"), Ok("a:".into()));
        assert_eq!(read(b"a: \xC3\xA9\r\n"), Ok("a: é\r\n".into()));
    }

    #[test]
    fn refuses_what_is_no_text() {
        assert_eq!(read(b"a: \xFF"), Err(code::NOT_UTF8.id));
        assert_eq!(read(b"\xFF\xFEa"), Err(code::NOT_UTF8.id));
        assert_eq!(read(b"a: \x07"), Err(code::CONTROL_CHARACTER.id));
        assert_eq!(read(&vec![b' '; MAX_BYTES + 1]), Err(code::FILE_TOO_LARGE.id));
    }
}
