//! Glyphs and words for actions and effects. Every glyph has a word beside it: colour and shape are never the only signal.

use crate::plan::{Action, Effect, Op};
use crate::ui::{Theme, Tone};

/// `+ - ~ > ± !` in the action's colour.
pub fn action_glyph(action: Action, theme: &Theme) -> String {
    let (glyph, tone) = match action {
        Action::Create => ("+", Tone::Good),
        Action::Remove => ("-", Tone::Bad),
        Action::Update => ("~", Tone::Calm),
        Action::Scale => (">", Tone::Calm),
        Action::Restart => (theme.glyph("±", "+/-"), Tone::Warn),
        Action::Recreate => ("!", Tone::Danger),
    };
    theme.paint(tone, glyph)
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

/// What changing a field does, in words for the margin.
pub fn effect_words(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "no restart",
        Effect::Scale => "scales",
        Effect::Replacement => "moves tasks",
        Effect::ForcesRestart => "forces restart",
        Effect::ForcesRecreate => "forces recreate",
    }
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
