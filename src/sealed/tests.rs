//! `fixtures/sealed`: files that age 1.3 and the code of SOPS 3.13 encrypted, beside what they decrypt them to.

use std::path::Path;

use super::{Keys, Seal, SealError, mask, open, seal};

fn read(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sealed").join(name)).unwrap()
}

fn keys(name: &str) -> Keys {
    Keys::parse(&String::from_utf8(read(name)).unwrap()).unwrap()
}

fn opened(name: &str, bytes: &[u8], keys: &Keys) -> Result<Vec<u8>, SealError> {
    let seal = seal(name, bytes).unwrap_or_else(|| panic!("{name} is not taken for encrypted"));
    let opened = open(seal, bytes, keys)?;
    assert!(!opened.hidden.is_empty(), "{name}");
    for place in &opened.places {
        assert!(opened.bytes.get(place.clone()).is_some_and(|bytes| !bytes.is_empty()), "{name} {place:?}");
    }
    Ok(opened.bytes.to_vec())
}

#[test]
fn every_format_comes_out_as_sops_prints_it() {
    let keys = keys("key.txt");
    for (name, plain) in [
        ("everything.sops.yaml", "everything.yaml"),
        ("everything.sops.json", "everything.json"),
        ("everything.sops.env", "everything.env"),
        ("everything.sops.ini", "everything.ini"),
        ("everything.sops.bin", "everything.bin"),
        ("regex.sops.yaml", "everything.yaml"),
        ("uregex.sops.yaml", "everything.yaml"),
        ("suffix.sops.yaml", "everything.yaml"),
        ("token.age", "token"),
        ("armored.age", "token"),
    ] {
        let (found, wanted) = (opened(name, &read(name), &keys).unwrap(), read(plain));
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(found == wanted, "{name}:\n{}\nand not\n{}", shown(&found), shown(&wanted));
        assert_eq!(seal(plain, &wanted), None, "{plain}");
    }
}

#[test]
fn values_are_known_by_their_names() {
    let bytes = read("everything.sops.env");
    let opened = open(seal("x.env", &bytes).unwrap(), &bytes, &keys("key.txt")).unwrap();
    let password = opened.hidden.iter().find(|one| one.name.as_deref() == Some("DB_PASSWORD")).unwrap();
    assert_eq!(password.text.as_str(), "hunter2-marker");
    assert!(!format!("{opened:?}").contains("hunter2"));
    // What was in clear is no secret.
    assert!(opened.hidden.iter().all(|one| one.text.as_str() != "open"));
}

#[test]
fn what_is_for_others_stays_closed() {
    for name in ["other.sops.yaml", "other.age"] {
        assert_eq!(opened(name, &read(name), &keys("key.txt")).unwrap_err(), SealError::NotForUs, "{name}");
        assert!(opened(name, &read(name), &keys("other-key.txt")).is_ok(), "{name}");
    }
    let error = opened("password.age", &read("password.age"), &keys("key.txt")).unwrap_err();
    assert!(matches!(&error, SealError::Form(why) if why.contains("password")), "{error}");
}

/// Each of these is something that somebody without a key can write.
#[test]
fn a_file_that_was_written_into_stays_closed() {
    let keys = keys("key.txt");
    let changed = |name: &str, change: &dyn Fn(&str) -> String| {
        let text = String::from_utf8(read(name)).unwrap();
        let other = change(&text);
        assert_ne!(text, other, "{name}: nothing was changed");
        match opened(name, other.as_bytes(), &keys) {
            Err(SealError::Changed(why)) => assert!(!why.contains("hunter2"), "{why}"),
            other => panic!("{name} came out: {:?}", other.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())),
        }
    };
    let value = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(key)).unwrap();
        line.split_once("ENC").map(|(_, rest)| format!("ENC{rest}")).unwrap()
    };
    let yaml = "everything.sops.yaml";
    // A value in clear, another value's cipher, a letter, an order, one more, one less, what is in clear, another rule.
    changed(yaml, &|text| text.replace(&value(text, "password:"), "mine"));
    changed(yaml, &|text| text.replace(&value(text, "password:"), &value(text, "user:")));
    changed(yaml, &|text| text.replacen("ENC[AES256_GCM,data:", "ENC[AES256_GCM,data:AA", 5));
    changed(yaml, &|text| {
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| *line == "list:").unwrap();
        let mut swapped = lines.clone();
        swapped.swap(at + 1, at + 2);
        swapped.join("\n")
    });
    changed(yaml, &|text| text.replace("plain_unencrypted:\n", "more_unencrypted: x\nplain_unencrypted:\n"));
    changed(yaml, &|text| text.replace("    a: 5\n", ""));
    changed(yaml, &|text| text.replace("    a: 5\n", "    a: 6\n"));
    changed(yaml, &|text| text.replace("unencrypted_suffix: _unencrypted", "encrypted_suffix: password"));
    changed("regex.sops.yaml", &|text| text.replace("    mac_only_encrypted: true\n", ""));
    changed("everything.sops.json", &|text| text.replacen("\"b\": \"ENC[", "\"b\": \"ENC[AES256_GCM,", 1));
    changed("everything.sops.json", &|text| text.replace("\"zero\": \"\"", "\"zero\": \"x\""));
    changed("everything.sops.env", &|text| text.replace("PLAIN_unencrypted=open", "PLAIN_unencrypted=closed"));
    changed("everything.sops.env", &|text| format!("EVIL=1\n{text}"));
    changed("everything.sops.ini", &|text| text.replace("plain_unencrypted = q", "plain_unencrypted = r"));

    let cut = read("token.age");
    let cut = cut.get(..cut.len() - 1).unwrap();
    assert!(matches!(opened("token.age", cut, &keys), Err(SealError::Changed(_))));
}

#[test]
fn a_masked_file_is_read_without_a_key() {
    for name in ["everything.sops.env", "everything.sops.yaml", "everything.sops.ini", "everything.sops.json"] {
        let bytes = read(name);
        let masked = String::from_utf8(mask(seal(name, &bytes).unwrap(), &bytes).unwrap()).unwrap();
        assert!(masked.contains("(sensitive)") && !masked.contains("mac"), "{name}: {masked}");
        assert!(seal(name, masked.as_bytes()).is_none(), "{name}: {masked}");
    }
    assert_eq!(mask(Seal::Age, b"anything").unwrap(), b"(sensitive)");
}

#[test]
fn nonsense_ends_in_words() {
    let keys = keys("key.txt");
    let text = String::from_utf8(read("everything.sops.yaml")).unwrap();
    for broken in [
        text.replace("    mac: ", "    mack: "),
        text.replace("list:", "list: ]"),
        text.replace("    age:\n", "    pgp:\n"),
        format!("{text}---\na: b\n"),
        text.replace("-----BEGIN AGE", "-----BEGIN"),
    ] {
        assert!(opened("x.yaml", broken.as_bytes(), &keys).is_err());
    }
    // Any piece of a file is either none of ours or a problem, and never a panic.
    for name in ["everything.sops.yaml", "everything.sops.json", "everything.sops.env", "everything.sops.ini"] {
        let bytes = read(name);
        for end in (0..bytes.len()).step_by(97) {
            let part = bytes.get(..end).unwrap();
            if let Some(seal) = seal(name, part) {
                assert!(open(seal, part, &keys).is_err(), "{name} {end}");
            }
        }
    }
}
