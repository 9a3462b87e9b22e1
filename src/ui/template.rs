//! Go templates over the fields of a row, with the functions that docker adds. The language is the crate `gotmpl`'s.

use std::collections::BTreeMap;
use std::sync::Arc;

use gotmpl::parse::Node;
use gotmpl::{MissingKey, Template, TemplateError, Value};

use crate::diagnostic::closest;

/// Why a template is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    #[error("template parsing error: {0}")]
    Syntax(String),
    #[error("template: column {column}: there is no field .{field}{}; the fields are {}", meant(near), dotted(known))]
    Field { field: String, column: usize, near: Option<String>, known: Vec<String> },
    #[error("template: {0}")]
    Run(String),
}

fn meant(near: &Option<String>) -> String {
    near.as_ref().map(|near| format!(" (did you mean .{near}?)")).unwrap_or_default()
}

fn dotted(fields: &[String]) -> String {
    fields.iter().map(|f| format!(".{f}")).collect::<Vec<_>>().join(" ")
}

/// What a template is run over: names and texts.
pub type Fields<'a> = &'a [(&'a str, String)];

/// A template that parses.
pub struct RowTemplate {
    source: String,
    rows: Template,
    heads: Template,
}

impl RowTemplate {
    pub fn parse(source: &str) -> Result<Self, BadTemplate> {
        let parse = |template: Template| {
            template.missing_key(MissingKey::Error).max_range_iters(100_000).parse(source).map_err(syntax)
        };
        let rows = parse(row_functions(Template::new("")))?;
        whole(source)?;
        Ok(Self { source: source.to_owned(), rows, heads: parse(head_functions(Template::new("")))? })
    }

    pub fn row(&self, fields: Fields<'_>) -> Result<String, BadTemplate> {
        self.run(&self.rows, fields)
    }

    /// The same template over the heads of a table: functions that change a value leave a head as it is.
    pub fn head(&self, fields: Fields<'_>) -> Result<String, BadTemplate> {
        self.run(&self.heads, fields)
    }

    fn run(&self, template: &Template, fields: Fields<'_>) -> Result<String, BadTemplate> {
        let map: BTreeMap<Arc<str>, Value> =
            fields.iter().map(|(name, text)| (Arc::from(*name), Value::String(text.as_str().into()))).collect();
        template.execute_to_string(&Value::Map(Arc::new(map))).map_err(|error| match error {
            TemplateError::MissingKey { key } => self.unknown(key, fields),
            TemplateError::UndefinedFunction(name) => {
                let near = closest(&name, FUNCTIONS.iter().copied());
                let near = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
                BadTemplate::Syntax(format!("function \"{name}\" is not defined{near}"))
            }
            other => BadTemplate::Run(other.to_string()),
        })
    }

    fn unknown(&self, field: String, fields: Fields<'_>) -> BadTemplate {
        let place = self.source.find(&format!(".{field}"));
        let before = place.and_then(|at| self.source.get(..at)).unwrap_or_default();
        let near = closest(&field, fields.iter().map(|(name, _)| *name)).map(str::to_owned);
        let known = fields.iter().map(|(name, _)| (*name).to_owned()).collect();
        BadTemplate::Field { column: before.chars().count() + 1, field, near, known }
    }
}

/// The parser takes the end of the text for a missing `{{end}}`, and a stray `{{end}}` for the end of the text: what
/// stands behind the template must be read, and belong to no block.
fn whole(source: &str) -> Result<(), BadTemplate> {
    const BEHIND: &str = "behind";
    // Only a template with a name can be looked up.
    const NAME: &str = "format";
    let probe = row_functions(Template::new(NAME)).parse(&format!("{source}{BEHIND}")).map_err(syntax)?;
    match probe.lookup(NAME).and_then(|tree| tree.nodes.last()) {
        Some(Node::Text(text)) if text.text.ends_with(BEHIND) => Ok(()),
        _ => {
            Err(BadTemplate::Syntax("the blocks do not close: an {{end}} is missing, or there is one too many".into()))
        }
    }
}

fn syntax(error: TemplateError) -> BadTemplate {
    let text = error.to_string();
    BadTemplate::Syntax(
        ["template: format:", "template: "]
            .into_iter()
            .find_map(|head| text.strip_prefix(head))
            .unwrap_or(&text)
            .to_owned(),
    )
}

const FUNCTIONS: &[&str] = &[
    "json", "split", "join", "title", "lower", "upper", "pad", "truncate", "print", "printf", "println", "len",
    "index", "slice", "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not", "html", "js", "urlquery",
];

type Arguments<'a> = &'a [Value];

fn text(args: Arguments<'_>, at: usize, function: &str) -> Result<String, TemplateError> {
    match args.get(at) {
        Some(Value::String(text)) => Ok(text.to_string()),
        Some(other) => Err(TemplateError::TypeMismatch { expected: "string", got: other.type_name() }),
        None => Err(TemplateError::ArgCount { name: function.into(), expected: at + 1, got: args.len() }),
    }
}

/// A count from a template, bounded: nobody needs more than a screenful of padding.
fn count(args: Arguments<'_>, at: usize, function: &str) -> Result<usize, TemplateError> {
    const MOST: i64 = 4096;
    match args.get(at).map(|v| (v.as_int(), v)) {
        Some((Some(number), _)) => Ok(usize::try_from(number.clamp(0, MOST)).unwrap_or_default()),
        Some((None, other)) => Err(TemplateError::TypeMismatch { expected: "int", got: other.type_name() }),
        None => Err(TemplateError::ArgCount { name: function.into(), expected: at + 1, got: args.len() }),
    }
}

fn string(text: impl Into<String>) -> Value {
    Value::String(text.into().into())
}

/// docker's functions, on values.
fn row_functions(template: Template) -> Template {
    template
        .func("json", |args| {
            let text = args.first().map_or(serde_json::Value::Null, json).to_string();
            // docker writes a whole row as Go does by default, with `<`, `>` and `&` escaped, but a field as it is.
            let row = matches!(args.first(), Some(Value::Map(_)));
            Ok(string(if row { escape_html(&text) } else { text }))
        })
        .func("split", |args| {
            let (whole, by) = (text(args, 0, "split")?, text(args, 1, "split")?);
            let parts: Vec<Value> = match by.as_str() {
                "" => whole.chars().map(string).collect(),
                by => whole.split(by).map(string).collect(),
            };
            Ok(Value::List(parts.into()))
        })
        .func("join", |args| {
            let Some(Value::List(parts)) = args.first() else {
                let got = args.first().map_or("nothing", Value::type_name);
                return Err(TemplateError::TypeMismatch { expected: "list", got });
            };
            let parts: Result<Vec<String>, _> =
                parts.iter().map(|p| text(std::slice::from_ref(p), 0, "join")).collect();
            Ok(string(parts?.join(&text(args, 1, "join")?)))
        })
        .func("title", |args| Ok(string(title(&text(args, 0, "title")?))))
        .func("lower", |args| Ok(string(text(args, 0, "lower")?.to_lowercase())))
        .func("upper", |args| Ok(string(text(args, 0, "upper")?.to_uppercase())))
        .func("truncate", |args| {
            let (whole, most) = (text(args, 0, "truncate")?, count(args, 1, "truncate")?);
            Ok(string(whole.chars().take(most).collect::<String>()))
        })
        .func("pad", pad)
}

/// The same names for heads: all but `pad` give their first argument back.
fn head_functions(template: Template) -> Template {
    let same = |args: Arguments<'_>| Ok(args.first().cloned().unwrap_or(Value::Nil));
    ["json", "split", "join", "title", "lower", "upper", "truncate"]
        .into_iter()
        .fold(template, |template, name| template.func(name, same))
        .func("pad", pad)
}

fn pad(args: Arguments<'_>) -> Result<Value, TemplateError> {
    let (whole, before, after) = (text(args, 0, "pad")?, count(args, 1, "pad")?, count(args, 2, "pad")?);
    let spaces = |n| " ".repeat(n);
    // An empty text stays empty.
    Ok(string(if whole.is_empty() { whole } else { format!("{}{whole}{}", spaces(before), spaces(after)) }))
}

/// The first letter of each word large.
fn title(text: &str) -> String {
    let mut start = true;
    let mut shaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if start {
            shaped.extend(letter.to_uppercase());
        } else {
            shaped.push(letter);
        }
        start = !letter.is_alphanumeric() && letter != '_' && letter != '\'';
    }
    shaped
}

/// JSON that may stand in HTML.
fn escape_html(json: &str) -> String {
    json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(b) => (*b).into(),
        Value::Int(n) => (*n).into(),
        Value::Uint(n) => (*n).into(),
        Value::Float(n) => (*n).into(),
        Value::String(text) => (&**text).into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(map) => map.iter().map(|(key, item)| (key.to_string(), json(item))).collect(),
        _ => serde_json::Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn fields() -> Vec<(&'static str, String)> {
        vec![
            ("ID", "abc".into()),
            ("Name", "my web-app".into()),
            ("Error", String::new()),
            ("Services", "7".into()),
            ("Ports", "*:80->80/tcp".into()),
        ]
    }

    fn row(source: &str) -> Result<String, BadTemplate> {
        RowTemplate::parse(source)?.row(&fields())
    }

    #[rstest]
    #[case("{{.Name}}", "my web-app")]
    #[case("{{json .Name}}", "\"my web-app\"")]
    #[case("{{json .}}", r#"{"Error":"","ID":"abc","Name":"my web-app","Ports":"*:80-\u003e80/tcp","Services":"7"}"#)]
    #[case("{{json .Ports}}", "\"*:80->80/tcp\"")]
    #[case("{{.Name | upper | printf \"%q\"}}", "\"MY WEB-APP\"")]
    #[case("{{title .Name}}", "My Web-App")]
    #[case("{{join (split .Name \"-\") \"+\"}}", "my web+app")]
    #[case("{{pad .ID 1 2}}|{{pad .Error 1 2}}|", " abc  ||")]
    #[case("{{truncate .Name 2}}", "my")]
    #[case("{{if .Error}}bad{{else}}fine{{end}}", "fine")]
    #[case("{{if and (eq .Services \"7\") (ne .ID \"x\")}}yes{{end}}", "yes")]
    #[case("{{range $i, $p := split .Name \" \"}}{{$i}}={{$p}};{{end}}", "0=my;1=web-app;")]
    #[case("{{index (split .Name \"-\") 1}} {{len .ID}}", "app 3")]
    #[case("{{printf \"%s %v %d\" .ID .Services 3}}", "abc 7 3")]
    #[case("{{println .ID}}", "abc\n")]
    #[case("{{- /* nothing */ -}} x", "x")]
    fn says_what_docker_says(#[case] source: &str, #[case] text: &str) {
        assert_eq!(row(source).unwrap(), text);
    }

    #[test]
    fn heads_keep_their_words() {
        let heads = [("ID", "ID".to_owned()), ("Name", "NAME".to_owned())];
        let template =
            RowTemplate::parse("{{json .ID}} {{lower .Name}} {{pad .Name 1 1}}|{{truncate .Name 1}}").unwrap();
        assert_eq!(template.head(&heads).unwrap(), "ID NAME  NAME |NAME");
    }

    #[test]
    fn an_unknown_field_is_named_with_its_place() {
        assert_eq!(
            row("é {{.Nmae}}").unwrap_err().to_string(),
            "template: column 5: there is no field .Nmae (did you mean .Name?); the fields are .ID .Name .Error .Services .Ports"
        );
    }

    #[rstest]
    #[case("{{.Name", "template parsing error: 1:8: unclosed action")]
    #[case("{{if .ID}}", "the blocks do not close")]
    #[case("{{.ID}}{{end}}", "the blocks do not close")]
    #[case("{{uper .ID}}", "did you mean upper?")]
    #[case("{{index .ID 99}}", "template: ")]
    #[case("{{join .ID \",\"}}", "expected list, got string")]
    fn errors_are_words(#[case] source: &str, #[case] words: &str) {
        let said = row(source).unwrap_err().to_string();
        assert!(said.contains(words), "{said}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn never_panics(source in r#"(\{\{-? ?|-? ?\}\}|\.ID|\.|\||if |range |else|end|eq |index |split |json |printf |"%[sdvq*]"|[0-9]|\(|\)|\$x|:=| ){0,14}"#) {
            let _ = row(&source);
        }

        #[test]
        fn never_panics_on_noise(source in "\\PC{0,40}") {
            let _ = row(&source);
            let _ = row(&format!("{{{{{source}}}}}"));
        }
    }
}
