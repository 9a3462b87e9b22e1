//! What is known of the services in flight: the numbers behind both forms of progress.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::event::TaskEvent;

/// What is known of one service.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub wanted: u64,
    running: BTreeSet<String>,
}

/// All rows, by address.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows(BTreeMap<String, Row>);

impl Rows {
    pub fn want(&mut self, address: &str, wanted: u64) {
        self.0.entry(address.to_owned()).or_default().wanted = wanted;
    }

    /// Takes note of a task; `3/5` where it changed how many run.
    pub fn task(&mut self, address: &str, task: &TaskEvent) -> Option<String> {
        let row = self.0.entry(address.to_owned()).or_default();
        let changed = match task.state {
            "running" | "complete" if !task.failed => row.running.insert(task.id.clone()),
            _ => {
                row.running.remove(&task.id);
                false
            }
        };
        (changed && row.wanted > 0).then(|| format!("{}/{}", row.running.len(), row.wanted))
    }
}

/// `web` of `service/web`.
pub(super) fn short(address: &str) -> &str {
    address.split_once('/').map_or(address, |(_, key)| key)
}

/// A message without the name at its front: the column shows that already. A name is a whole word: `net` does not
/// begin `network net created`.
pub(super) fn bare<'a>(message: &'a str, name: &str) -> &'a str {
    let rest = message.strip_prefix(name).filter(|r| r.starts_with([':', ' ']));
    rest.map(|r| r.trim_start_matches([':', ' '])).filter(|r| !r.is_empty()).unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_called_net_is_not_cut_out_of_the_word_network() {
        for (message, name, left) in [
            ("network net created", "net", "network net created"),
            ("config conf created", "conf", "config conf created"),
            ("web: update PAUSED", "web", "update PAUSED"),
            ("web restart started", "web", "restart started"),
            ("web", "web", "web"),
        ] {
            assert_eq!(bare(message, name), left);
        }
    }
}
