use super::*;
use crate::diagnostic::nothing_to_hide;
use crate::diagnostic::{Span, code};

const COMPOSE: &str = "version: \"3\"\nservices:\n  web:\n    imgae: acme/web:1.5.0\n    ports: [\"80:80\"]\n";

/// The place of `needle` in `text`.
fn find(file: FileId, text: &str, needle: &str) -> Span {
    let start = text.find(needle).unwrap() as u32;
    Span { file, start, end: start + needle.len() as u32 }
}

fn typo() -> (Diagnostics, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("docker-compose.yml", COMPOSE);
    let other = sources.add("prod.yml", "services:\n  web:\n    image: b\n");
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(
        Diagnostic::error(code::UNKNOWN_KEY, "unknown key `imgae` in service `web`")
            .at_with(find(file, COMPOSE, "imgae"), "did you mean `image`?")
            .also(find(file, COMPOSE, "web:"), "in this service")
            .also(Span { file: other, start: 12, end: 16 }, "overridden here")
            .help("write `image`, or `x-imgae` for a key of your own that nothing reads"),
    );
    diagnostics.push(Diagnostic::warning(code::NO_ENGINE, "nothing to point at").help("type something else"));
    (diagnostics, sources)
}

fn draw(theme: Theme) -> String {
    let (diagnostics, sources) = typo();
    text(&diagnostics, &sources, &theme, &nothing_to_hide)
}

#[test]
fn unicode() {
    insta::assert_snapshot!(draw(Theme { width: 80, ..Theme::default() }));
}

#[test]
fn ascii() {
    let drawn = draw(Theme { ascii: true, width: 60, ..Theme::default() });
    assert!(drawn.is_ascii());
    insta::assert_snapshot!(drawn);
}

#[test]
fn colour_adds_nothing_but_colour() {
    let coloured = draw(Theme { color: true, ..Theme::default() });
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), draw(Theme::default()));
}

#[test]
fn a_very_long_line_is_cut_around_the_place_and_keeps_its_column() {
    let line = format!("a: {}NEEDLE{}\n", "x".repeat(40_000), "y".repeat(40_000));
    let mut sources = Sources::default();
    let file = sources.add("long.yml", line.as_str());
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(Diagnostic::error(code::UNKNOWN_KEY, "m").at(find(file, &line, "NEEDLE")));
    let drawn = text(&diagnostics, &sources, &Theme { ascii: true, ..Theme::default() }, &nothing_to_hide);
    assert!(drawn.lines().all(|line| line.len() <= 80), "{drawn}");
    assert!(drawn.contains("[long.yml:1:40004]"), "{drawn}");
    let (above, below) = (drawn.lines().nth(2).unwrap(), drawn.lines().nth(3).unwrap());
    assert_eq!(above.find("NEEDLE"), below.find("^^^^^^"), "{drawn}");
}

#[test]
fn places_without_characters_are_shown_too() {
    let mut sources = Sources::default();
    let file = sources.add("a.yml", "x:\n\ny: é\t!\n");
    for (start, place) in
        [(2, "[a.yml:1:3]"), (3, "[a.yml:2:1]"), (10, "[a.yml:3:6]"), (12, "[a.yml:4:1]"), (99, "[a.yml:4:1]")]
    {
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(Diagnostic::error(code::UNKNOWN_KEY, "m").at(Span { file, start, end: start }));
        let drawn = text(&diagnostics, &sources, &Theme { ascii: true, ..Theme::default() }, &nothing_to_hide);
        assert!(drawn.contains(place), "{start}: {drawn}");
        assert!(drawn.contains('^'), "{start}: {drawn}");
    }
}

#[test]
fn a_span_of_several_lines_is_shown_on_its_first() {
    let mut sources = Sources::default();
    let file = sources.add("a.yml", COMPOSE);
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(Diagnostic::error(code::UNKNOWN_KEY, "m").at(Span { file, start: 13, end: 60 }));
    let drawn = text(&diagnostics, &sources, &Theme { ascii: true, ..Theme::default() }, &nothing_to_hide);
    assert!(drawn.contains("services:") && !drawn.contains("web"), "{drawn}");
}

#[test]
fn a_secret_in_the_line_is_swept_and_the_underline_still_fits() {
    let line = "    DB_PASSWORD: hunter2hunter2 # bad\n";
    let mut sources = Sources::default();
    let file = sources.add("a.yml", line);
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(
        Diagnostic::error(code::UNKNOWN_KEY, "`hunter2hunter2` is bad")
            .at_with(find(file, line, "hunter2hunter2"), "hunter2hunter2")
            .also(find(file, line, "# bad"), "here")
            .help("not hunter2hunter2"),
    );
    let sweep = |text: &str| text.replace("hunter2hunter2", "(sensitive)");
    let drawn = text(&diagnostics, &sources, &Theme { ascii: true, ..Theme::default() }, &sweep);
    assert!(!drawn.contains("hunter2"), "{drawn}");
    insta::assert_snapshot!(drawn);
}

#[test]
fn a_line_cannot_move_the_cursor() {
    let mut sources = Sources::default();
    let file = sources.add("a.yml", "x: \u{1b}[2Jy\n");
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(Diagnostic::error(code::UNKNOWN_KEY, "m\u{1b}[1A").at(Span { file, start: 0, end: 1 }));
    assert!(!text(&diagnostics, &sources, &Theme::default(), &nothing_to_hide).contains('\u{1b}'));
}
