//! What people type about a plan.

use super::Plan;

impl Plan {
    /// `p-6c1f-90ab-22e4`: enough for people, and for `--approve-plan`; machines take the whole.
    pub fn short_id(&self) -> String {
        short_id(&self.id)
    }

    /// `stackup plan -c prod.yml shop`: what to type to have the same files read again.
    pub fn command(&self, verb: &str) -> String {
        if let Some(release) = self.source.release {
            return format!("stackup rollback {} --to {release}", self.stack);
        }
        let mut words = vec!["stackup".to_owned(), verb.to_owned()];
        for file in &self.source.files {
            words.extend(["-c".to_owned(), shell_word(&file.path)]);
        }
        words.push(self.stack.clone());
        words.join(" ")
    }
}

/// A plan's id as people see it.
pub fn short_id(id: &str) -> String {
    let hex = id.strip_prefix("p-").unwrap_or(id);
    let parts: Vec<&str> = [0, 4, 8].iter().filter_map(|start| hex.get(*start..start + 4)).collect();
    if parts.len() == 3 { format!("p-{}", parts.join("-")) } else { id.to_owned() }
}

/// As a shell reads it back.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,@%+=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_shown_in_three_groups() {
        assert_eq!(short_id("p-6c1f90ab22e4aaaaaaaaaaaaaaaaaaaa"), "p-6c1f-90ab-22e4");
        assert_eq!(short_id("p-6c"), "p-6c");
    }

    #[test]
    fn a_file_with_a_blank_in_its_name_is_quoted() {
        assert_eq!(shell_word("a/b.yml"), "a/b.yml");
        assert_eq!(shell_word("my file's.yml"), r"'my file'\''s.yml'");
    }
}
