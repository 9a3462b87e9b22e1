//! SARIF 2.1.0: what code scanning of forges and editors reads.

use serde_json::{Value, json};

use crate::diagnostic::Scrub;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Sources, Span};

/// One run with a result a problem, and the rules that they are of.
pub fn sarif(diagnostics: &Diagnostics, sources: &Sources, scrub: Scrub) -> Value {
    let mut rules: Vec<Code> = Vec::new();
    for diagnostic in diagnostics {
        if !rules.contains(&diagnostic.code) {
            rules.push(diagnostic.code);
        }
    }
    rules.sort_by_key(|code| code.id);
    let results: Vec<Value> = diagnostics.iter().map(|one| result(one, &rules, sources, scrub)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "stackup",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(rule).collect::<Vec<_>>(),
            }},
            // Columns are characters, as in every other form.
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.id,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.explanation},
        "help": {"text": format!("{}\n\nThe same in a terminal: stackup explain {}", code.explanation, code.id)},
    })
}

fn result(diagnostic: &Diagnostic, rules: &[Code], sources: &Sources, scrub: Scrub) -> Value {
    let help = diagnostic.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut result = json!({
        "ruleId": diagnostic.code.id,
        "ruleIndex": rules.iter().position(|code| *code == diagnostic.code),
        "level": level,
        "message": {"text": scrub(&format!("{}{help}", diagnostic.message))},
    });
    let mut location = diagnostic.primary.as_ref().and_then(|label| place(label.span, sources));
    if let Some(address) = &diagnostic.address {
        let named = json!([{"fullyQualifiedName": address}]);
        location.get_or_insert_with(|| json!({}))["logicalLocations"] = named;
    }
    result["locations"] = location.into_iter().collect();
    let related: Vec<Value> = diagnostic
        .secondary
        .iter()
        .filter_map(|label| Some((label, place(label.span, sources)?)))
        .map(|(label, mut place)| {
            place["message"] = json!({"text": scrub(&label.text)});
            place
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    result
}

/// A location; `None` for a span of other sources. Lines and columns from 1, the end column one past the last character.
fn place(span: Span, sources: &Sources) -> Option<Value> {
    let (start, end) = (sources.start(span)?, sources.end(span)?);
    Some(json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&sources.get(span.file)?.path)},
        "region": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        },
    }}))
}

/// A relative reference, or a file address.
fn uri(path: &str) -> String {
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    let mut uri = scheme.to_owned();
    for byte in path.strip_prefix("./").unwrap_or(path).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::code;
    use crate::diagnostic::nothing_to_hide;

    fn sample() -> Value {
        let mut sources = Sources::default();
        let file = sources.add("my stack.yml", "é: ü\ny: 2\n");
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(
            Diagnostic::error(code::UNKNOWN_KEY, "wrong hunter2x")
                .at(Span { file, start: 4, end: 6 })
                .also(Span { file, start: 7, end: 8 }, "first here")
                .help("write `image`")
                .about("service/web"),
        );
        diagnostics.push(Diagnostic::warning(code::NO_HEALTHCHECK, "unwell").about("service/web"));
        diagnostics.push(Diagnostic::warning(code::NO_ENGINE, "nowhere"));
        sarif(&diagnostics, &sources, &|text| text.replace("hunter2x", "(sensitive)"))
    }

    #[test]
    fn places_are_counted_in_characters() {
        let sarif = sample();
        let result = &sarif["runs"][0]["results"][0];
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20stack.yml");
        let region = json!({"startLine": 1, "startColumn": 4, "endLine": 1, "endColumn": 5});
        assert_eq!(place["region"], region);
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "first here");
        assert_eq!(result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 2);
        assert_eq!(result["message"]["text"], "wrong (sensitive)\nhelp: write `image`");
        assert_eq!(
            sarif["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize]["id"],
            "SU0201"
        );
    }

    #[test]
    fn it_is_what_readers_of_sarif_take() {
        let schema: Value = serde_json::from_str(include_str!("../../../fixtures/sarif/schema.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let check = |value: &Value| validator.iter_errors(value).map(|e| e.to_string()).collect::<Vec<_>>();
        assert_eq!(check(&sample()), [""; 0]);
        assert_eq!(check(&sarif(&Diagnostics::default(), &Sources::default(), &nothing_to_hide)), [""; 0]);
        let mut broken = sample();
        broken["runs"][0]["results"][0]["level"] = json!("fatal");
        assert_eq!(check(&broken).len(), 1);
    }

    #[test]
    fn paths_are_addresses() {
        for (path, expected) in [
            ("a/b.yml", "a/b.yml"),
            ("./a.yml", "a.yml"),
            ("/srv/a b.yml", "file:///srv/a%20b.yml"),
            ("é.yml", "%C3%A9.yml"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
