//! Text in columns, as docker lays it out.

/// Columns are at least this wide.
const LEAST: usize = 10;
/// Spaces behind the widest cell.
const PADDING: usize = 3;

/// Lays out lines of cells parted by tabs. What follows a line's last tab belongs to no column. A column is a block of
/// lines, one under the other, that have it: a line without it ends the block.
pub fn align(text: &str) -> String {
    let lines: Vec<Vec<&str>> = text.split('\n').map(|line| line.split('\t').collect()).collect();
    let mut widths: Vec<Vec<usize>> = lines.iter().map(|cells| vec![0; cells.len() - 1]).collect();
    let most = widths.iter().map(Vec::len).max().unwrap_or_default();
    for column in 0..most {
        let has = |line: usize| lines.get(line).is_some_and(|cells| cells.len() > column + 1);
        let mut start = 0;
        while start < lines.len() {
            if !has(start) {
                start += 1;
                continue;
            }
            let end = (start..lines.len()).find(|line| !has(*line)).unwrap_or(lines.len());
            let cells = lines.iter().take(end).skip(start).filter_map(|cells| cells.get(column));
            let widest = cells.map(|cell| cell.chars().count() + PADDING).max().unwrap_or_default().max(LEAST);
            for width in widths.iter_mut().take(end).skip(start).filter_map(|w| w.get_mut(column)) {
                *width = widest;
            }
            start = end;
        }
    }
    let mut laid: Vec<String> = Vec::with_capacity(lines.len());
    for (cells, widths) in lines.iter().zip(&widths) {
        let mut line = String::new();
        for (at, cell) in cells.iter().enumerate() {
            line.push_str(cell);
            let width = widths.get(at).copied().unwrap_or_default();
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count())));
        }
        laid.push(line);
    }
    laid.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_are_at_least_ten_wide() {
        assert_eq!(align("NAME\tSERVICES\nlk\t7\n"), "NAME      SERVICES\nlk        7\n");
    }

    #[test]
    fn the_last_cell_is_free_and_an_empty_one_keeps_its_column() {
        let text = align("ID\tERROR\tPORTS\na\t\t\nabcdefghijkl\t\"oops…\"\t*:80\n");
        let expected =
            ["ID             ERROR     PORTS", "a                        ", "abcdefghijkl   \"oops…\"   *:80", ""];
        assert_eq!(text, expected.join("\n"));
    }

    #[test]
    fn a_line_without_the_column_ends_its_block() {
        assert_eq!(align("a very long cell\tx\nno tab\nb\tx\n"), "a very long cell   x\nno tab\nb         x\n");
    }

    proptest! {
        #[test]
        fn loses_nothing(text in "[a-c\t\n…]{0,60}") {
            let keep = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let laid = align(&text);
            prop_assert_eq!(keep(&laid), keep(&text));
            prop_assert_eq!(laid.lines().count(), text.lines().count());
        }
    }
}
