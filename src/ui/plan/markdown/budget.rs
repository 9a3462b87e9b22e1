//! What of the diff is left out where there is no room for all of it.

/// How much of one object is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    Nothing,
    /// Its own line.
    Head,
    /// Without lines that did not change.
    Changed,
    Full,
}

/// Sizes of one object's block, in characters.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub full: usize,
    pub changed: usize,
    pub head: usize,
}

impl Sizes {
    fn of(self, detail: Detail) -> usize {
        match detail {
            Detail::Full => self.full,
            Detail::Changed => self.changed,
            Detail::Head => self.head,
            Detail::Nothing => 0,
        }
    }
}

/// The details that fit into `room`: first lines that did not change go, then the fields of the largest objects, then whole
/// objects from the end.
pub fn details(sizes: &[Sizes], room: usize) -> Vec<Detail> {
    let mut details = vec![Detail::Full; sizes.len()];
    let mut used: usize = sizes.iter().map(|one| one.full).sum();
    if used > room {
        details.fill(Detail::Changed);
        used = sizes.iter().map(|one| one.changed).sum();
    }
    let mut largest: Vec<usize> = (0..sizes.len()).collect();
    largest.sort_by_key(|index| std::cmp::Reverse(sizes.get(*index).map(|one| one.changed)));
    let last = (0..sizes.len()).rev();
    for (index, detail) in
        largest.into_iter().map(|index| (index, Detail::Head)).chain(last.map(|index| (index, Detail::Nothing)))
    {
        if used <= room {
            break;
        }
        if let (Some(slot), Some(size)) = (details.get_mut(index), sizes.get(index)) {
            used = used - size.of(*slot) + size.of(detail);
            *slot = detail;
        }
    }
    details
}

/// `unchanged lines, the fields of 3 objects, 2 objects`
pub fn left_out(details: &[Detail]) -> Option<String> {
    let of = |detail: Detail| details.iter().filter(|one| **one == detail).count();
    let objects = |n: usize| format!("{n} object{}", if n == 1 { "" } else { "s" });
    let mut parts = Vec::new();
    if details.iter().any(|detail| *detail < Detail::Full) {
        parts.push("unchanged lines".to_owned());
    }
    if of(Detail::Head) > 0 {
        parts.push(format!("the fields of {}", objects(of(Detail::Head))));
    }
    if of(Detail::Nothing) > 0 {
        parts.push(objects(of(Detail::Nothing)));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::Detail::{Changed, Full, Head, Nothing};
    use super::*;

    #[test]
    fn context_goes_first_then_the_largest_then_the_last() {
        let sizes = [
            Sizes { full: 100, changed: 50, head: 10 },
            Sizes { full: 100, changed: 90, head: 10 },
            Sizes { full: 20, changed: 20, head: 10 },
        ];
        for (room, expected) in [
            (220, [Full, Full, Full]),
            (219, [Changed, Changed, Changed]),
            (159, [Changed, Head, Changed]),
            (79, [Head, Head, Changed]),
            (39, [Head, Head, Head]),
            (29, [Head, Head, Nothing]),
            (0, [Nothing, Nothing, Nothing]),
        ] {
            assert_eq!(details(&sizes, room), expected, "{room}");
        }
        assert_eq!(left_out(&[Full, Full]), None);
        assert_eq!(left_out(&[Changed, Head, Nothing]).unwrap(), "unchanged lines, the fields of 1 object, 1 object");
    }
}
