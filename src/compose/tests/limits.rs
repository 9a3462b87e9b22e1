//! Files made to hurt: an answer comes soon, and it is a diagnostic.

use std::time::{Duration, Instant};

use super::{Memory, read, shown};

fn problems(text: &str) -> Vec<String> {
    let start = Instant::now();
    let (loaded, sources) = read(&[text], &[], &Memory::default());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    shown(&loaded, &sources)
}

#[test]
fn an_alias_bomb_is_defused() {
    let mut text = String::from("x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let aliases = vec![format!("*a{}", i - 1); 10].join(", ");
        text += &format!("x-{i}: &a{i} [{aliases}]\n");
    }
    let found = problems(&text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("SU0108"), "{found:?}");
}

#[test]
fn long_texts_count_too() {
    let text = format!("x-a: &a \"{}\"\nx-b: [{}*a]\n", "y".repeat(1 << 20), "*a, ".repeat(100));
    assert!(problems(&text)[0].starts_with("SU0108"));
}

#[test]
fn deep_files_are_refused() {
    let text = format!("x-a: {}1{}\n", "[".repeat(200), "]".repeat(200));
    assert!(problems(&text)[0].starts_with("SU0109"));
    let text = format!("x-a:\n  {}1\n", "- ".repeat(5000));
    assert!(problems(&text)[0].starts_with("SU0109"));
    // Each alias adds the depth of its anchor.
    let mut text = format!("x-0: &a0 {}1{}\n", "[".repeat(60), "]".repeat(60));
    text += &format!("x-1: {}*a0{}\n", "[".repeat(60), "]".repeat(60));
    assert!(problems(&text)[0].starts_with("SU0109"));
}

#[test]
fn fifty_megabytes_are_refused_unread() {
    let found = problems(&"# nothing\n".repeat(5_000_000));
    assert_eq!(found, ["SU0102 0.yml:1:1"]);
}

#[test]
fn a_hundred_thousand_keys_are_read() {
    let mut text = String::from("services:\n  a:\n    image: i\n    labels:\n");
    for i in 0..100_000 {
        text += &format!("      k{i}: v\n");
    }
    let (loaded, _) = read(&[&text], &[], &Memory::default());
    assert_eq!(loaded.stack.unwrap().services["a"].labels.len(), 100_000);
}

#[test]
fn line_ends_and_marks_of_other_systems_are_read() {
    let text = "\u{FEFF}services:\r\n  a:\r\n    image: \"é\"\r\n    bad: 1\r\n";
    let found = problems(text);
    assert_eq!(found, ["SU0212 0.yml:3:12", "SU0201 0.yml:4:5"]);
}

#[test]
fn files_made_of_tiny_values_are_refused() {
    let text = format!("x-t: [{}1]\n", "1,".repeat(600_000));
    assert_eq!(problems(&text)[0].split(' ').next(), Some("SU0118"));
    // Each list starts on the same endless line.
    let text = format!("services: {{a: {{image: \"b:1\"}}}}\nx-t: [{}1]\n", "[],".repeat(200_000));
    assert_eq!(problems(&text), [""; 0]);
}

#[test]
fn a_hundred_thousand_mistakes_are_counted() {
    let mut text = String::from("services:\n  a:\n    image: b:1\n");
    for i in 0..100_000 {
        text += &format!("    imag{i}: 1\n");
    }
    let found = problems(&text);
    assert_eq!(found.len(), 5_001);
    assert_eq!(found[0], "SU0119");
}

#[test]
fn ranges_of_ports_are_counted_out() {
    let ports = "\"1-65535:1-65535\"";
    let text = format!("services:\n  a:\n    image: b:1\n    ports: [{}{ports}]\n", format!("{ports}, ").repeat(1_000));
    assert!(problems(&text).iter().any(|p| p.starts_with("SU0118")));
}

#[test]
fn a_long_chain_of_dependencies_is_followed() {
    let mut text = String::from("services:\n  s30000: {image: a:1}\n");
    for i in 0..30_000 {
        text += &format!("  s{i}: {{image: a:1, depends_on: [s{}]}}\n", i + 1);
    }
    assert_eq!(problems(&text), [""; 0]);
}
