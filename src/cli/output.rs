//! The only place that prints.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::settings::Settings;
use crate::diagnostic::swept;

/// Nobody reads our output any more (`| head`). Commands that only look stop then, with exit code 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// Standard output, standard error and the NDJSON stream. All foreign text is swept for sensitive values on the way out.
pub struct Output {
    /// Text goes to standard output (not with `--json`).
    text: bool,
    json: JsonTarget,
    scrub: Mutex<Sweep>,
}

/// Takes what nobody may see out of a text.
type Sweep = Arc<dyn Fn(&str) -> String + Send + Sync>;

enum JsonTarget {
    None,
    Standard,
    File(Mutex<File>),
}

impl Output {
    /// Fails where the file of `--json-into` cannot be written.
    pub fn open(settings: &Settings) -> std::io::Result<Self> {
        let json = match &settings.json_into {
            Some(path) => JsonTarget::File(Mutex::new(File::create(path)?)),
            None if settings.json => JsonTarget::Standard,
            None => JsonTarget::None,
        };
        Ok(Self { text: !settings.json, json, scrub: Mutex::new(Arc::new(str::to_owned)) })
    }

    /// From now on `scrub` sees every text before the world does.
    pub fn hide(&self, scrub: impl Fn(&str) -> String + Send + Sync + 'static) {
        *self.scrub.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(scrub);
    }

    /// The sweep that is in force, for renderers that lay text out.
    pub fn scrub(&self, text: &str) -> String {
        self.sweep()(text)
    }

    /// The same, to keep.
    pub fn sweep(&self) -> Arc<dyn Fn(&str) -> String + Send + Sync> {
        self.scrub.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Text for people on standard output; nothing with `--json`. Ends with a newline, added where it is missing.
    pub fn text(&self, text: &str) -> Result<(), Closed> {
        if self.text { self.raw(text) } else { Ok(()) }
    }

    /// What the command is asked to produce, whatever the mode: a document, completions, a man page.
    pub fn raw(&self, text: &str) -> Result<(), Closed> {
        let text = self.scrub(text);
        write(&mut std::io::stdout().lock(), &text)
    }

    /// A document that was swept when it was made, byte for byte.
    pub fn bytes(&self, bytes: &[u8]) -> Result<(), Closed> {
        let mut stream = std::io::stdout().lock();
        match stream.write_all(bytes).and_then(|()| stream.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Closed),
            _ => Ok(()),
        }
    }

    /// A form that was swept as it was made. Its own words stay, even one that is somebody's password: markup would break.
    pub fn form(&self, text: &str) -> Result<(), Closed> {
        if self.text { write(&mut std::io::stdout().lock(), text) } else { Ok(()) }
    }

    /// Text for people on standard error.
    pub fn note(&self, text: &str) {
        let text = self.scrub(text);
        // Nothing can be said about a standard error that is gone.
        let _ = write(&mut std::io::stderr().lock(), &text);
    }

    /// A question: no newline, so that the answer stands behind it.
    pub fn ask(&self, question: &str) {
        let question = self.scrub(question);
        let mut stream = std::io::stderr().lock();
        let _ = stream.write_all(question.as_bytes()).and_then(|()| stream.flush());
    }

    /// One line of NDJSON, where somebody asked for it.
    pub fn event(&self, event: &Value) -> Result<(), Closed> {
        let line = || self.scrub_json(event).to_string();
        match &self.json {
            JsonTarget::None => Ok(()),
            JsonTarget::Standard => write(&mut std::io::stdout().lock(), &line()),
            JsonTarget::File(file) => write(&mut *file.lock().unwrap_or_else(PoisonError::into_inner), &line()),
        }
    }

    /// Events are wanted.
    pub fn wants_events(&self) -> bool {
        !matches!(self.json, JsonTarget::None)
    }

    fn scrub_json(&self, value: &Value) -> Value {
        swept(value, &|text| self.scrub(text))
    }

    /// A JSON document on standard output, swept.
    pub fn document(&self, value: &Value) -> Result<(), Closed> {
        let text = serde_json::to_string_pretty(&self.scrub_json(value)).unwrap_or_default();
        write(&mut std::io::stdout().lock(), &text)
    }
}

/// Standard output for who writes line by line and sweeps by himself. A reader that left is no error: a rollout is being
/// followed.
pub struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match std::io::stdout().lock().write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            other => other,
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let _ = std::io::stdout().lock().flush();
        Ok(())
    }
}

/// For the moment before there is an [`Output`].
pub fn last_words(text: &str) {
    let _ = write(&mut std::io::stderr().lock(), text);
}

fn write(stream: &mut impl Write, text: &str) -> Result<(), Closed> {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    match stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.write_all(end.as_bytes()))
        .and_then(|()| stream.flush())
    {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Closed),
        // A full disk behind `>` is not a reason to abandon a rollout.
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_left_is_told_apart() {
        assert_eq!(write(&mut Gone, "x"), Err(Closed));
        let mut taken = Vec::new();
        assert_eq!(write(&mut taken, "x"), Ok(()));
        assert_eq!(taken, b"x\n");
    }

    #[test]
    fn values_are_swept_before_json_escapes_them() {
        let output = Output { text: true, json: JsonTarget::None, scrub: Mutex::new(Arc::new(str::to_owned)) };
        output.hide(|text| text.replace("pass\"word", "(sensitive)"));
        let swept = output.scrub_json(&serde_json::json!({"a": ["x pass\"word y"], "n": 1}));
        assert_eq!(swept.to_string(), r#"{"a":["x (sensitive) y"],"n":1}"#);
    }
}
