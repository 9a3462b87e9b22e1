//! Whether something else deployed the whole stack since the last release.

use super::compare::{service, written_since};
use crate::plan::diff::Names;
use crate::plan::record::wish;
use crate::swarm::{LiveService, Lookup, Recorded, RecordedService, Snapshot};

/// `docker stack deploy` writes every service, config and secret, changed or not; a hand writes the one that it means. So
/// all of them written, and at least one with another meaning, is another tool. In a stack of one service that needs a
/// config or a secret to tell by.
pub fn deployed_by_other(recorded: &Recorded, live: &Snapshot) -> bool {
    let live = &Lookup::new(live);
    let pairs: Vec<(&RecordedService, &LiveService)> =
        recorded.services.iter().filter_map(|r| Some((r, live.own_service(&r.name)?))).collect();
    // It would have made again what is missing.
    if pairs.is_empty() || pairs.len() < recorded.services.len() {
        return false;
    }
    let names = Names::new(&wish(recorded), live);
    let differs = |(then, now): &(&RecordedService, &LiveService)| {
        then.id != now.id || !service(then, now, &names, &|_| false).is_empty()
    };
    let written = |pair: &(&RecordedService, &LiveService)| written_since(pair.0, pair.1) || differs(pair);
    let files = files_written(recorded, live);
    let everything = pairs.iter().all(written) && files != Some(false);
    everything && (pairs.len() > 1 || files == Some(true)) && pairs.iter().any(differs)
}

/// Whether every recorded config and secret was written since; `None` where there is none.
fn files_written(recorded: &Recorded, live: &Lookup) -> Option<bool> {
    let configs = recorded.configs.iter().filter_map(|r| live.own_config(&r.name).map(|c| c.version != r.index));
    let secrets = recorded.secrets.iter().filter_map(|r| live.own_secret(&r.name).map(|s| s.version != r.index));
    let all: Vec<bool> = configs.chain(secrets).collect();
    (!all.is_empty()).then(|| all.iter().all(|written| *written))
}
