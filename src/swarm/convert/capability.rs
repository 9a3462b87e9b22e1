//! `cap_add` and `cap_drop` as swarm takes them.

use std::collections::BTreeSet;

use crate::compose::model::Text;

const ALL: &str = "ALL";
const RESET: &str = "RESET";

/// What is really added and dropped: upper case, `CAP_` before it, sorted. `ALL` swallows the others, what is added is
/// not dropped.
pub(super) fn effective(add: &[Text], drop: &[Text]) -> (Vec<String>, Vec<String>) {
    let (add, mut drop) = (normal(add), normal(drop));
    drop.retain(|c| !add.contains(c));
    let finish = |set: BTreeSet<String>| set.into_iter().filter(|c| c != RESET).collect();
    (finish(add), finish(drop))
}

fn normal(list: &[Text]) -> BTreeSet<String> {
    let set: BTreeSet<String> = list
        .iter()
        .map(|text| text.trim().to_uppercase())
        .filter(|c| !c.is_empty())
        .map(|c| if c == ALL || c == RESET || c.starts_with("CAP_") { c } else { format!("CAP_{c}") })
        .collect();
    if set.contains(ALL) { BTreeSet::from([ALL.to_owned()]) } else { set }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{FileId, Span, Spanned};

    fn caps(words: &str) -> Vec<Text> {
        let span = Span { file: FileId(0), start: 0, end: 0 };
        words.split_whitespace().map(|w| Spanned::new(w.to_owned(), span)).collect()
    }

    #[test]
    fn as_docker_does() {
        for (add, drop, adds, drops) in [
            ("net_admin ALL", "CAP_NET_RAW all", "ALL", ""),
            ("ALL", "NET_ADMIN SYS_ADMIN", "ALL", "CAP_NET_ADMIN CAP_SYS_ADMIN"),
            ("sys_time chown chown", "", "CAP_CHOWN CAP_SYS_TIME", ""),
            ("chown", "CAP_CHOWN kill", "CAP_CHOWN", "CAP_KILL"),
            ("reset chown", "all", "CAP_CHOWN", "ALL"),
        ] {
            let (a, d) = effective(&caps(add), &caps(drop));
            assert_eq!((a.join(" "), d.join(" ")), (adds.to_owned(), drops.to_owned()), "{add} / {drop}");
        }
    }
}
