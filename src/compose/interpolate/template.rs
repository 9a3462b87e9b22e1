//! One text with `$NAME`, `${NAME}` and their operators.
//!
//! What docker gives for a form that it knows is what comes out here, `$NAME-word` included; `${A:-${B}}`, `${A:+x}` and
//! operators inside messages follow the Compose specification.

use crate::compose::Environment;

/// What became of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expanded {
    pub text: String,
    /// Something was replaced.
    pub changed: bool,
    pub problems: Vec<Problem>,
}

/// Something to say about the bytes `start..end` of the template.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    pub start: usize,
    pub end: usize,
    pub kind: ProblemKind,
}

#[derive(Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// `$` that starts no variable.
    Invalid,
    /// The same, but a variable follows: docker forgets the error and drops the `$`.
    Dropped,
    /// Not set, no default: an empty text.
    Unset(String),
    /// `${NAME:?message}`.
    Required { name: String, message: String },
    /// `$NAME-word`: the word is a default, not text.
    Swallowed { name: String },
    /// Values of variables have used up the room there is.
    TooLong,
}

/// Operands nested deeper are not looked into.
const MAX_NESTING: usize = 20;

/// `room` is how many bytes variables may still add to the file; `None` once there were too many, which is said then.
pub fn expand(template: &str, environment: &Environment, room: &mut Option<usize>) -> Expanded {
    let braces = braces(template);
    let mut expander = Expander { environment, braces, room, problems: Vec::new(), changed: false, last_good: 0 };
    let text = expander.text(template, 0, 0);
    for problem in &mut expander.problems {
        if problem.kind == ProblemKind::Invalid && problem.start < expander.last_good {
            problem.kind = ProblemKind::Dropped;
        }
    }
    Expanded { text, changed: expander.changed, problems: expander.problems }
}

struct Expander<'a> {
    environment: &'a Environment,
    /// Where each brace after a `$` stands, and the one that closes it.
    braces: Vec<(usize, usize)>,
    room: &'a mut Option<usize>,
    problems: Vec<Problem>,
    changed: bool,
    /// Where the last variable starts.
    last_good: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Default,
    Required,
    Alternative,
}

impl Expander<'_> {
    /// `base` is where `template` starts in the whole.
    fn text(&mut self, template: &str, base: usize, nesting: usize) -> String {
        let mut out = String::with_capacity(template.len());
        let mut at = 0;
        while let Some(dollar) = template.get(at..).and_then(|rest| rest.find('$')).map(|i| i + at) {
            out.push_str(template.get(at..dollar).unwrap_or_default());
            self.changed = true;
            let rest = template.get(dollar + 1..).unwrap_or_default();
            let used = if rest.starts_with('$') {
                out.push('$');
                1
            } else if let Some(inner) = rest.strip_prefix('{') {
                self.braced(inner, base + dollar, nesting, &mut out)
            } else {
                self.named(rest, base + dollar, nesting, &mut out)
            };
            if used == 0 {
                self.problem(base + dollar, base + dollar + 1, ProblemKind::Invalid);
            } else if used > 1 || !rest.starts_with('$') {
                self.last_good = base + dollar;
            }
            at = dollar + 1 + used;
        }
        out.push_str(template.get(at..).unwrap_or_default());
        out
    }

    /// `{NAME…}` after the dollar; how many bytes of it were used, 0 if it is none.
    fn braced(&mut self, inner: &str, dollar: usize, nesting: usize, out: &mut String) -> usize {
        let name = name(inner);
        let after = inner.get(name.len()..).unwrap_or_default();
        if name.is_empty() || nesting > MAX_NESTING {
            return 0;
        }
        if after.starts_with('}') {
            self.value(name, None, dollar, dollar + name.len() + 3, nesting, out);
            return name.len() + 2;
        }
        let Some((operator, or_empty, width)) = operator(after) else { return 0 };
        let start = dollar + 2 + name.len() + width;
        let operand = after.get(width..).unwrap_or_default();
        // What closes it may stand behind the part of the text that is looked at.
        let end = self.closing(dollar + 1).and_then(|close| close.checked_sub(start));
        let Some((end, operand)) = end.and_then(|end| Some((end, operand.get(..end + 1)?.get(..end)?))) else {
            return 0;
        };
        let stop = start + end + 1;
        self.value(name, Some((operator, or_empty, operand, start)), dollar, stop, nesting, out);
        stop - dollar - 1
    }

    /// `NAME…` after the dollar.
    fn named(&mut self, rest: &str, dollar: usize, nesting: usize, out: &mut String) -> usize {
        let name = name(rest);
        if name.is_empty() || nesting > MAX_NESTING {
            return 0;
        }
        let after = rest.get(name.len()..).unwrap_or_default();
        let end = dollar + 1 + name.len();
        let Some((operator, or_empty, width)) = operator(after).filter(|(o, ..)| *o != Operator::Alternative) else {
            self.value(name, None, dollar, end, nesting, out);
            return name.len();
        };
        // docker takes all up to a brace as the operand.
        let operand = after.get(width..).unwrap_or_default();
        let operand = operand.split('}').next().unwrap_or_default();
        let stop = end + width + operand.len();
        self.problem(dollar, stop, ProblemKind::Swallowed { name: name.to_owned() });
        self.value(name, Some((operator, or_empty, operand, end + width)), dollar, stop, nesting, out);
        stop - dollar - 1
    }

    fn value(
        &mut self,
        name: &str,
        operation: Option<(Operator, bool, &str, usize)>,
        start: usize,
        end: usize,
        nesting: usize,
        out: &mut String,
    ) {
        let value = self.environment.get(name);
        let Some((operator, or_empty, operand, at)) = operation else {
            match value {
                Some(value) => self.put(value, start, end, out),
                None => self.problem(start, end, ProblemKind::Unset(name.to_owned())),
            }
            return;
        };
        let there = value.filter(|v| !(or_empty && v.is_empty()));
        match (operator, there) {
            (Operator::Default | Operator::Required, Some(value)) => self.put(value, start, end, out),
            (Operator::Default, None) | (Operator::Alternative, Some(_)) => {
                let text = self.text(operand, at, nesting + 1);
                out.push_str(&text);
            }
            (Operator::Alternative, None) => {}
            (Operator::Required, None) => {
                let message = self.text(operand, at, nesting + 1);
                self.problem(start, end, ProblemKind::Required { name: name.to_owned(), message });
            }
        }
    }

    /// The value of a variable, while there is room.
    fn put(&mut self, value: &str, start: usize, end: usize, out: &mut String) {
        let Some(room) = *self.room else { return };
        *self.room = room.checked_sub(value.len());
        match self.room {
            Some(_) => out.push_str(value),
            None => self.problem(start, end, ProblemKind::TooLong),
        }
    }

    fn closing(&self, brace: usize) -> Option<usize> {
        let at = self.braces.binary_search_by_key(&brace, |(open, _)| *open).ok()?;
        self.braces.get(at).map(|(_, close)| *close)
    }

    fn problem(&mut self, start: usize, end: usize, kind: ProblemKind) {
        self.problems.push(Problem { start, end, kind });
    }
}

fn name(text: &str) -> &str {
    let end = text
        .char_indices()
        .find(|(i, c)| !(c.is_ascii_alphabetic() || *c == '_' || (*i > 0 && c.is_ascii_digit())))
        .map_or(text.len(), |(i, _)| i);
    text.get(..end).unwrap_or_default()
}

/// The operator, whether an empty value counts as unset, and its width.
fn operator(text: &str) -> Option<(Operator, bool, usize)> {
    let (or_empty, rest) = match text.strip_prefix(':') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let operator = match rest.bytes().next()? {
        b'-' => Operator::Default,
        b'?' => Operator::Required,
        b'+' => Operator::Alternative,
        _ => return None,
    };
    Some((operator, or_empty, 1 + usize::from(or_empty)))
}

/// The pairs of `${` and `}`, found in one go: the text may be millions of them.
fn braces(text: &str) -> Vec<(usize, usize)> {
    let (mut open, mut pairs) = (Vec::new(), Vec::new());
    let mut previous = b' ';
    for (i, byte) in text.bytes().enumerate() {
        match byte {
            b'{' if previous == b'$' => open.push(i),
            b'}' => pairs.extend(open.pop().map(|start| (start, i))),
            _ => {}
        }
        // `$${` is a dollar sign and a brace.
        previous = if byte == b'$' && previous == b'$' { b' ' } else { byte };
    }
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::compose::tests::busy;

    fn expand(template: &str, environment: &Environment) -> Expanded {
        super::expand(template, environment, &mut Some(1_000))
    }

    fn environment() -> Environment {
        [("FOO", "foo"), ("EMPTY", ""), ("B", "b")].map(|(k, v)| (k.to_owned(), v.to_owned())).into()
    }

    #[test]
    fn forms_that_docker_knows() {
        for (template, expected) in [
            ("plain", "plain"),
            ("$FOO", "foo"),
            ("${FOO}", "foo"),
            ("a${FOO}b$B", "afoobb"),
            ("${UNSET:-d}", "d"),
            ("${EMPTY:-d}", "d"),
            ("${EMPTY-d}", ""),
            ("${UNSET-d}", "d"),
            ("${FOO:?e}", "foo"),
            ("${FOO?e}", "foo"),
            ("$$FOO", "$FOO"),
            ("$$$$", "$$"),
            ("${UNSET:-{\"a\":1}}", "{\"a\":1}"),
            ("${UNSET:-a:b-c?d}", "a:b-c?d"),
        ] {
            let out = expand(template, &environment());
            assert_eq!(out.text, expected, "{template}");
            assert_eq!(out.problems, [], "{template}");
        }
    }

    #[test]
    fn forms_of_the_specification() {
        for (template, expected) in [
            ("${UNSET:-${B}}", "b"),
            ("${UNSET:-${ALSO:-$B}}x", "bx"),
            ("${FOO:+x}", "x"),
            ("${EMPTY:+x}", ""),
            ("${EMPTY+x}", "x"),
            ("${UNSET+x}", ""),
            ("${FOO:?must-be-set}", "foo"),
            ("${FOO-a:-b}", "foo"),
            ("${UNSET:-$${X}}", "${X}"),
        ] {
            let out = expand(template, &environment());
            assert_eq!(out.text, expected, "{template}");
            assert_eq!(out.problems, [], "{template}");
        }
    }

    #[test]
    fn a_dollar_that_starts_nothing_is_found_where_it_stands() {
        for (template, at) in
            [("$1", 0), ("a $ b", 2), ("tail$", 4), ("${}", 0), ("${ V}", 0), ("${V }", 0), ("${V!}", 0), ("${FOO", 0)]
        {
            let out = expand(template, &environment());
            assert_eq!(out.problems, [Problem { start: at, end: at + 1, kind: ProblemKind::Invalid }], "{template}");
        }
    }

    #[test]
    fn docker_forgets_an_error_before_a_variable() {
        let out = expand("cost $ 5 $FOO", &environment());
        assert_eq!(out.text, "cost  5 foo");
        assert_eq!(out.problems, [Problem { start: 5, end: 6, kind: ProblemKind::Dropped }]);
        let out = expand("$FOO $ 5 $$", &environment());
        assert_eq!(out.problems, [Problem { start: 5, end: 6, kind: ProblemKind::Invalid }]);
    }

    #[test]
    fn says_what_is_missing() {
        let out = expand("x${UNSET}y", &environment());
        assert_eq!(out.text, "xy");
        assert_eq!(out.problems, [Problem { start: 1, end: 9, kind: ProblemKind::Unset("UNSET".into()) }]);
        let out = expand("${UNSET:?set it}", &environment());
        let kind = ProblemKind::Required { name: "UNSET".into(), message: "set it".into() };
        assert_eq!(out.problems, [Problem { start: 0, end: 16, kind }]);
    }

    #[test]
    fn without_braces_the_rest_is_a_default_as_with_docker() {
        let out = expand("$UNSET:-zz yy", &environment());
        assert_eq!(out.text, "zz yy");
        assert!(matches!(out.problems[0].kind, ProblemKind::Swallowed { .. }));
        assert_eq!(expand("$FOO-x", &environment()).text, "foo");
    }

    #[test]
    fn millions_of_variables_take_no_longer_than_a_text_of_that_length() {
        for part in ["${UNSET-", "$UNSET-", "${", "$", "$$", "${UNSET-$", "${UNSET-x}", "{$"] {
            let start = busy();
            expand(&part.repeat(2_000_000 / part.len()), &environment());
            assert!(busy() - start < Duration::from_secs(20), "{part}");
        }
    }

    #[test]
    fn operands_that_nest_too_deep_are_no_variables() {
        let deep = |n: usize| format!("{}x{}", "${UNSET:-".repeat(n), "}".repeat(n));
        assert_eq!(expand(&deep(20), &environment()).text, "x");
        assert_eq!(expand(&deep(30), &environment()).problems[0].kind, ProblemKind::Invalid);
    }

    #[test]
    fn variables_have_room_and_not_more() {
        let values = "$FOO".repeat(5);
        for (room, text) in [(15, "foofoofoofoofoo"), (14, "foofoofoofoo"), (12, "foofoofoofoo"), (0, "")] {
            let out = super::expand(&values, &environment(), &mut Some(room));
            assert_eq!(out.text, text);
            let start = 4 * (room / 3);
            let problem = Problem { start, end: start + 4, kind: ProblemKind::TooLong };
            assert_eq!(out.problems, if room < 15 { vec![problem] } else { vec![] });
        }
    }
}
