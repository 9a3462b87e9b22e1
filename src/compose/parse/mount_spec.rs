//! The short syntax of `services.NAME.volumes`: `source:target[:options]`.

use crate::compose::model::MountType;

/// What a short spec says.
#[derive(Debug, PartialEq, Eq)]
pub struct MountSpec<'a> {
    pub kind: MountType,
    pub source: Option<&'a str>,
    pub target: &'a str,
    pub read_only: bool,
    pub no_copy: bool,
    pub propagation: Option<&'a str>,
    pub unknown: Vec<&'a str>,
}

pub fn mount_spec(spec: &str) -> Result<MountSpec<'_>, &'static str> {
    let mut rest = Some(spec);
    let mut sections = Vec::new();
    while let Some(text) = rest {
        let (section, next) = section(text, sections.is_empty());
        if section.is_empty() {
            return Err("a part between the colons is empty");
        }
        sections.push(section);
        rest = next;
    }
    let (source, target, options) = match sections.as_slice() {
        [target] => (None, *target, ""),
        [source, target] => (Some(*source), *target, ""),
        [source, target, options] => (Some(*source), *target, *options),
        _ => return Err("there are too many colons"),
    };
    let kind = if source.is_some_and(is_path) { MountType::Bind } else { MountType::Volume };
    let mut mount =
        MountSpec { kind, source, target, read_only: false, no_copy: false, propagation: None, unknown: Vec::new() };
    for option in options.split(',').filter(|o| !o.is_empty()) {
        match option {
            "ro" => mount.read_only = true,
            "rw" => mount.read_only = false,
            "nocopy" => mount.no_copy = true,
            "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave" => mount.propagation = Some(option),
            other => mount.unknown.push(other),
        }
    }
    Ok(mount)
}

/// A folder of the node rather than a volume's name.
fn is_path(source: &str) -> bool {
    source.starts_with(['.', '/', '~']) || source.starts_with(r"\\") || is_drive(source)
}

/// `C:\` or `C:/`
fn is_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic())
}

/// The first section and what follows its colon. A drive's colon separates nothing; `v:/data` is volume `v` all the
/// same, for a source needs a target after it.
fn section(text: &str, first: bool) -> (&str, Option<&str>) {
    let drive = is_drive(text) && (!first || text.get(2..3) == Some("\\") || target_follows(text));
    let from = if drive { 2 } else { 0 };
    match text.get(from..).and_then(|t| t.find(':')) {
        Some(colon) => (text.get(..from + colon).unwrap_or_default(), text.get(from + colon + 1..)),
        None => (text, None),
    }
}

/// `C:/source:` and then a path.
fn target_follows(text: &str) -> bool {
    let after = text.get(2..).and_then(|t| t.split_once(':')).map(|(_, target)| target);
    after.is_some_and(|t| t.starts_with(['/', '\\']) || is_drive(t))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_specs() {
        for (spec, expected) in [
            ("/data", "Volume - /data"),
            ("data:/data", "Volume data /data"),
            ("data:/data:ro", "Volume data /data ro"),
            ("./a:/b", "Bind ./a /b"),
            ("~/a:/b:rw", "Bind ~/a /b"),
            ("/a:/b:rshared,ro", "Bind /a /b ro rshared"),
            ("v:/v", "Volume v /v"),
            ("v:/v:ro", "Volume v /v ro"),
            (r"C:\a:C:\b", r"Bind C:\a C:\b"),
            (r"C:\a:C:\b:ro", r"Bind C:\a C:\b ro"),
            ("c:/a:/b", "Bind c:/a /b"),
            (r"data:C:\b", r"Volume data C:\b"),
            (r"C:\b", r"Volume - C:\b"),
            (r"v:c:\b", r"Volume v c:\b"),
            (r"\\.\pipe\x:\\.\pipe\x", r"Bind \\.\pipe\x \\.\pipe\x"),
            ("data:/data:nocopy,z", "Volume data /data nocopy z"),
        ] {
            let m = mount_spec(spec).unwrap();
            let mut shown = format!("{:?} {} {}", m.kind, m.source.unwrap_or("-"), m.target);
            let flags = [m.read_only.then_some("ro"), m.no_copy.then_some("nocopy"), m.propagation];
            for part in flags.into_iter().flatten().chain(m.unknown) {
                shown += &format!(" {part}");
            }
            assert_eq!(shown, expected, "{spec}");
        }
        for spec in ["", ":", "a:", ":/a", "a:/b:ro:x", "a::b"] {
            assert!(mount_spec(spec).is_err(), "{spec}");
        }
    }
}
