//! Which of its formats a file is in, by what is in it.

/// Formats of SOPS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Yaml,
    Json,
    Dotenv,
    Ini,
    /// Any file, as one value of a JSON document.
    Binary,
}

/// Every encrypted file has at least its own digest in this form.
const MARK: &[u8] = b"ENC[AES256_GCM,";

/// `None`: it is not a file of SOPS. `path` decides between a JSON document and a binary file alone.
pub fn format(path: &str, bytes: &[u8]) -> Option<Format> {
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    if !holds(b"sops") || !holds(MARK) {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let line = |found: &dyn Fn(&str) -> bool| text.lines().any(found);
    if text.trim_start().starts_with('{') {
        if !text.contains("\"sops\"") {
            return None;
        }
        let named = path.to_ascii_lowercase().ends_with(".json");
        return Some(if !named && super::json::is_binary(text) { Format::Binary } else { Format::Json });
    }
    if line(&|line| line.starts_with("sops_mac=")) {
        return Some(Format::Dotenv);
    }
    if line(&|line| line.trim() == "[sops]") {
        return Some(Format::Ini);
    }
    let own = |line: &str| line.trim_end() == "sops:" || line.starts_with("sops: ") || line.starts_with("\"sops\":");
    line(&own).then_some(Format::Yaml)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_speaks_of_sops_is_none_of_its() {
        let mac = "ENC[AES256_GCM,data:x,iv:x,tag:x,type:str]";
        for (path, text, found) in [
            ("a.yaml", format!("a: b\nsops:\n    mac: {mac}\n"), Some(Format::Yaml)),
            (".env.prod", format!("A=b\nsops_mac={mac}\n"), Some(Format::Dotenv)),
            ("x.ini", format!("[a]\nb = c\n[sops]\nmac = {mac}\n"), Some(Format::Ini)),
            ("x.json", format!("{{\"data\": \"{mac}\", \"sops\": {{\"mac\": \"{mac}\"}}}}"), Some(Format::Json)),
            ("x.pfx", format!("{{\"data\": \"{mac}\", \"sops\": {{\"mac\": \"{mac}\"}}}}"), Some(Format::Binary)),
            ("x", format!("{{\"a\": \"{mac}\", \"sops\": {{\"mac\": \"{mac}\"}}}}"), Some(Format::Json)),
            ("readme", format!("how sops writes {mac}\n"), None),
            ("a.yaml", "sops: {}\n".to_owned(), None),
        ] {
            assert_eq!(format(path, text.as_bytes()), found, "{text}");
        }
    }
}
