//! A day in the life of two watchers, played in a moment: pushes, good and bad, restarts of the engine, cut networks,
//! forges that do not answer, hands that change what is live, people who suspend and ask, and watchers that are killed. Each
//! seed is another day, and always the same one.
//!
//! The watchers are real machines (`Machine::step`). Git, the swarm, and what a look does in it are models: [`world`].

mod chance;
mod events;
mod watcher;
mod world;

use std::time::Duration;

use world::World;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Long enough for every wait to come to an end, if nothing happens any more.
const EVENING: Duration = Duration::from_secs(3600);

fn play(seed: u64) -> World {
    let mut world = World::new(seed);
    world.run_until(DAY);
    world.calm_down();
    world.run_until(DAY + EVENING);
    world
}

fn live_is_what_git_says(seed: u64) {
    let world = play(seed);
    world.assert_done();
    let counted = world.counted;
    // A day on which nothing happened would prove nothing.
    assert!(counted.rollouts > 300 && counted.failed > 20, "{counted:?}");
    assert!(counted.killed > 10 && counted.broken_off > 2 && counted.unreachable > 5, "{counted:?}");
    assert!(counted.healed > 3 && counted.held_off > 50, "{counted:?}");
    // A few looks a stack and poll at most: nobody runs in circles.
    assert!(counted.looks < 60_000 && counted.fetches < 20_000, "{counted:?}");
}

#[test]
fn a_monday() {
    live_is_what_git_says(1);
}

#[test]
fn a_tuesday() {
    live_is_what_git_says(2);
}

#[test]
fn a_wednesday() {
    live_is_what_git_says(3);
}

#[test]
fn a_month_of_sundays() {
    (100..104).for_each(live_is_what_git_says);
}
