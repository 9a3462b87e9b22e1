//! Where a service begins: what is scaled down goes at once, new slots wait for a node, old ones for their turn.

use std::collections::{BTreeMap, HashMap};

use super::room::Room;
use super::service::Service;
use super::state::State;

/// Where a service begins on these rooms.
pub(super) fn start(service: &Service, rooms: &[Room]) -> State {
    let mut state = State::new(rooms);
    for (spot, before) in state.spots.iter_mut().zip(&service.before) {
        if (before.kept, before.old) != (0, 0) {
            spot.change(|spot| (spot.kept, spot.old) = (before.kept, before.old));
        }
    }
    if service.anew {
        for spot in state.spots.iter_mut().filter(|spot| spot.kept + spot.old > 0) {
            spot.change(|spot| {
                for _ in 0..spot.kept + spot.old {
                    spot.room.dismiss();
                    spot.room.free(&service.held);
                }
                (spot.kept, spot.old) = (0, 0);
            });
        }
        state.extra = if service.removed { 0 } else { service.replicas().unwrap_or(0) as u32 };
        return state;
    }
    if service.bystander {
        state.extra = service.homeless;
        return state;
    }
    let Some(wanted) = service.replicas() else { return state };
    let there = service.slots();
    let mut homeless = service.homeless;
    if wanted < there {
        let surplus = there - wanted;
        let unplaced = surplus.min(u64::from(homeless));
        homeless -= unplaced as u32;
        scale_down(service, &mut state, (surplus - unplaced) as usize);
    } else {
        state.extra = (wanted - there) as u32;
    }
    let old: u32 = state.spots.iter().map(|spot| spot.old).sum();
    let replaced = old > 0 || service.before.iter().all(|b| b.kept == 0);
    if replaced {
        state.homeless = homeless;
        state.todo = old + homeless;
    } else {
        state.extra += homeless;
    }
    state
}

/// Swarm gives each task a number on its node, in the order of slots, and takes those with the highest: the fullest nodes give
/// first.
fn scale_down(service: &Service, state: &mut State, surplus: usize) {
    let mut slots: BTreeMap<u64, usize> = BTreeMap::new();
    for (at, before) in service.before.iter().enumerate() {
        slots.extend(before.slots.iter().map(|slot| (*slot, at)));
    }
    let mut seen: HashMap<usize, usize> = HashMap::new();
    let mut numbered: Vec<(usize, usize)> = Vec::new();
    for at in slots.into_values() {
        let number = seen.entry(at).or_default();
        *number += 1;
        numbered.push((*number, at));
    }
    numbered.sort_by_key(|(number, _)| *number);
    for (_, at) in numbered.into_iter().rev().take(surplus) {
        let Some(spot) = state.spots.get_mut(at) else { continue };
        spot.change(|spot| {
            match spot.old {
                0 => spot.kept = spot.kept.saturating_sub(1),
                _ => spot.old -= 1,
            }
            spot.leaving += u32::from(service.lingers());
            spot.room.dismiss();
        });
    }
}
