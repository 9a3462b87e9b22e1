//! The order in which `web-2` comes before `web-10`.

use std::cmp::Ordering;

/// Runs of digits by their number, everything else by bytes; among equal numbers the one with fewer zeros in front first.
pub fn natural_cmp(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        let (left, right) = (digits(a), digits(b));
        if left > 0 && right > 0 {
            let (x, rest_a) = a.split_at(left);
            let (y, rest_b) = b.split_at(right);
            let by_number = number(x).len().cmp(&number(y).len()).then_with(|| number(x).cmp(number(y)));
            let order = by_number.then_with(|| x.len().cmp(&y.len()));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (rest_a, rest_b);
            continue;
        }
        match (a.split_first(), b.split_first()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some((x, _)), Some((y, _))) if x != y => return x.cmp(y),
            (Some((_, rest_a)), Some((_, rest_b))) => (a, b) = (rest_a, rest_b),
        }
    }
}

/// Length of the run of digits at the start.
fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// The digits that count.
fn number(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|b| **b == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_count_as_numbers() {
        let mut names = ["web-10", "web-2", "db", "web", "web-02", "web-2a", "10", "9", "web-18446744073709551617"];
        names.sort_by(|a, b| natural_cmp(a, b));
        assert_eq!(names, ["9", "10", "db", "web", "web-2", "web-2a", "web-02", "web-10", "web-18446744073709551617"]);
    }

    proptest! {
        #[test]
        fn is_an_order(a in "[a0-2]{0,6}", b in "[a0-2]{0,6}", c in "[a0-2]{0,6}") {
            prop_assert_eq!(natural_cmp(&a, &b), natural_cmp(&b, &a).reverse());
            prop_assert_eq!(natural_cmp(&a, &b) == Ordering::Equal, a == b);
            if natural_cmp(&a, &b).is_le() && natural_cmp(&b, &c).is_le() {
                prop_assert!(natural_cmp(&a, &c).is_le());
            }
        }
    }
}
