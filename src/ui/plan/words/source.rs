//! What a plan was made from, and where in it something stands.

use crate::diagnostic::SpanJson;
use crate::plan::Source;
use crate::ui::visible;

/// The release, or the files by name, as the person gave them.
pub fn sources(source: &Source) -> Vec<String> {
    if let Some(release) = source.release {
        return vec![format!("release #{release}")];
    }
    let name = |path: &str| if path == "-" { "standard input".to_owned() } else { visible(path).into_owned() };
    source.files.iter().map(|file| name(&file.path)).collect()
}

/// `docker-compose.yml:4`.
pub fn place(span: &SpanJson) -> String {
    format!("{}:{}", visible(&span.file), span.start.line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::SourceDigest;

    #[test]
    fn a_release_stands_for_its_files_and_a_dash_for_standard_input() {
        let file = |path: &str| SourceDigest { path: path.to_owned(), sha256: String::new() };
        let mut source = Source { files: vec![file("a\u{1b}.yml"), file("-")], ..Source::default() };
        assert_eq!(sources(&source), ["a\\u{1b}.yml", "standard input"]);
        source.release = Some(3);
        assert_eq!(sources(&source), ["release #3"]);
    }
}
