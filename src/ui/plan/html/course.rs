//! The course of a rollout, drawn: rounds as bars, and beneath them how many tasks serve.

use maud::{Markup, html as markup};

use crate::plan::Shape;
use crate::ui::drawing::number;
use crate::ui::plan::{timeline, words};

/// Units of the drawing; on a phone one is about a pixel.
const WIDTH: f64 = 360.0;
const LEFT: f64 = 22.0;
const RIGHT: f64 = 350.0;
/// Height of one round.
const BAR: f64 = 8.0;
/// Height of the curve of tasks.
const CURVE: f64 = 44.0;
/// Rounds drawn one by one; more share the height of so many.
const ROUNDS: u64 = 12;
/// The least that can be seen.
const SEEN: f64 = 2.0;

/// Nothing where no task is replaced.
pub fn course(shape: &Shape) -> Markup {
    if shape.rounds == 0 {
        return markup! {};
    }
    let sheet = Sheet::new(shape);
    let told: Vec<String> =
        timeline::moments(shape).into_iter().map(|moment| format!("{} {}", moment.at, moment.what)).collect();
    markup! {
        figure {
            figcaption { "at the earliest, from the start of the update" }
            svg viewBox={ "0 0 " (WIDTH) " " (number(sheet.height())) } role="img" aria-label=(told.join("; ")) {
                (sheet.bars())
                (sheet.curve())
                (sheet.axis())
            }
        }
    }
}

struct Sheet<'a> {
    shape: &'a Shape,
    /// Height of all bars.
    bars: f64,
    most: f64,
}

impl<'a> Sheet<'a> {
    fn new(shape: &'a Shape) -> Self {
        let most = shape.peak.max(shape.running).max(1) as f64;
        Self { shape, bars: shape.rounds.min(ROUNDS) as f64 * BAR + 4.0, most }
    }

    fn height(&self) -> f64 {
        self.bars + CURVE + 18.0
    }

    fn x(&self, ms: u64) -> f64 {
        LEFT + (RIGHT - LEFT) * ms as f64 / self.shape.least_ms.max(1) as f64
    }

    fn y(&self, tasks: u64) -> f64 {
        self.bars + CURVE - (CURVE - 6.0) * tasks as f64 / self.most
    }

    /// A bar a round: what it takes, then the delay; watching at the end.
    fn bars(&self) -> Markup {
        let shape = self.shape;
        let rows = shape.rounds.min(ROUNDS) as f64;
        let height = (BAR - 2.0).min((rows * BAR / shape.rounds as f64).max(0.4));
        // A page does not grow with the service.
        let every = shape.rounds.div_ceil(400);
        let work = |ms: u64| if shape.gap_ms > 0 { ms.saturating_add(shape.gap_ms) } else { ms };
        markup! {
            @for (index, (ms, _)) in (0_u64..).zip(shape.batches()).filter(|(index, _)| index.is_multiple_of(every)) {
                @let y = rows * BAR * index as f64 / shape.rounds as f64;
                @let wide = (self.x(work(ms)) - self.x(ms)).max(SEEN);
                rect class="wait" x=(number(self.x(ms))) y=(number(y)) height=(number(height))
                     width=(number(self.x(ms.saturating_add(shape.round_ms)) - self.x(ms))) {}
                rect class=(if shape.gap_ms > 0 || shape.lowest < shape.running.min(shape.wanted) { "gap" } else { "start" })
                     x=(number(self.x(ms))) y=(number(y)) width=(number(wide)) height=(number(height)) {}
            }
            @let from = self.x(shape.least_ms.saturating_sub(shape.watch_ms));
            rect class="watch" x=(number(from)) y="0.5" width=(number(RIGHT - from)) height=(number(self.bars - 5.0)) {}
            text x=(number((from + RIGHT) / 2.0)) y=(number(self.bars / 2.0 + 1.5)) text-anchor="middle" {
                @if RIGHT - from > 60.0 { "watched" }
            }
        }
    }

    /// Tasks that serve, over time.
    fn curve(&self) -> Markup {
        let shape = self.shape;
        let full = shape.running.min(shape.wanted);
        let mut points = vec![(self.x(0), self.y(shape.running))];
        let every = shape.rounds.div_ceil(400);
        for (_, (ms, tasks)) in (0_u64..).zip(shape.batches()).filter(|(index, _)| index.is_multiple_of(every)) {
            let low = if shape.lowest < full { full.saturating_sub(tasks) } else { full };
            let back = (self.x(ms.saturating_add(shape.gap_ms))).max(self.x(ms) + if low < full { SEEN } else { 0.0 });
            let start = self.x(ms);
            points.extend([(start, self.y(full)), (start, self.y(low)), (back, self.y(low)), (back, self.y(full))]);
        }
        let end = self.x(shape.least_ms.saturating_sub(shape.watch_ms));
        points.extend([(end, self.y(full)), (end, self.y(shape.wanted)), (RIGHT, self.y(shape.wanted))]);
        points.extend([(RIGHT, self.y(0)), (LEFT, self.y(0))]);
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect();
        markup! {
            polygon class="serving" points=(points.join(" ")) {}
            @for tasks in [shape.running, shape.lowest] {
                text x=(number(LEFT - 4.0)) y=(number(self.y(tasks) + 3.5)) text-anchor="end" { (tasks) }
            }
        }
    }

    fn axis(&self) -> Markup {
        let (shape, base) = (self.shape, self.y(0));
        let watched = shape.least_ms.saturating_sub(shape.watch_ms);
        // Two times that would stand in each other's way are one.
        let apart = |ms: u64| self.x(ms) > LEFT + 40.0 && self.x(ms) < RIGHT - 40.0;
        markup! {
            path class="axis" d={ "M" (LEFT) " " (number(base)) "H" (RIGHT) } {}
            text x=(LEFT) y=(number(base + 12.0)) { "0s" }
            @if apart(watched) {
                text x=(number(self.x(watched))) y=(number(base + 12.0)) text-anchor="middle" {
                    (words::clock(watched / 1000))
                }
            }
            text x=(RIGHT) y=(number(base + 12.0)) text-anchor="end" { (words::clock(shape.least_ms / 1000)) }
        }
    }
}
