//! Markdown as GitHub shows it: by its own renderer, and with colours like its own.

use std::io::Write as _;
use std::process::{Command, Stdio};

const STYLE: &str = "
  body { font: 16px/1.5 'Liberation Sans', sans-serif; color: #1f2328; margin: 24px; background: #fff }
  article { border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden }
  header { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; color: #59636e; font-size: 14px; padding: 8px 16px }
  main { font-size: 14px; padding: 16px } main > :first-child { margin-top: 0 } main > :last-child { margin-bottom: 0 }
  a { color: #0969da } h3 { font-size: 1.25em } summary { cursor: pointer }
  table { border-collapse: collapse; margin: 16px 0 } th, td { border: 1px solid #d1d9e0; padding: 6px 13px; text-align: left }
  tr:nth-child(2n) td { background: #f6f8fa }
  code, pre { font-family: 'Liberation Mono', monospace; font-size: 85% }
  code { background: #eff1f3; border-radius: 6px; padding: .2em .4em }
  pre { background: #f6f8fa; border-radius: 6px; overflow: auto; padding: 16px; line-height: 1.45 }
  pre code { background: none; font-size: 100%; padding: 0 }
  .plus { background: #dafbe1; color: #116329 } .minus { background: #ffebe9; color: #82071e } .change { color: #953800 }
  .part { color: #0550ae }
  blockquote { border-left: 4px solid #d1d9e0; color: #59636e; margin: 0; padding: 0 16px }";

pub fn at_hand() -> bool {
    Command::new("cmark-gfm").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// A page with this comment in its frame.
pub fn page(title: &str, markdown: &str) -> String {
    let mut command = Command::new("cmark-gfm");
    // What GitHub does too; HTML passes, and is filtered.
    command.args(["--unsafe", "-e", "table", "-e", "strikethrough", "-e", "autolink", "-e", "tagfilter"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("cmark-gfm is there");
    let (mut to, text) = (child.stdin.take().unwrap(), markdown.to_owned());
    let writing = std::thread::spawn(move || to.write_all(text.as_bytes()));
    let done = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(done.status.success());
    let html = coloured(&String::from_utf8(done.stdout).unwrap());
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{STYLE}</style>\
         <article><header>{title}</header><main>{html}</main></article></html>"
    )
}

/// The lines of a diff by their first sign.
fn coloured(html: &str) -> String {
    let mut within = false;
    let line = |line: &str| {
        let (mut before, mut rest) = (String::new(), line);
        if let Some((head, first)) = line.split_once("<code class=\"language-diff\">") {
            within = true;
            before = format!("{head}<code>");
            rest = first;
        }
        if rest.starts_with("</code>") {
            within = false;
        }
        let kind = match rest.as_bytes().first() {
            _ if !within => None,
            Some(b'+') => Some("plus"),
            Some(b'-') => Some("minus"),
            Some(b'!') => Some("change"),
            _ if rest.trim_start().starts_with("@@") => Some("part"),
            _ => None,
        };
        match kind {
            Some(kind) => format!("{before}<span class={kind}>{rest}</span>\n"),
            None => format!("{before}{rest}\n"),
        }
    };
    html.lines().map(line).collect()
}
