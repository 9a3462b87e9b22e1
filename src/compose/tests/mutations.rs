//! Our files with the slips that people make: lines lost, doubled, swapped and moved, values of another kind, anchors and
//! tags where none were.

use proptest::prelude::*;
use proptest::sample::Index;

use super::random::{fixtures, survives};

/// What may stand behind a key, or as an item of a list, by mistake or on purpose.
const VALUES: &[&str] = &[
    "",
    "null",
    "~",
    "true",
    "no",
    "0",
    "-1",
    "0440",
    "1.5",
    "1e999",
    ".nan",
    "99999999999999999999",
    "text",
    "\"\"",
    "'1'",
    "\"a: b\"",
    "2020-01-01",
    "80:80",
    "10s",
    "50M",
    "a=b",
    "/a:/b",
    "[]",
    "[a, 1, null]",
    "[[a]]",
    "[{a: b}]",
    "{}",
    "{a: b}",
    "{a: {b: [c]}}",
    "{source: a, target: 1}",
    "${A}",
    "${UNSET:?x}",
    "\"${\"",
    "$$",
    "|",
    "*a",
    "&a x",
    "&a {<<: *a}",
    "!reset null",
    "!override [a]",
    "!override {a: b}",
    "!!str 1",
    "!!int a",
    "!x y",
];

#[derive(Clone, Debug)]
enum Edit {
    Delete(Index),
    Duplicate(Index),
    Swap(Index, Index),
    /// A line and all below it that are deeper, further in or out by some spaces.
    Indent(Index, i8),
    /// What stands behind the first `: ` or `- `.
    Value(Index, &'static str),
    /// The value of one line behind the key of another.
    Copy(Index, Index),
    /// `&a`, `!reset` and the like before the value.
    Mark(Index, &'static str),
    /// `<<: *a` beside the line.
    Merge(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    let marks = prop::sample::select(&["&a ", "&b ", "*a ", "!reset ", "!override ", "!!str ", "? ", "- "][..]);
    prop_oneof![
        at().prop_map(Edit::Delete),
        at().prop_map(Edit::Duplicate),
        (at(), at()).prop_map(|(a, b)| Edit::Swap(a, b)),
        (at(), prop::sample::select(&[-4i8, -2, -1, 1, 2, 4][..])).prop_map(|(a, by)| Edit::Indent(a, by)),
        (at(), prop::sample::select(VALUES)).prop_map(|(a, v)| Edit::Value(a, v)),
        (at(), prop::sample::select(VALUES)).prop_map(|(a, v)| Edit::Value(a, v)),
        (at(), at()).prop_map(|(a, b)| Edit::Copy(a, b)),
        (at(), marks).prop_map(|(a, m)| Edit::Mark(a, m)),
        at().prop_map(Edit::Merge),
    ]
}

fn spaces(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Where the value of a line starts, if it has a key or is an item.
fn value(line: &str) -> Option<usize> {
    let item = line.trim_start().starts_with("- ").then(|| spaces(line) + 2);
    let key = line.find(": ").map(|i| i + 2).or_else(|| line.ends_with(':').then_some(line.len()));
    key.or(item)
}

fn apply(edit: &Edit, lines: &mut Vec<String>) {
    if lines.is_empty() {
        return;
    }
    let n = lines.len();
    match edit {
        Edit::Delete(at) => drop(lines.remove(at.index(n))),
        Edit::Duplicate(at) => lines.insert(at.index(n), lines[at.index(n)].clone()),
        Edit::Swap(a, b) => lines.swap(a.index(n), b.index(n)),
        Edit::Indent(at, by) => {
            let first = at.index(n);
            let depth = spaces(&lines[first]);
            let below = lines[first + 1..].iter().take_while(|l| spaces(l) > depth).count();
            for line in &mut lines[first..=first + below] {
                let moved = spaces(line).saturating_add_signed(isize::from(*by));
                *line = format!("{}{}", " ".repeat(moved), line.trim_start_matches(' '));
            }
        }
        Edit::Value(at, new) => {
            let line = &mut lines[at.index(n)];
            let Some(start) = value(line) else { return };
            line.truncate(start);
            line.push_str(if line.ends_with(':') { " " } else { "" });
            line.push_str(new);
        }
        Edit::Copy(from, to) => {
            let from = lines[from.index(n)].clone();
            let to = &mut lines[to.index(n)];
            if let (Some(start), Some(end)) = (value(&from), value(to)) {
                to.truncate(end);
                to.push(' ');
                to.push_str(&from[start..]);
            }
        }
        Edit::Mark(at, mark) => {
            let line = &mut lines[at.index(n)];
            let Some(start) = value(line) else { return };
            line.insert_str(start, &format!("{}{mark}", if line[..start].ends_with(':') { " " } else { "" }));
        }
        Edit::Merge(at) => {
            let at = at.index(n);
            lines.insert(at, format!("{}<<: *a", " ".repeat(spaces(&lines[at]))));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn any_slip_in_any_fixture(file in any::<Index>(), edits in prop::collection::vec(edit(), 1..8)) {
        let all = fixtures();
        let text = String::from_utf8_lossy(&all[file.index(all.len())]).into_owned();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        edits.iter().for_each(|edit| apply(edit, &mut lines));
        survives(lines.join("\n").as_bytes());
    }
}
