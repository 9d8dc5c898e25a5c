//! Each locale has a language, and each language its file.

use std::collections::BTreeMap;

use super::*;

/// The files that are part of the program, by the tags of their languages.
pub(crate) fn files() -> BTreeMap<&'static str, &'static str> {
    BUILT_IN.iter().map(|one| (one.language.tag, one.file)).collect()
}

#[test]
fn every_file_of_the_folder_is_a_language() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/locales");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    let listed: Vec<_> = Language::all().map(|language| format!("{}.ftl", language.tag)).collect();
    assert_eq!(names, listed, "in the order of the tags");
}

#[test]
fn unknown_languages_read_english_and_old_tags_their_successor() {
    let languages = Languages::built_in();
    for locale in ["zh-CN", "", "xx", "EN", "en-US", "é"] {
        assert_eq!(languages.of(locale).language.tag, "en", "{locale}");
    }
    assert_eq!(languages.of("no-NO").language.tag, "nb");
    assert_eq!(languages.of("SV-fi").language.tag, "sv");
}

#[test]
fn a_correction_changes_only_its_language() {
    let languages = Languages::corrected([("sv", "pay_now = Betala direkt")]).unwrap();
    assert_eq!(&*languages.of("sv-FI").pay_now, "Betala direkt");
    assert_eq!(&*languages.of("en").pay_now, "Pay now");
    assert_eq!(&*Languages::built_in().of("sv").pay_now, "Betala nu");
}

#[test]
fn a_correction_for_no_language_of_the_page_is_refused() {
    let error = Languages::corrected([("sv-FI", "")]).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("sv-FI.ftl: the page has no language with this tag; expected one of ar, ")
    );
}
