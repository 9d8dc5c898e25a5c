//! Somebody who can write the database changes it beside Kassa. The verification finds each change.

use kassa_domain::merchant::MerchantState;
use kassa_domain::{Actor, MerchantId, Role};
use kassa_engine::{FileCheck, Requester};
use kassa_wire::audit::NotedHead;
use kassa_wire::hpp::MerchantUrls;
use kassa_wire::kassa::ProfileCreation;

use super::{acts, entries, paid_session, problem, verify};
use crate::harness::{World, journey};

/// The columns of the trail. Each change of one of them is found.
const TRAIL: [(&str, &[&str]); 2] = [
    ("audit_entry", &["chain", "position", "recorded_at", "content", "hash"]),
    ("audit_chain", &["chain", "last_position", "last_hash", "removed_position", "removed_hash"]),
];

/// The columns of a status change that the trail vouches for. `body` is the callback's, with the authorization token.
const STATUS_EVENT: [&str; 10] = [
    "page_session_id",
    "sequence",
    "event_id",
    "merchant_id",
    "event",
    "status",
    "occurred_at",
    "position",
    "actor_kind",
    "actor_name",
];

const NUMBERS: [&str; 7] =
    ["position", "recorded_at", "last_position", "removed_position", "sequence", "occurred_at", "version"];

/// A change, and the statement that takes it back.
struct Tampering {
    change: String,
    undo: String,
    /// A part of what the verification says.
    found: &'static str,
}

/// Changes a column of the rows that a condition names.
fn changed(table: &str, column: &str, condition: &str) -> Tampering {
    let value = match NUMBERS.contains(&column) {
        true => format!("{column} + 1000"),
        false => format!("coalesce({column}, '') || 'x'"),
    };
    rewritten(table, &format!("update {table} set {column} = {value} where {condition}"), "")
}

/// Runs statements on a table, and puts its rows back afterwards.
fn rewritten(table: &str, change: &str, found: &'static str) -> Tampering {
    Tampering {
        change: format!("create table tampered as select * from {table}; {change}"),
        undo: format!("delete from {table}; insert into {table} select * from tampered; drop table tampered"),
        found,
    }
}

/// Every tampering: each column of each row that matters, missing, exchanged and invented rows.
fn tamperings(session: &str, entries: usize) -> Vec<Tampering> {
    let mut all = Vec::new();
    for (table, columns) in TRAIL {
        for column in columns {
            for chain in ["system", "merchant/merchant"] {
                let row = match table {
                    "audit_entry" => format!("chain = '{chain}' and position = 2"),
                    _ => format!("chain = '{chain}'"),
                };
                all.push(changed(table, column, &row));
            }
        }
    }
    for column in STATUS_EVENT {
        all.push(changed("status_event", column, &format!("page_session_id = '{session}' and sequence = 2")));
    }
    for position in 1..=entries {
        for chain in ["system", "merchant/merchant"] {
            let delete = format!("delete from audit_entry where chain = '{chain}' and position = {position}");
            all.push(rewritten("audit_entry", &delete, "chain "));
        }
    }
    all.extend(rows_of_the_trail());
    all.extend(rows_of_sessions(session));
    all.extend(rows_of_accounts());
    all
}

fn rows_of_the_trail() -> Vec<Tampering> {
    vec![
        rewritten(
            "audit_entry",
            "update audit_entry set position = -1 where chain = 'system' and position = 1;
             update audit_entry set position = 1 where chain = 'system' and position = 2;
             update audit_entry set position = 2 where chain = 'system' and position = -1",
            "chain system, entry 1: its hash does not fit",
        ),
        rewritten("audit_chain", "delete from audit_chain where chain = 'system'", "its row in audit_chain is missing"),
        rewritten("audit_entry", "delete from audit_entry where chain = 'system'", "its last entry is 0"),
        rewritten(
            "audit_entry",
            "insert into audit_entry select chain, position + 1, recorded_at, content, hash from audit_entry
             where chain = 'system' and position = (select max(position) from audit_entry where chain = 'system')",
            "chain system",
        ),
    ]
}

fn rows_of_sessions(session: &str) -> Vec<Tampering> {
    let delete_event =
        format!("delete from status_event where page_session_id = '{session}' and sequence = 1");
    let delete_session = format!("delete from page_session where page_session_id = '{session}'");
    let reopen =
        format!("update page_session set status = 'IN_PROGRESS' where page_session_id = '{session}'");
    let advance =
        format!("update page_session set version = version + 1 where page_session_id = '{session}'");
    let beside = |position: &str| {
        format!(
            "insert into status_event (page_session_id, sequence, event_id, merchant_id, event, status, occurred_at,
               body, position, actor_kind)
             select page_session_id, 77, 'made-up', merchant_id, event, status, occurred_at, body, {position},
               actor_kind
             from status_event where page_session_id = '{session}' and sequence = 1"
        )
    };
    vec![
        rewritten("status_event", &delete_event, "the row is missing in the table status_event"),
        rewritten("page_session", &delete_session, "session's expires_at is unknown in the table"),
        rewritten(
            "page_session",
            &reopen,
            "its status is IN_PROGRESS (version 3), but its last event led to COMPLETED",
        ),
        rewritten("page_session", &advance, "there is no event with this number"),
        rewritten(
            "status_event",
            &beside("position - 1"),
            "the row is in the table status_event, but not in the trail",
        ),
        // Of two rows with one position, either may be compared.
        rewritten("status_event", &beside("position"), ""),
        rewritten(
            "status_event",
            &beside("position + 2"),
            "the row is in the table status_event, but not in the trail",
        ),
    ]
}

fn rows_of_accounts() -> Vec<Tampering> {
    let rows = [rows_of_credentials(), rows_of_merchants(), rows_of_operators(), rows_of_profiles()];
    rows.into_iter().flatten().collect()
}

fn rows_of_credentials() -> Vec<Tampering> {
    let credential = "insert into credential (username, merchant_id, secret_hash, created_at)
         select 'thief', merchant_id, secret_hash, created_at from credential where username = 'merchant_user'";
    vec![
        rewritten(
            "credential",
            credential,
            "credential thief: it exists, but no administrative act created it",
        ),
        rewritten(
            "credential",
            "update credential set secret_hash = 'other' where username = 'merchant_user'",
            "credential merchant_user: its password was changed",
        ),
        rewritten(
            "credential",
            "update credential set revoked_at = 1 where username = 'merchant_user'",
            "no administrative act revoked it",
        ),
        rewritten("credential", "delete from credential where username = 'merchant_user'", "it is missing"),
        rewritten(
            "credential",
            "update credential set revoked_at = null where revoked_at is not null",
            "it is active",
        ),
    ]
}

fn rows_of_merchants() -> Vec<Tampering> {
    // The settings are encrypted, so somebody without the key can only put those of another merchant in their place.
    let settings =
        "update merchant set settings = (select settings from merchant where merchant_id = 'stranger')
             where merchant_id = 'merchant'";
    vec![
        rewritten("merchant", settings, "merchant merchant: its settings or secrets were changed"),
        rewritten(
            "merchant",
            "delete from merchant where merchant_id = 'stranger'",
            "merchant stranger: it is missing",
        ),
        rewritten(
            "merchant",
            "update merchant set name = 'Thief' where merchant_id = 'merchant'",
            "merchant merchant: its name or role was changed",
        ),
        rewritten(
            "merchant",
            "update merchant set suspended_at = 1 where merchant_id = 'merchant'",
            "merchant merchant: it is suspended, but no administrative act suspended it",
        ),
        rewritten(
            "merchant",
            "update merchant set suspended_at = null where merchant_id = 'stranger'",
            "merchant stranger: it takes payments, but an administrative act suspended it",
        ),
    ]
}

fn rows_of_operators() -> Vec<Tampering> {
    vec![
        rewritten("operator", "delete from operator", "operator root: it is missing"),
        rewritten(
            "operator",
            "update operator set role = 'ADMIN'",
            "operator root: its name or role was changed",
        ),
        rewritten(
            "operator",
            "update operator set password_hash = '$argon2id$other'",
            "operator root: its password was changed",
        ),
        rewritten(
            "operator",
            "update operator set openid_issuer = 'https://login.example', openid_subject = '1'",
            "operator root: its identity at the OpenID provider was changed",
        ),
        rewritten(
            "operator",
            "insert into operator (username, secret_hash, created_at) values ('thief', 'x', 1)",
            "operator thief: it exists",
        ),
    ]
}

fn rows_of_profiles() -> Vec<Tampering> {
    vec![
        rewritten(
            "profile",
            "update profile set content = replace(content, 'shop.example', 'thief.example') where profile_id = 'a'",
            "profile merchant a: its settings or secrets were changed",
        ),
        rewritten(
            "profile",
            "update profile set name = 'Thief' where profile_id = 'a'",
            "profile merchant a: its name or role was changed",
        ),
        rewritten(
            "profile",
            "update profile set is_default = 0",
            "profile merchant b: whether it is the default profile was changed",
        ),
        rewritten("profile", "delete from profile where profile_id = 'a'", "profile merchant a: it is missing"),
        rewritten(
            "profile",
            "insert into profile (merchant_id, profile_id, name, is_default, content, created_at, updated_at)
             select merchant_id, 'c', name, 0, content, created_at, updated_at from profile where profile_id = 'a'",
            "profile merchant c: it exists, but no administrative act created it",
        ),
    ]
}

/// Creates the profiles `a` and `b`, each as the default one, and deletes another.
async fn profiles(world: &World, by: &Requester) {
    let merchant = MerchantId::new("merchant");
    for id in ["deleted", "a", "b"] {
        let asked = ProfileCreation {
            profile_id: Some(id.to_string()),
            name: "Web shop".to_string(),
            is_default: Some(true),
            merchant_urls: Some(MerchantUrls {
                success: Some("https://shop.example/thanks".to_string()),
                ..MerchantUrls::default()
            }),
            options: None,
            links: None,
            colors: None,
        };
        world.app().profiles().create(&merchant, asked, by).await.unwrap();
    }
    assert!(world.app().profiles().delete(&merchant, "deleted", by).await.unwrap());
}

/// A trail with status changes and acts of every kind of account.
async fn trail(world: &World) -> (String, usize) {
    let session = paid_session(world).await;
    let by = Requester::in_process(Actor::CommandLine);
    world.app().accounts().create_operator("root", Role::Support, &by).await.unwrap();
    // A credential that is revoked.
    let made = world.app().accounts().create_credential("merchant", &by).await.unwrap().unwrap();
    world.app().accounts().revoke_credential(&made.username, &by).await.unwrap();
    let (stranger, suspended) = (MerchantId::new("stranger"), MerchantState::Suspended);
    world.app().accounts().set_merchant_state(&stranger, suspended, &by).await.unwrap();
    profiles(world, &by).await;
    let acts = acts(world.app()).await.len();
    assert_eq!(problem(world.app(), &[]).await, None);
    (session, acts.min(3))
}

#[test]
fn each_change_of_the_trail_and_of_what_it_vouches_for_is_found() {
    journey(|world| async move {
        let (session, entries) = trail(&world).await;
        for Tampering { change, undo, found } in tamperings(&session, entries) {
            world.database().tamper(&change).await;
            let problem = problem(world.app(), &[]).await;
            world.database().tamper(&undo).await;
            let problem = problem.unwrap_or_else(|| panic!("not found: {change}"));
            assert!(problem.contains(found), "{change}: {problem}");
        }
        assert_eq!(problem(world.app(), &[]).await, None, "everything is as before");
    });
}

#[test]
fn a_chain_that_was_cut_or_written_again_does_not_contain_the_noted_head() {
    journey(|world| async move {
        trail(&world).await;
        let heads = verify(world.app(), &[]).await.unwrap().heads;
        assert_eq!(
            heads.iter().map(|head| head.chain.as_str()).collect::<Vec<_>>(),
            ["merchant/merchant", "system"]
        );
        assert_eq!(problem(world.app(), &heads).await, None);
        let cut = "delete from audit_entry where chain = 'merchant/merchant' and position = 3;
             update audit_chain set last_position = 2, last_hash = (select hash from audit_entry
               where chain = 'merchant/merchant' and position = 2) where chain = 'merchant/merchant';
             update feed set chained_position = 2 where merchant_id = 'merchant'";
        world.database().tamper(cut).await;
        assert_eq!(
            problem(world.app(), &[]).await,
            None,
            "alone, the trail does not show that its end was cut off"
        );
        let found = problem(world.app(), &heads).await.unwrap();
        assert!(found.contains("the chain ends at entry 2: its end was cut off"), "{found}");
        world.clock.advance(std::time::Duration::from_secs(60));
        world.app().engine().chain_now().await.unwrap();
        assert_eq!(problem(world.app(), &[]).await, None);
        let found = problem(world.app(), &heads).await.unwrap();
        assert!(found.contains("the chain was written again"), "{found}");
    });
}

/// Checks an exported file, of which these heads were noted.
fn check(lines: &[String], noted: Vec<NotedHead>) -> Result<Vec<NotedHead>, String> {
    let mut check = FileCheck::new(noted);
    for line in lines {
        check.line(line).map_err(|problem| problem.to_string())?;
    }
    check.end().map_err(|problem| problem.to_string())
}

#[test]
fn each_change_of_an_exported_file_is_found() {
    journey(|world| async move {
        trail(&world).await;
        let entries = entries(world.app()).await;
        let lines: Vec<String> = entries.iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
        let heads = check(&lines, Vec::new()).unwrap();
        assert_eq!(heads, verify(world.app(), &[]).await.unwrap().heads);
        assert_eq!(check(&lines, heads.clone()), Ok(heads.clone()));
        for place in 0..lines.len() {
            let mut without = lines.clone();
            without.remove(place);
            // A file may begin later. The check says so.
            let begins_later = entries[place].position == 1;
            assert_eq!(check(&without, heads.clone()).is_ok(), begins_later, "without line {place}");
            for (from, to) in [
                ("\"position\":", "\"position\":1"),
                ("recorded_at\":\"2026", "recorded_at\":\"2027"),
                ("\"kind\":\"", "\"kind\": \""),
            ] {
                let mut edited = lines.clone();
                edited[place] = edited[place].replacen(from, to, 1);
                assert_ne!(edited[place], lines[place]);
                assert!(check(&edited, Vec::new()).is_err(), "line {place}: {from}");
            }
        }
        let mut swapped = lines.clone();
        swapped.swap(0, 1);
        assert!(check(&swapped, Vec::new()).is_err());
        assert!(check(&lines[..1], heads).is_err(), "the end is missing");
    });
}
