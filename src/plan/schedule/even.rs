//! Services whose outcome needs no search.

use super::service::Service;
use super::state::State;

/// What comes out is even whichever node is taken first: nothing can run out, and the tasks are even to begin with.
pub(super) fn is_even(service: &Service, state: &State) -> bool {
    if !service.is_light() || service.start_first || state.homeless > 0 {
        return false;
    }
    let mut passing = Vec::new();
    for (at, spot) in state.spots.iter().enumerate() {
        match service.refuses(at, spot) {
            None => passing.push(spot.active()),
            Some(_) if spot.active() > 0 => return false,
            Some(_) => {}
        }
    }
    let (least, most) = (passing.iter().min().copied(), passing.iter().max().copied());
    let Some((least, most)) = least.zip(most) else { return false };
    let rolls = state.todo > 0;
    (rolls && state.extra == 0 && service.parallelism == 1 && most - least <= 1) || (!rolls && most == least)
}
