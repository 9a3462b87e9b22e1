//! The releases of a stack in the swarm: listed, read, written, forgotten.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::model::{Head, Record, Verdict};
use super::name::{RELEASE, STACK, head, part};
use super::payload::{self, Opened};
use crate::engine::{EngineError, Reader, Writer};
use crate::swarm::LiveConfig;

/// Releases that are kept.
pub const KEPT: usize = 10;
/// Two that write at once without a lease find another number.
const ATTEMPTS: u64 = 5;

/// One release in a list.
#[derive(Clone, Debug)]
pub struct Entry {
    pub number: u64,
    /// `Err` says in words why nobody can read it.
    pub head: Result<Head, String>,
    opened: Option<Opened>,
}

impl Entry {
    /// It can be read, and it was live and healthy.
    pub fn succeeded(&self) -> bool {
        self.head.as_ref().is_ok_and(Head::succeeded)
    }
}

/// The releases of one stack, newest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub stack: String,
    pub entries: Vec<Entry>,
}

/// Lists the releases; large records stay where they are.
pub async fn list(reader: &Reader, stack: &str) -> Result<History, EngineError> {
    let found = reader.configs_labelled(&[&format!("{STACK}={stack}"), RELEASE]).await?;
    Ok(of(stack, found.iter()))
}

/// The releases among configs that were read already: those that begin as [`names`] says.
pub fn of<'a>(stack: &str, configs: impl Iterator<Item = &'a LiveConfig>) -> History {
    let mut entries: Vec<Entry> = configs.filter_map(|config| entry(stack, config)).collect();
    entries.sort_by_key(|e| std::cmp::Reverse(e.number));
    History { stack: stack.to_owned(), entries }
}

/// What the names of all of a stack's releases begin with.
pub fn names(stack: &str) -> String {
    format!("{}.", super::name::heads(stack))
}

/// A config that only looks like a head is none.
fn entry(stack: &str, config: &LiveConfig) -> Option<Entry> {
    let number: u64 = config.label(RELEASE)?.parse().ok()?;
    if config.name != head(stack, number) {
        return None;
    }
    let opened = payload::open(config.data.as_deref().unwrap_or_default())
        .and_then(|o| if o.head.number == number { Ok(o) } else { Err("it is the record of another release".into()) });
    Some(match opened {
        Ok(opened) => Entry { number, head: Ok(opened.head.clone()), opened: Some(opened) },
        Err(why) => Entry { number, head: Err(why), opened: None },
    })
}

/// Why a record cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("release #{number} is damaged: {why}")]
    Damaged { number: u64, why: String },
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// The whole of one release.
pub async fn read(reader: &Reader, stack: &str, entry: &Entry) -> Result<Record, Unreadable> {
    let number = entry.number;
    let damaged = |why: String| Unreadable::Damaged { number, why };
    let opened = match (&entry.head, &entry.opened) {
        (Ok(_), Some(opened)) => opened,
        (Err(why), _) => return Err(damaged(why.clone())),
        (Ok(_), None) => return Err(damaged("its record was not read".to_owned())),
    };
    if let Some(record) = &opened.record {
        return Ok(record.clone());
    }
    let mut pieces = Vec::new();
    for at in 0..opened.parts {
        let piece = reader.config_named(&part(stack, number, at)).await?;
        let Some(data) = piece.and_then(|p| p.data) else {
            return Err(damaged(format!("part {} of {} is missing", at + 1, opened.parts)));
        };
        pieces.extend_from_slice(&data);
    }
    payload::join(&pieces, &opened.sha256).map_err(damaged)
}

impl History {
    pub fn newest(&self) -> Option<&Entry> {
        self.entries.first()
    }

    pub fn get(&self, number: u64) -> Option<&Entry> {
        self.entries.iter().find(|e| e.number == number)
    }

    /// The one to go back to: that before the live one which had succeeded.
    pub fn before_live(&self) -> Option<&Entry> {
        self.entries.iter().skip(self.live()? + 1).find(|entry| entry.succeeded())
    }

    /// Which of the entries is live: what was rolled back left the one before it so.
    pub fn live(&self) -> Option<usize> {
        match &self.newest()?.head {
            Ok(head) if head.verdict == Verdict::RolledBack => self.entries.iter().position(Entry::succeeded),
            _ => Some(0),
        }
    }
}

/// Writes a release under the next number, and forgets what is older than the kept ones. The number that it got.
///
/// The parts come first and the head last, so that what has a head is whole.
pub async fn write(writer: &Writer, history: &History, mut head: Head, record: &Record) -> Result<u64, EngineError> {
    let stack = history.stack.as_str();
    let first = history.newest().map_or(1, |e| e.number + 1);
    for number in first..first + ATTEMPTS {
        head.number = number;
        let packed = payload::pack(&head, record).map_err(EngineError::Local)?;
        match write_as(writer, stack, number, packed).await {
            Ok(()) => {
                forget(writer, history, number).await;
                return Ok(number);
            }
            // Who holds the lease finds what somebody left who died between the parts and their head: nobody's, and in the way.
            Err(error) if error.status() == Some(409) && writer.is_guarded() => {
                if writer.reader().config_named(&self::head(stack, number)).await?.is_none() {
                    remove_parts(writer, stack, number, 0).await?;
                    let packed = payload::pack(&head, record).map_err(EngineError::Local)?;
                    write_as(writer, stack, number, packed).await?;
                    forget(writer, history, number).await;
                    return Ok(number);
                }
            }
            Err(error) if error.status() == Some(409) => {}
            Err(error) => return Err(error),
        }
    }
    Err(EngineError::Local(format!("releases #{first} and after are being written by somebody else")))
}

async fn write_as(writer: &Writer, stack: &str, number: u64, packed: payload::Packed) -> Result<(), EngineError> {
    let mut made: Vec<String> = Vec::new();
    let parts = packed.parts.iter().zip(0..).map(|(data, at)| (part(stack, number, at), json!({ STACK: stack }), data));
    let labels = json!({ STACK: stack, RELEASE: number.to_string() });
    let all = parts.chain([(self::head(stack, number), labels, &packed.head)]);
    for (name, labels, data) in all {
        let spec = json!({ "Name": name, "Labels": labels, "Data": STANDARD.encode(data) });
        match writer.create_config(&spec).await {
            Ok(created) => made.push(created.id),
            Err(error) => {
                // Parts without a head are nobody's; if they cannot be removed now, `rm` will find them.
                for id in made {
                    let _ = writer.remove_config(&id).await;
                }
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Removes what is older than the kept releases. The release is written already: what cannot be removed now is tried
/// again by the next one.
async fn forget(writer: &Writer, history: &History, newest: u64) {
    // With the new one there is one more than the list knows.
    for entry in history.entries.iter().skip(KEPT - 1).filter(|e| e.number != newest) {
        if let Err(error) = remove(writer, &history.stack, entry).await {
            tracing::warn!(number = entry.number, %error, "an old release stays");
            return;
        }
    }
}

/// The head goes last: as long as it is there, whoever comes after somebody who died here finds the rest.
async fn remove(writer: &Writer, stack: &str, entry: &Entry) -> Result<(), EngineError> {
    let known = entry.opened.as_ref().map_or(0, |opened| opened.parts);
    remove_parts(writer, stack, entry.number, known).await?;
    // The engine takes names for ids.
    writer.remove_config(&head(stack, entry.number)).await
}

/// The parts that the head knows, and any beyond that somebody left who died while writing.
async fn remove_parts(writer: &Writer, stack: &str, number: u64, known: u64) -> Result<(), EngineError> {
    for at in 0.. {
        let name = part(stack, number, at);
        if at >= known && writer.reader().config_named(&name).await?.is_none() {
            break;
        }
        writer.remove_config(&name).await?;
    }
    Ok(())
}

/// Every config that stackup keeps about the stack, the lock left out: id and name.
pub async fn objects(reader: &Reader, stack: &str) -> Result<Vec<(String, String)>, EngineError> {
    let all = reader.configs_labelled(&[&format!("{STACK}={stack}")]).await?;
    let ours = all.into_iter().filter(|c| c.name.starts_with(&names(stack)));
    Ok(ours.map(|c| (c.id, c.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::model::Origin;

    fn entry(number: u64, verdict: Option<Verdict>) -> Entry {
        let head = verdict.map(|verdict| Head {
            number,
            verdict,
            origin: Origin::Apply,
            at: "2026-11-20T12:00:00Z".parse().unwrap(),
            who: "w".into(),
            commit: None,
            dirty: false,
            plan_id: None,
            needs: Default::default(),
        });
        Entry { number, head: head.ok_or("broken".to_owned()), opened: None }
    }

    #[test]
    fn the_release_to_go_back_to() {
        use Verdict::{Applied, Failed, RolledBack};
        for (newest_first, to) in [
            (vec![], None),
            (vec![Some(Applied)], None),
            (vec![Some(Applied), Some(Applied)], Some(1)),
            (vec![Some(Failed), Some(Applied), Some(Applied)], Some(2)),
            (vec![Some(RolledBack), Some(Applied), Some(Applied)], Some(1)),
            (vec![Some(Applied), Some(Failed), None, Some(Applied)], Some(1)),
            (vec![None, Some(Applied)], Some(1)),
        ] {
            let count = newest_first.len() as u64;
            let entries = newest_first.iter().zip(0..).map(|(verdict, at)| entry(count - at, *verdict)).collect();
            let history = History { stack: "s".into(), entries };
            assert_eq!(history.before_live().map(|e| e.number), to, "{newest_first:?}");
        }
    }
}
