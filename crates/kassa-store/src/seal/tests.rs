//! The forms of sealed texts.

use super::*;

const TOKEN: &str = "0b1a5b2c-70f1-4a8e-9d1c-2f3a4b5c6d7e";

fn seal(keys: &[&str]) -> DataSeal {
    DataSeal::new(keys.iter().map(|name| SealKey::derive(name, name.as_bytes())))
}

fn token() -> AuthorizationToken {
    AuthorizationToken::new(TOKEN)
}

#[test]
fn a_token_always_has_the_same_sealed_form_which_does_not_contain_it() {
    let of_one = seal(&["one"]);
    let sealed = of_one.seal_token(&token()).into_owned();
    assert_eq!(sealed, of_one.seal_token(&token()));
    assert!(sealed.starts_with("sealed:one:") && !sealed.contains(TOKEN), "{sealed}");
    assert_ne!(sealed, of_one.seal_token(&AuthorizationToken::new("another")));
    assert_eq!(of_one.open(Purpose::Token, sealed).unwrap(), TOKEN);
}

#[test]
fn a_sealed_text_stays_the_same_in_later_versions() {
    let sealed = seal(&["one"]).seal_token(&AuthorizationToken::new("a token")).into_owned();
    assert_eq!(sealed, "sealed:one:zMeD43-DOqWAfO8Ns13nEihJd1Nh6by1UeRGyHaIiHFnIDaaNVzJzsn_x-r2TFA");
}

#[test]
fn the_first_key_seals_and_each_key_opens() {
    let (old, both) = (seal(&["old"]), seal(&["new", "old"]));
    let by_old = old.seal_token(&token()).into_owned();
    let by_new = both.seal_token(&token()).into_owned();
    assert!(by_new.starts_with("sealed:new:"));
    assert_eq!(both.open(Purpose::Token, by_old.clone()).unwrap(), TOKEN);
    assert_eq!(both.open(Purpose::Token, by_new.clone()).unwrap(), TOKEN);
    let sealed = [by_new, by_old];
    let expected = [&sealed[..], &[TOKEN.to_string()], &sealed].concat();
    assert_eq!(both.forms(&token()).collect::<Vec<_>>(), expected);
}

#[test]
fn a_missing_key_is_named() {
    let sealed = seal(&["1a2b3c4d"]).seal_token(&token()).into_owned();
    for without in [seal(&["another"]), DataSeal::default()] {
        let error = StoreError::from(without.open(Purpose::Token, sealed.clone()).unwrap_err());
        let said = error.to_string();
        assert!(said.contains("key 1a2b3c4d, which is not in account_key_file"), "{said}");
        assert!(matches!(error, StoreError::Unusable(_)), "{error:?}");
    }
}

#[test]
fn a_text_cannot_be_opened_for_another_purpose() {
    let of_one = seal(&["one"]);
    let sealed = of_one.seal(Purpose::OperationRequest, TOKEN).into_owned();
    let error = of_one.open(Purpose::Token, sealed).unwrap_err();
    assert_eq!(error, UnreadableSeal::Damaged { what: "an authorization token", key: "one".to_string() });
    assert_ne!(of_one.seal(Purpose::OperationRequest, TOKEN), of_one.seal(Purpose::AnswerBody, TOKEN));
}

#[test]
fn a_text_with_one_changed_bit_cannot_be_opened() {
    let of_one = seal(&["one"]);
    let sealed = of_one.seal_token(&token()).into_owned();
    let (_, data) = sealed.rsplit_once(':').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(data).unwrap();
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let stored = format!("sealed:one:{}", URL_SAFE_NO_PAD.encode(changed));
        assert!(of_one.open(Purpose::Token, stored).is_err(), "byte {place}");
    }
    for cut in ["sealed:", "sealed:one", "sealed:one:", "sealed:one:AAAA", "sealed:one:no base64"] {
        assert!(of_one.open(Purpose::Token, cut.to_string()).is_err(), "{cut}");
    }
}

#[test]
fn a_sealed_text_is_not_accepted_as_a_token() {
    let of_one = seal(&["one"]);
    let stored = of_one.seal_token(&token()).into_owned();
    let copied = AuthorizationToken::new(&stored);
    for seal in [of_one, DataSeal::default()] {
        assert!(seal.forms(&copied).all(|form| form != stored));
    }
}

#[test]
fn every_text_is_read_as_it_was_written() {
    for seal in [seal(&["one"]), DataSeal::default()] {
        for text in ["", TOKEN, "{}", "sealed:", "sealed:one:AAAA", "clear:", "clear:sealed:", "Grüße"] {
            let stored = seal.seal(Purpose::AnswerBody, text).into_owned();
            assert_eq!(seal.open(Purpose::AnswerBody, stored).unwrap(), text);
        }
    }
}

#[test]
fn a_body_is_sealed_if_it_has_a_token() {
    let of_one = seal(&["one"]);
    let without = r#"{"session_id":"a","status":"WAITING"}"#;
    let with = format!(r#"{{"session_id":"a","authorization_token":"{TOKEN}"}}"#);
    assert_eq!(of_one.seal(Purpose::EventBody, without), without);
    let sealed = of_one.seal(Purpose::EventBody, &with).into_owned();
    assert!(!sealed.contains(TOKEN));
    assert_eq!(of_one.open(Purpose::EventBody, sealed).unwrap(), with);
}

#[test]
fn without_keys_a_text_is_stored_as_it_is() {
    let none = DataSeal::default();
    assert!(matches!(none.seal_token(&token()), Cow::Borrowed(TOKEN)));
    assert_eq!(none.forms(&token()).collect::<Vec<_>>(), [TOKEN]);
}

#[test]
fn the_debug_output_of_a_seal_has_only_the_names_of_keys() {
    assert_eq!(format!("{:?}", seal(&["one", "two"])), "DataSeal([one, two])");
}
