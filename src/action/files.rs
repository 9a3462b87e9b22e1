//! The runner's files, and a word that nobody can guess.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Adds to a file of the runner.
pub fn append(path: &Path, text: &str) -> Result<(), String> {
    let written =
        OpenOptions::new().append(true).create(true).open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| format!("`{}` cannot be written: {error}", path.display()))
}

/// Writes a file of the action's own folder.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("`{}` cannot be written: {error}", path.display()))
}

/// What a file holds; nothing where there is none.
pub fn read(path: &Path) -> String {
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// 32 random hex digits, with a word before them.
pub fn token(word: &str) -> Result<String, String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random numbers: {error}"))?;
    Ok(bytes.iter().fold(format!("{word}-"), |text, byte| text + &format!("{byte:02x}")))
}
