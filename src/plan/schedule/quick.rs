//! One way out of many, slot by slot and in place: for plans that are too large for a search.

use super::explore::Seen;
use super::rollout::Rollout;
use super::state::State;

/// Goes one way from `state` to its end. Slots are replaced one by one, whatever the parallelism.
pub(super) fn quick(rollout: &Rollout, mut state: State, seen: &mut Seen) -> State {
    state.begun = true;
    peak(rollout, &state, seen);
    let waiting = state.unplaced();
    let placed = put(rollout, &mut state, waiting);
    let of_rollout = placed.min(state.flight);
    state.flight -= of_rollout;
    state.extra -= placed - of_rollout;
    free(rollout, &mut state);
    let waiting = state.extra;
    state.extra -= put(rollout, &mut state, waiting);
    while state.todo > 0 && state.flight == 0 {
        state.todo -= 1;
        let fits = if rollout.start_first() {
            let fits = put(rollout, &mut state, 1) == 1;
            if fits {
                dismiss(rollout, &mut state);
            }
            fits
        } else {
            dismiss(rollout, &mut state);
            put(rollout, &mut state, 1) == 1 || {
                free(rollout, &mut state);
                put(rollout, &mut state, 1) == 1
            }
        };
        state.flight += u32::from(!fits);
        free(rollout, &mut state);
    }
    seen.look(&state);
    state
}

/// With the first slots of a start-first rollout beside the old tasks.
fn peak(rollout: &Rollout, state: &State, seen: &mut Seen) {
    seen.look(state);
    if rollout.start_first() && state.todo > 0 {
        let mut first = state.clone();
        put(rollout, &mut first, state.todo.min(rollout.parallelism));
        seen.look(&first);
    }
}

fn put(rollout: &Rollout, state: &mut State, count: u32) -> u32 {
    if count == 0 {
        return 0;
    }
    if rollout.filler.service.levels == 0 {
        return rollout.filler.put(state, count);
    }
    let outcome = rollout.filler.spread(state, &rollout.tree, count, count).into_iter().next();
    outcome.map_or(0, |(after, placed)| {
        *state = after;
        placed
    })
}

/// Any one of the old tasks.
fn dismiss(rollout: &Rollout, state: &mut State) {
    let old: u32 = state.spots.iter().map(|spot| spot.old).sum();
    let mut number = rollout.filler.dice.borrow_mut().roll((old + state.homeless) as usize) as u32;
    for spot in &mut state.spots {
        if number < spot.old {
            spot.change(|spot| {
                spot.old -= 1;
                spot.leaving += 1;
                spot.room.dismiss();
            });
            return;
        }
        number -= spot.old;
    }
    state.homeless = state.homeless.saturating_sub(1);
}

fn free(rollout: &Rollout, state: &mut State) {
    for spot in state.spots.iter_mut().filter(|spot| spot.leaving > 0) {
        spot.change(|spot| {
            for _ in 0..std::mem::take(&mut spot.leaving) {
                spot.room.free(&rollout.filler.service.held);
            }
        });
    }
}
