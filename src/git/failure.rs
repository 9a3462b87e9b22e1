//! What git's words mean.

use super::GitError;

/// Longest excerpt of git's words in a message, in characters.
const WORDS: usize = 300;

/// From what a git command said before it failed, with `LC_ALL=C`.
pub(super) fn meaning(stderr: &str) -> GitError {
    let said = |words: &[&str]| words.iter().any(|word| stderr.contains(word));
    let words = excerpt(stderr);
    if said(&["Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED", "No ED25519 host key is known"])
    {
        return GitError::HostKey(words);
    }
    if said(&["'lfs' is not a git command"]) {
        return GitError::Program("`git lfs` is not installed where stackup runs".into());
    }
    if said(&[
        "Permission denied (publickey",
        "Authentication failed",
        "terminal prompts disabled",
        "could not read Username",
        "could not read Password",
        "returned error: 401",
        "returned error: 403",
        "HTTP Basic: Access denied",
        "Too many authentication failures",
        "dubious ownership",
    ]) {
        return GitError::Denied(words);
    }
    if said(&["couldn't find remote ref", "not our ref", "no matching remote head"]) {
        return GitError::NoReference("such branch, tag or commit".into());
    }
    if said(&["fsck error"]) {
        return GitError::Unsound(words);
    }
    if said(&["corruption on the remote side"]) {
        return GitError::Broken(words);
    }
    if said(&[
        "did not receive expected object",
        "is corrupt",
        "bad object",
        "inflate: data stream error",
        "pack has bad object",
        "packfile",
        "index-pack failed",
        "invalid index-pack output",
        "missing blob",
        "unable to read tree",
        "unpack-objects failed",
        "missing necessary objects",
    ]) && !said(&["Connection reset", "early EOF", "No space left"])
    {
        return GitError::Damaged(words);
    }
    if said(&["No space left", "Read-only file system", "unable to create", "cannot mkdir", "File too large"]) {
        return GitError::Local(words);
    }
    if said(&[
        "Could not resolve host",
        "Could not resolve hostname",
        "Connection refused",
        "Connection timed out",
        "Connection reset",
        "Failed to connect",
        "Network is unreachable",
        "No route to host",
        "Operation timed out",
        "early EOF",
        "The remote end hung up",
        "Couldn't connect to server",
        "SSL certificate problem",
        "server certificate verification failed",
        "Empty reply from server",
        "returned error: 5",
        "returned error: 30",
        "Operation too slow",
        "transfer closed",
    ]) && !said(&["does not appear to be a git repository"])
    {
        return GitError::Unreachable(words);
    }
    if said(&[
        "does not appear to be a git repository",
        "repository not found",
        "Repository not found",
        "returned error: 404",
        "' not found",
        "does not exist",
        "not a git repository",
    ]) {
        return GitError::NoRepository(words);
    }
    GitError::Failed(words)
}

/// The lines that say something, on one line, without control characters and credentials.
fn excerpt(stderr: &str) -> String {
    let noise = [
        "Please make sure you have the correct access rights",
        "and the repository exists.",
        "hint:",
        "Warning: Permanently",
        "Downloading ",
        "Errors logged to",
    ];
    let lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('@'));
    let lines = lines.filter(|line| !noise.iter().any(|noise| line.starts_with(noise)));
    let bare = lines.map(|line| {
        ["fatal: ", "error: ", "remote: "].iter().fold(line, |line, head| line.strip_prefix(head).unwrap_or(line))
    });
    let text: Vec<String> = bare.map(hide).collect();
    let text: String = text.join("; ").chars().filter(|c| !c.is_control()).collect();
    if text.is_empty() {
        return "it said nothing".to_owned();
    }
    match text.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// `https://user:word@host` becomes `https://…@host`.
fn hide(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        out.push_str(head);
        let end = tail.find(|c: char| c.is_whitespace() || matches!(c, '/' | '\'' | '"')).unwrap_or(tail.len());
        let (authority, after) = tail.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => out.push_str(&format!("…@{host}")),
            None => out.push_str(authority),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_a_meaning() {
        type Is = fn(&GitError) -> bool;
        let cases: [(&str, Is); 15] = [
            ("git: 'lfs' is not a git command. See 'git --help'.", |e| matches!(e, GitError::Program(_))),
            ("fatal: could not read Username for 'http://h': terminal prompts disabled", |e| {
                matches!(e, GitError::Denied(_))
            }),
            ("git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.", |e| {
                matches!(e, GitError::Denied(_))
            }),
            ("Host key verification failed.\nfatal: Could not read from remote repository.", |e| {
                matches!(e, GitError::HostKey(_))
            }),
            ("fatal: couldn't find remote ref refs/heads/x", |e| matches!(e, GitError::NoReference(_))),
            ("fatal: remote error: upload-pack: not our ref 1234", |e| matches!(e, GitError::NoReference(_))),
            (
                "fatal: '/x' does not appear to be a git repository\nfatal: Could not read from remote repository.",
                |e| matches!(e, GitError::NoRepository(_)),
            ),
            ("fatal: repository 'http://127.0.0.1/x/' not found", |e| matches!(e, GitError::NoRepository(_))),
            ("fatal: unable to access 'http://h/': Failed to connect to h port 80", |e| {
                matches!(e, GitError::Unreachable(_))
            }),
            ("fatal: unable to access 'http://h/': The requested URL returned error: 302", |e| {
                matches!(e, GitError::Unreachable(_))
            }),
            ("error: object 12: hasDotgit: contains '.git'\nfatal: fsck error in packed object", |e| {
                matches!(e, GitError::Unsound(_))
            }),
            ("error: git upload-pack: aborting due to possible repository corruption on the remote side.", |e| {
                matches!(e, GitError::Broken(_))
            }),
            ("fatal: write error: No space left on device\nfatal: index-pack failed", |e| {
                matches!(e, GitError::Local(_))
            }),
            // Asked again for all of it.
            (
                "fatal: dumb http transport does not support shallow capabilities",
                |e| matches!(e, GitError::Failed(words) if words.contains("shallow")),
            ),
            ("", |e| matches!(e, GitError::Failed(_))),
        ];
        for (stderr, is) in cases {
            assert!(is(&meaning(stderr)), "{stderr}: {:?}", meaning(stderr));
        }
    }

    #[test]
    fn no_credential_gets_into_the_words() {
        let said =
            meaning("fatal: unable to access 'https://bob:hunter2@h/x': nope \u{1b}[2J and ssh://tok@g").to_string();
        assert!(!said.contains("hunter2") && !said.contains("tok@") && !said.contains('\u{1b}'), "{said}");
    }
}
