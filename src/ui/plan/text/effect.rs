//! Glyphs and words for actions and effects. Every glyph has a word beside it: colour and shape are never the only signal.

use crate::plan::{Action, Effect, Op};
use crate::ui::plan::words;
use crate::ui::{Theme, Tone};

/// `+ - ~ > ± !` in the action's colour.
pub fn action_glyph(action: Action, theme: &Theme) -> String {
    let glyph = match words::symbol(action) {
        "±" => theme.glyph("±", "+/-"),
        other => other,
    };
    theme.paint(action_tone(action), glyph)
}

/// Columns of the widest glyph.
pub fn glyph_width(theme: &Theme) -> usize {
    if theme.ascii { 3 } else { 1 }
}

/// The colour of an action's words.
pub fn action_tone(action: Action) -> Tone {
    match action {
        Action::Create => Tone::Good,
        Action::Remove => Tone::Bad,
        Action::Update | Action::Scale => Tone::Calm,
        Action::Restart => Tone::Warn,
        Action::Recreate => Tone::Danger,
    }
}

/// The glyph of a field by what changing it does.
pub fn effect_glyph(effect: Effect, theme: &Theme) -> String {
    let (glyph, tone) = match effect {
        Effect::None => ("~", Tone::Calm),
        Effect::Scale => (">", Tone::Calm),
        Effect::Replacement | Effect::ForcesRestart => (theme.glyph("±", "+/-"), Tone::Warn),
        Effect::ForcesRecreate => ("!", Tone::Danger),
    };
    theme.paint(tone, glyph)
}

pub fn effect_tone(effect: Effect) -> Tone {
    match effect {
        Effect::None | Effect::Scale => Tone::Dim,
        Effect::Replacement | Effect::ForcesRestart => Tone::Warn,
        Effect::ForcesRecreate => Tone::Danger,
    }
}

/// `+ - ~` of an entry of a map or a list.
pub fn op_glyph(op: Op, theme: &Theme) -> String {
    let (glyph, tone) = match op {
        Op::Add => ("+", Tone::Good),
        Op::Remove => ("-", Tone::Bad),
        Op::Replace => ("~", Tone::Calm),
    };
    theme.paint(tone, glyph)
}
