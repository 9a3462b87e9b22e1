//! Why the last rollout failed: what the tasks that ended left behind.

use maud::{Markup, html};
use serde_json::Value;

/// Each is an `evidence` event of `--json`, swept; nothing where there is none.
pub fn section(evidence: &[Value]) -> Markup {
    html! {
        @if !evidence.is_empty() {
            h2 { "Why it failed" }
            @for one in evidence { (group(one)) }
        }
    }
}

/// Tasks that ended in the same way.
fn group(line: &Value) -> Markup {
    let told = &line["evidence"];
    let word = |name: &str| told[name].as_str().unwrap_or_default();
    let log: Vec<&str> = told["log"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    html! {
        h3 { code { (line["address"].as_str().unwrap_or_default()) } ": " (count(told)) " " (word("state")) }
        dl {
            @if !word("error").is_empty() { dt { "Error" } dd { (word("error")) } }
            @if let Some(code) = told["exit_code"].as_i64() { dt { "Exit code" } dd { (code) } }
            @if told["out_of_memory"] == true { dt { "Memory" } dd { "it used up what it may have, and was killed" } }
            @if !word("probe").is_empty() { dt { "Health check" } dd { (word("probe")) } }
            @if !word("node").is_empty() { dt { "Node" } dd { (word("node")) } }
            @if let Some(ran) = told["ran_seconds"].as_f64() { dt { "Ran for" } dd { (format!("{ran:.1} s")) } }
        }
        @if !log.is_empty() { p { "Its last words:" } pre { (log.join("\n")) } }
    }
}

fn count(told: &Value) -> String {
    match told["names"].as_array().map_or(1, Vec::len) {
        0 | 1 => told["name"].as_str().filter(|name| !name.is_empty()).unwrap_or("a task").to_owned(),
        n => format!("{n} tasks"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_says_which_where_how_and_the_last_words() {
        let line = json!({"address": "service/web", "evidence": {
            "name": "web.1", "names": ["web.1"], "node": "n1", "state": "failed", "exit_code": 7, "error": "task: non-zero exit (7)",
            "ran_seconds": 0.31, "out_of_memory": true, "log": ["cannot open <b>db</b>", "giving up"]}});
        let text = section(&[line]).into_string();
        for words in [
            "<code>service/web</code>: web.1 failed",
            "<dt>Exit code</dt><dd>7</dd>",
            "<dt>Node</dt><dd>n1</dd>",
            "task: non-zero exit (7)",
            "was killed",
            "<pre>cannot open &lt;b&gt;db&lt;/b&gt;\ngiving up</pre>",
        ] {
            assert!(text.contains(words), "{words}\n{text}");
        }
        assert_eq!(section(&[]).into_string(), "");
        // Whatever is missing is left out.
        assert!(section(&[json!({})]).into_string().contains("a task"));
    }
}
