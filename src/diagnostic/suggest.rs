//! "Did you mean".

/// Longer words are no slips of names.
const LONGEST: usize = 100;
/// Names that are looked at.
const MOST: usize = 1_000;

/// The candidate nearest to `word`, if one is near enough to be a slip of the fingers.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    let length = word.chars().count();
    let limit = match length {
        0..=3 => 1,
        4..=7 => 2,
        _ => 3,
    };
    candidates
        .into_iter()
        .take(MOST)
        .filter(|c| c.len() <= LONGEST && c.chars().count().abs_diff(length) <= limit)
        .map(|c| (distance(&word, &c.to_lowercase()), c))
        .filter(|(d, _)| *d <= limit)
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

/// Edits (insert, delete, replace, swap of neighbours) from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let width = b.len() + 1;
    // Row after row of edits from the first characters of `a` to the first of `b`.
    let mut edits: Vec<usize> = (0..width).collect();
    edits.resize(width * (a.len() + 1), 0);
    for i in 1..=a.len() {
        let row = i * width;
        edits[row] = i;
        for j in 1..=b.len() {
            let at = row + j;
            let replace = edits[at - width - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(edits[at - width] + 1).min(edits[at - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(edits[at - 2 * width - 2] + 1);
            }
            edits[at] = best;
        }
    }
    edits[width * a.len() + b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_slip_and_not_another_word() {
        let keys = ["image", "environment", "ports", "networks"];
        assert_eq!(closest("imgae", keys), Some("image"));
        assert_eq!(closest("enviroment", keys), Some("environment"));
        assert_eq!(closest("port", keys), Some("ports"));
        assert_eq!(closest("healthcheck", keys), None);
    }
}
