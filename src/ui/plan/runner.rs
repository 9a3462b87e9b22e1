//! Continuous integration reads what is printed: a line that GitHub's runner would take for a command is made one that it does
//! not (`::set-output …` at the start of a line, `##[…]` anywhere in it).

/// `text` without commands.
pub fn without_commands(text: &str) -> String {
    let text = text.replace("##[", "##\\u{5b}");
    if !text.contains("::") {
        return text;
    }
    let tame = |line: &str| match line.trim_start().strip_prefix("::") {
        Some(rest) => {
            let indent = line.len() - line.trim_start().len();
            format!("{}\\u{{3a}}:{rest}", line.get(..indent).unwrap_or_default())
        }
        None => line.to_owned(),
    };
    text.split('\n').map(tame).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_become_text() {
        assert_eq!(without_commands("a\n  ::set-output name=x::y\n"), "a\n  \\u{3a}:set-output name=x::y\n");
        assert_eq!(without_commands("x ##[set-env]y"), "x ##\\u{5b}set-env]y");
        assert_eq!(without_commands("a::b\n- ::c"), "a::b\n- ::c");
    }
}
