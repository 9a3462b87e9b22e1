//! Rows as a table, a Go template, JSON or docker's raw form: what `--format` asks for.

use super::table;
use super::template::{BadTemplate, RowTemplate};
use crate::app::look::Row;

/// How a list is printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// docker's columns.
    #[default]
    Table,
    /// `table TEMPLATE`: columns of one's own, with their heads.
    Columns(String),
    /// One object a line.
    Json,
    /// One `key: value` a line.
    Raw,
    /// Only ids, one a line.
    Ids,
    /// One text a row.
    Template(String),
}

impl Format {
    /// `words` is the value of `--format`; ids replace only the table and the raw form, as in docker.
    pub fn of<R: Row>(words: &str, quiet: bool) -> Self {
        let words = words.trim_matches(' ');
        match words {
            "" | "table" if quiet => Self::Ids,
            "" | "table" => Self::Table,
            "json" => Self::Json,
            "raw" if R::RAW && quiet => Self::Template("id: {{.ID}}".into()),
            "raw" if R::RAW => Self::Raw,
            _ => match words.strip_prefix("table") {
                Some(columns) => Self::Columns(escapes(columns.trim_matches(' '))),
                None => Self::Template(escapes(words)),
            },
        }
    }

    /// It is laid out in columns.
    pub fn is_table(&self) -> bool {
        matches!(self, Self::Table | Self::Columns(_))
    }
}

/// A shell leaves `\t` and `\n` as they are; people mean the characters.
fn escapes(template: &str) -> String {
    template.replace("\\t", "\t").replace("\\n", "\n")
}

/// The whole list, with a newline behind each row.
pub fn listing<R: Row>(rows: &[R], format: &Format) -> Result<String, BadTemplate> {
    let names = || R::FIELDS.iter().map(|f| f.name);
    let fields = |row: &R| names().zip(row.values()).collect::<Vec<_>>();
    let each = |template: &str| -> Result<String, BadTemplate> {
        let template = RowTemplate::parse(template)?;
        let lines: Result<Vec<_>, _> = rows.iter().map(|row| template.row(&fields(row)).map(|l| l + "\n")).collect();
        Ok(lines?.concat())
    };
    match format {
        Format::Template(template) => each(template),
        Format::Json => each("{{json .}}"),
        Format::Ids => each("{{.ID}}"),
        Format::Raw => {
            let line = |name: &'static str| format!("{}: {{{{.{name}}}}}\n", snake(name));
            each(&names().map(line).collect::<String>())
        }
        Format::Table => {
            let heads = R::FIELDS.iter().map(|f| f.head.to_owned()).collect::<Vec<_>>().join("\t");
            let lines = rows.iter().map(|row| row.values().join("\t"));
            Ok(table::align(&std::iter::once(heads).chain(lines).map(|line| line + "\n").collect::<String>()))
        }
        Format::Columns(columns) => {
            let heads: Vec<(&str, String)> = R::FIELDS.iter().map(|f| (f.name, f.head.to_owned())).collect();
            let head = RowTemplate::parse(columns)?.head(&heads)?;
            Ok(table::align(&format!("{head}\n{}", each(columns)?)))
        }
    }
}

/// `DesiredState` is `desired_state`, `ID` is `id`.
pub fn snake(name: &str) -> String {
    let mut shaped = String::new();
    let mut small = false;
    for letter in name.chars() {
        if letter.is_uppercase() && small {
            shaped.push('_');
        }
        small = letter.is_lowercase();
        shaped.extend(letter.to_lowercase());
    }
    shaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::look::{ServiceRow, StackRow};
    use rstest::rstest;

    fn stacks() -> Vec<StackRow> {
        [("lk", 7), ("a-much-longer-name", 12)].map(|(name, services)| StackRow { name: name.into(), services }).into()
    }

    fn service() -> ServiceRow {
        ServiceRow {
            id: "l2vd0rorbwfdxxxxxxxxxxxxx".into(),
            name: "lk_web".into(),
            mode: "replicated".into(),
            replicas: "3/3 (max 4 per node)".into(),
            image: "10.98.0.1:5000/t:1".into(),
            ports: "*:8080->80/tcp".into(),
        }
    }

    #[rstest]
    #[case("", "NAME                 SERVICES\nlk                   7\na-much-longer-name   12\n")]
    #[case("table {{.Services}}\\t{{upper .Name}}", "SERVICES   NAME\n7          LK\n12         A-MUCH-LONGER-NAME\n")]
    #[case("json", "{\"Name\":\"lk\",\"Services\":\"7\"}\n{\"Name\":\"a-much-longer-name\",\"Services\":\"12\"}\n")]
    #[case("{{.Name}}\\t{{.Services}}", "lk\t7\na-much-longer-name\t12\n")]
    #[case("raw", "raw\nraw\n")]
    fn lists_stacks(#[case] format: &str, #[case] text: &str) {
        assert_eq!(listing(&stacks(), &Format::of::<StackRow>(format, false)).unwrap(), text);
    }

    #[rstest]
    #[case("", true, "l2vd0rorbwfd\n")]
    #[case("raw", true, "id: l2vd0rorbwfd\n")]
    #[case("{{.Mode}}", true, "replicated\n")]
    #[case(
        "raw",
        false,
        "id: l2vd0rorbwfd\nname: lk_web\nmode: replicated\nreplicas: 3/3 (max 4 per node)\nimage: 10.98.0.1:5000/t:1\nports: *:8080->80/tcp\n\n"
    )]
    fn lists_services(#[case] format: &str, #[case] quiet: bool, #[case] text: &str) {
        assert_eq!(listing(&[service()], &Format::of::<ServiceRow>(format, quiet)).unwrap(), text);
    }

    #[test]
    fn a_wrong_field_is_refused_even_without_rows() {
        let none: [StackRow; 0] = [];
        assert_eq!(listing(&none, &Format::Table).unwrap(), "NAME      SERVICES\n");
        assert!(listing(&none, &Format::of::<StackRow>("table {{.Nope}}", false)).is_err());
    }

    #[test]
    fn snakes() {
        assert_eq!(["DesiredState", "ID", "Name"].map(snake), ["desired_state", "id", "name"]);
    }
}
