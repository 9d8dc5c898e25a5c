use super::*;

const CONTENT: &str = r#"{"kind":"act","act":"merchant_existed","object":"PK1"}"#;

fn at(ms: i64) -> Instant {
    Instant::from_ms(ms)
}

/// A chain of three entries: position, time, content and hash of each.
fn chain() -> Vec<(i64, Instant, String, String)> {
    let mut place = ChainPlace::default();
    (1..=3)
        .map(|position| {
            let content = format!("{{\"number\":{position}}}");
            let hash = entry_hash(&place.hash, "system", position, at(position), &content);
            place = ChainPlace { position, hash: hash.clone() };
            (position, at(position), content, hash)
        })
        .collect()
}

fn check(name: &str, entries: &[(i64, Instant, String, String)]) -> Result<ChainPlace, BrokenLink> {
    let mut place = ChainPlace::default();
    for (position, recorded_at, content, hash) in entries {
        let entry = CheckedEntry { position: *position, recorded_at: *recorded_at, content, hash };
        place.follow(name, entry)?;
    }
    Ok(place)
}

#[test]
fn the_hash_of_an_entry_is_the_documented_one() {
    // printf '\nsystem\n1\n1970-01-01T00:00:00.007Z\n{"kind":"act",...}' | sha256sum
    let hash = entry_hash("", "system", 1, at(7), CONTENT);
    let lines = format!("\nsystem\n1\n1970-01-01T00:00:00.007Z\n{CONTENT}");
    assert_eq!(hash, sha256(&lines));
    assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn a_whole_chain_is_followed_to_its_head() {
    let entries = chain();
    let head = check("system", &entries).unwrap();
    assert_eq!(head, ChainPlace { position: 3, hash: entries[2].3.clone() });
}

#[test]
fn each_change_of_an_entry_breaks_the_chain() {
    type Change = fn(&mut (i64, Instant, String, String));
    let changes: [Change; 4] = [
        |entry| entry.0 += 1,
        |entry| entry.1 = at(9),
        |entry| entry.2.push(' '),
        |entry| entry.3.replace_range(0..1, if entry.3.starts_with('0') { "1" } else { "0" }),
    ];
    for (number, change) in changes.iter().enumerate() {
        for place in 0..3 {
            let mut entries = chain();
            change(&mut entries[place]);
            assert!(check("system", &entries).is_err(), "change {number} of entry {place}");
        }
    }
    assert_eq!(check("another", &chain()), Err(BrokenLink::Hash));
}

#[test]
fn a_missing_and_an_exchanged_entry_break_the_chain() {
    for place in 0..2 {
        let mut entries = chain();
        entries.remove(place);
        let expected = i64::try_from(place).unwrap() + 1;
        let found = expected + 1;
        assert_eq!(check("system", &entries), Err(BrokenLink::Position { expected, found }));
        let mut entries = chain();
        entries.swap(place, place + 1);
        assert!(check("system", &entries).is_err());
    }
}

#[test]
fn a_noted_head_is_read_as_it_is_written() {
    let hash = "ab".repeat(32);
    for chain in ["system", "merchant/PK1", "merchant/a:b"] {
        let place = ChainPlace { position: 7, hash: hash.clone() };
        let head = NotedHead { chain: chain.to_string(), place };
        assert_eq!(head.to_string().parse(), Ok(head));
    }
    let (no_hash, zero) = (format!("system:1:{}", "ab".repeat(31)), format!("system:0:{hash}"));
    for unreadable in ["", "system", "system:1", &no_hash, &zero, &format!(":1:{hash}")] {
        assert_eq!(unreadable.parse::<NotedHead>(), Err(UnreadableHead), "{unreadable}");
    }
}

#[test]
fn the_bytes_of_a_content_survive_an_export() {
    let content = r#"{"kind":"act","act":"x","object":"Zürich \"1\"","details":{"b":1,"a":[2]}}"#;
    let line = format!(
        r#"{{"chain":"system","position":1,"recorded_at":"1970-01-01T00:00:00.007Z","content":{content},"previous_hash":"","hash":""}}"#
    );
    let read: ExportedEntry = serde_json::from_str(&line).unwrap();
    assert_eq!(read.content.get(), content);
    assert_eq!(serde_json::to_string(&read).unwrap(), line);
}
