//! The waves one after the other, drawn: a bar a service, as long as it takes at least.

use maud::{Markup, html as markup};

use super::tone;
use crate::plan::document::{Change, Document};
use crate::ui::diagnostic::count;
use crate::ui::plan::words;
use crate::ui::theme::visible;

/// Services drawn; the others are counted.
const DRAWN: usize = 40;

/// One bar.
struct Bar<'a> {
    change: &'a Change,
    /// Seconds from the first write.
    from: u64,
}

/// Nothing where nothing takes time.
pub fn order(plan: &Document) -> Markup {
    let (mut bars, mut now) = (Vec::new(), 0);
    for wave in plan.changes.chunk_by(|a, b| a.wave == b.wave) {
        let takes = |change: &&Change| change.impact.min_seconds > 0;
        bars.extend(wave.iter().filter(takes).map(|change| Bar { change, from: now }));
        now += wave.iter().map(|change| change.impact.min_seconds).max().unwrap_or(0);
    }
    if bars.len() < 2 {
        return markup! {};
    }
    let (shown, more) = bars.split_at(bars.len().min(DRAWN));
    let part = |seconds: u64| format!("{:.2}%", seconds as f64 * 100.0 / now.max(1) as f64);
    markup! {
        h2 { "How long it takes at least: " (words::clock(now)) }
        div.order {
            @for bar in shown {
                @let takes = bar.change.impact.min_seconds;
                div.line {
                    div.name { (visible(bar.change.key())) }
                    div.track {
                        div class={ "bar " (tone(bar.change.action)) }
                            style={ "margin-left:" (part(bar.from)) ";width:" (part(takes)) } {}
                    }
                    div.time.dim { (words::clock(bar.from)) " to " (words::clock(bar.from + takes)) }
                }
            }
        }
        @if !more.is_empty() { p.dim { "And " (count(more.len() as u64, "more service")) "." } }
    }
}
