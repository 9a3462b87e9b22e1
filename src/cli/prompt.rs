//! The one question that stackup asks.

use std::io::BufRead;

use super::invocation::Invocation;

/// What must be typed to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approval {
    /// `yes`, in full.
    Yes,
    /// The stack's name: something is removed, or is down for a while.
    Name(String),
}

impl Approval {
    /// The default is no: an empty line, `y` and the end of input decline.
    pub fn is_given_by(&self, answer: &str) -> bool {
        let answer = answer.trim();
        match self {
            Self::Yes => answer == "yes",
            Self::Name(name) => answer == name,
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Yes => "[yes/no]".to_owned(),
            Self::Name(name) => format!("type {name} to go on:"),
        }
    }
}

/// Asks on standard error and reads one line.
pub fn ask(question: &str, approval: &Approval, invocation: &Invocation) -> bool {
    invocation.output.ask(&format!("{question}  {} ", approval.hint()));
    let mut answer = String::new();
    matches!(std::io::stdin().lock().read_line(&mut answer), Ok(n) if n > 0) && approval.is_given_by(&answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_word_approves() {
        for (answer, approves) in [("yes\n", true), (" yes ", true), ("y\n", false), ("YES", false), ("", false)] {
            assert_eq!(Approval::Yes.is_given_by(answer), approves, "{answer:?}");
        }
        let name = Approval::Name("shop".to_owned());
        assert!(name.is_given_by("shop\n"));
        assert!(!name.is_given_by("yes"));
    }
}
