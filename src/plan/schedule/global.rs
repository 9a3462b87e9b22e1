//! Global services: their tasks have their node before the scheduler looks, one each.

use super::service::Service;
use super::state::{Spot, State};

/// What becomes of a global service.
#[derive(Debug)]
pub(super) struct Globals {
    pub state: State,
    /// Nodes that are to have a task, and do not get it.
    pub blocked: Vec<usize>,
    /// Tasks on the way, at most: all nodes and what is started beside the old ones.
    pub peak: u32,
}

/// Swarm makes tasks for nodes that are up and meet the constraints; the other filters leave the task waiting on its node.
pub(super) fn run(service: &Service, mut state: State, parallelism: u32) -> Globals {
    let mut blocked = Vec::new();
    let mut peak = 0;
    for (at, spot) in state.spots.iter_mut().enumerate() {
        let is_wanted = service.sites.get(at).is_some_and(|site| site.ready && site.constraints_met);
        if !is_wanted {
            // A paused node keeps the task it has, as it is.
            let paused = service.sites.get(at).is_some_and(|site| site.paused && site.constraints_met);
            if !paused {
                spot.change(|spot| leave(service, spot));
            }
            continue;
        }
        if spot.kept > 0 {
            continue;
        }
        let replaces = spot.old > 0;
        if replaces && !service.start_first {
            spot.change(|spot| leave(service, spot));
        }
        if service.refuses(at, spot).is_some() {
            blocked.push(at);
            continue;
        }
        let beside = replaces && service.start_first;
        peak += u32::from(beside);
        spot.change(|spot| {
            spot.new += 1;
            spot.room.take(&service.demand);
            if beside {
                spot.old -= 1;
                spot.room.dismiss();
                spot.room.free(&service.held);
            }
        });
    }
    let running = state.active();
    Globals { state, blocked, peak: running + peak.min(parallelism.max(1)) }
}

fn leave(service: &Service, spot: &mut Spot) {
    for _ in 0..spot.old + spot.kept {
        spot.room.dismiss();
        spot.room.free(&service.held);
    }
    (spot.old, spot.kept) = (0, 0);
}
