//! Each language has the texts of English, with the same arguments and every plural form.

use std::collections::BTreeSet;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement, VariantKey};
use fluent_syntax::parser::parse;
use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};

use super::*;
use crate::languages::files;
use crate::{Direction, Languages};

/// The messages of a file, in its order.
fn messages(file: &str) -> Vec<Message<&str>> {
    let resource = parse(file).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
    let message = |entry| match entry {
        Entry::Message(message) => Some(message),
        Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => None,
        Entry::Term(_) | Entry::Junk { .. } => panic!("a file has only messages: {entry:?}"),
    };
    resource.body.into_iter().filter_map(message).collect()
}

/// The character that the text of a message has in place of an argument.
const PLACE: char = '\u{fffc}';

/// The arguments of a pattern, and the keys of its variants.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts {
    arguments: BTreeSet<String>,
    variants: BTreeSet<String>,
    text: String,
}

impl Parts {
    fn of(message: &Message<&str>) -> Self {
        let mut parts = Self::default();
        parts.add(message.value.as_ref().unwrap());
        parts
    }

    fn add(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.text.push_str(value),
                PatternElement::Placeable { expression: Expression::Inline(inline) } => {
                    self.text.push(PLACE);
                    self.add_inline(inline);
                }
                PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                    self.add_inline(selector);
                    for variant in variants {
                        let VariantKey::Identifier { name } = variant.key else {
                            panic!("a variant is a plural form: {variant:?}")
                        };
                        self.variants.insert(name.to_owned());
                        self.add(&variant.value);
                        self.text.push('\n');
                    }
                }
            }
        }
    }

    fn add_inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id } => drop(self.arguments.insert(id.name.to_owned())),
            InlineExpression::StringLiteral { .. } => {}
            InlineExpression::NumberLiteral { .. }
            | InlineExpression::FunctionReference { .. }
            | InlineExpression::MessageReference { .. }
            | InlineExpression::TermReference { .. }
            | InlineExpression::Placeable { .. } => {
                panic!("a text has only arguments and characters: {inline:?}")
            }
        }
    }
}

/// The plural forms that whole numbers have in a language.
fn plural_forms(tag: &str) -> BTreeSet<String> {
    let rules = PluralRules::create(
        tag.parse::<unic_langid::LanguageIdentifier>().unwrap(),
        PluralRuleType::CARDINAL,
    )
    .unwrap();
    let form = |count: usize| match rules.select(count).unwrap() {
        PluralCategory::ZERO => "zero",
        PluralCategory::ONE => "one",
        PluralCategory::TWO => "two",
        PluralCategory::FEW => "few",
        PluralCategory::MANY => "many",
        PluralCategory::OTHER => "other",
    };
    (0..=1_000).map(|count| form(count).to_owned()).collect()
}

#[test]
fn each_file_has_the_texts_of_english_in_the_same_order() {
    let names = |file| messages(file).iter().map(|message| message.id.name.to_owned()).collect::<Vec<_>>();
    let english = names(files()["en"]);
    let listed: BTreeSet<_> = Texts::NAMES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(english.iter().cloned().collect::<BTreeSet<_>>(), listed);
    assert_eq!(english.len(), listed.len(), "each once");
    for (tag, file) in files() {
        assert_eq!(names(file), english, "{tag}");
    }
}

#[test]
fn each_text_of_english_says_where_it_is_shown() {
    for message in messages(files()["en"]) {
        assert!(message.comment.is_some(), "{}", message.id.name);
    }
}

#[test]
fn each_text_has_the_arguments_of_english() {
    for (tag, file) in files() {
        for (own, english) in messages(file).iter().zip(messages(files()["en"])) {
            let (own_parts, english_parts) = (Parts::of(own), Parts::of(&english));
            assert_eq!(own_parts.arguments, english_parts.arguments, "{tag}: {}", own.id.name);
            assert!(own.attributes.is_empty(), "{tag}: {}", own.id.name);
        }
    }
}

#[test]
fn each_count_has_every_plural_form_of_its_language() {
    let mut counts = 0;
    for (tag, file) in files() {
        for message in messages(file) {
            let parts = Parts::of(&message);
            if parts.arguments.contains("count") {
                assert_eq!(parts.variants, plural_forms(tag), "{tag}: {}", message.id.name);
                counts += 1;
            } else {
                assert!(parts.variants.is_empty(), "{tag}: {}", message.id.name);
            }
        }
    }
    assert!(counts >= files().len());
}

#[test]
fn sentences_are_translated() {
    for (tag, file) in files().into_iter().filter(|(tag, _)| *tag != "en") {
        for (own, english) in messages(file).iter().zip(messages(files()["en"])) {
            let (own_text, english_text) = (Parts::of(own).text, Parts::of(&english).text);
            let is_sentence = english_text.trim().contains(' ');
            assert!(!is_sentence || own_text != english_text, "{tag}: {} is English", own.id.name);
        }
    }
}

#[test]
fn no_text_begins_or_ends_with_a_blank() {
    for language in Language::all() {
        let file = files()[language.tag];
        let texts =
            Texts::read(language, &[file]).unwrap_or_else(|error| panic!("{}: {error}", language.tag));
        for name in Texts::NAMES {
            let text = texts.bundle.written(name, &FluentArgs::new());
            let has_arguments = !Parts::of(&message(file, name)).arguments.is_empty();
            assert!(!text.is_empty() || has_arguments, "{}: {name}", language.tag);
            assert_eq!(text.trim(), text, "{}: {name}", language.tag);
        }
    }
}

fn message<'a>(file: &'a str, name: &str) -> Message<&'a str> {
    messages(file).into_iter().find(|message| message.id.name == name).unwrap()
}

#[track_caller]
fn refused(file: &str, reason: &str) {
    let english = Language::english();
    let error = Texts::read(english, &[files()["en"], file]).err().map(|error| error.to_string());
    assert_eq!(error.as_deref(), Some(reason), "{file}");
}

#[test]
fn a_correction_that_no_page_can_show_is_refused() {
    refused("pay_now = Pay { $amount }", "pay_now: Resolver error: Unknown variable: $amount");
    refused("pay_today = Pay", "pay_today: no page shows a text of this name");
    refused("pay_now = {\"\"}", "pay_now: the text is missing");
    refused("\n\npay_now : Pay", "line 3: Expected a token starting with \"=\"");
}

#[test]
fn a_correction_replaces_one_text() {
    let english = Language::english();
    let texts = Texts::read(english, &[files()["en"], "pay_now = Pay at once"]).unwrap();
    assert_eq!((&*texts.pay_now, &*texts.pay_later), ("Pay at once", "Pay later"));
}

#[test]
fn a_name_or_link_in_a_right_to_left_sentence_is_isolated() {
    let languages = Languages::built_in();
    for language in Language::all().filter(|language| language.direction == Direction::RightToLeft) {
        let texts = languages.texts(language);
        let message = texts.message_text("Nordlys", "https://pay.example/pay/t");
        for text in [texts.message_subject("Nordlys"), message.clone()] {
            assert!(text.contains("\u{2068}Nordlys\u{2069}"), "{}: {text}", language.tag);
        }
        // Programs that find links in texts would take a mark for a part of the link.
        assert!(message.ends_with("\nhttps://pay.example/pay/t"), "{}: {message}", language.tag);
    }
}

#[test]
fn a_message_contains_the_shop_and_a_link_that_ends_it() {
    let languages = Languages::built_in();
    for language in Language::all() {
        let texts = languages.texts(language);
        let text = texts.message_text("Nordlys", "https://pay.example/pay/t");
        assert!(text.contains("Nordlys") && text.contains([' ', '\n']), "{}: {text}", language.tag);
        assert!(text.ends_with("https://pay.example/pay/t"), "{}: {text}", language.tag);
        assert!(texts.message_subject("Nordlys").contains("Nordlys"), "{}", language.tag);
    }
}

/// Characters that a language does not use, with the ones that it writes instead. The empty tag means all languages.
const NOT_WRITTEN: &[(&str, &[&str], &str)] = &[
    ("", &["...", "  ", "'", "\"", "--"], "an ellipsis, one blank, ’, the quotes of the language, a dash"),
    ("", &["\u{37e}", "\u{387}"], "the semicolon and the middle dot, to which these are equivalent"),
    ("ar", &["?", ",", ";"], "؟ ، ؛"),
    ("el", &["?"], "; is the question mark"),
    ("fr", &[" :", " ;", " !", " ?", "« ", " »"], "a no-break space beside these"),
    ("ro", &["ş", "ţ", "Ş", "Ţ"], "ș and ț, with a comma below"),
];

#[test]
fn each_language_has_its_own_typography() {
    let mut checked = 0;
    for (tag, file) in files() {
        for message in messages(file) {
            let text = Parts::of(&message).text;
            for (of, characters, instead) in NOT_WRITTEN.iter().filter(|(of, ..)| of.is_empty() || *of == tag)
            {
                let found = characters.iter().find(|characters| text.contains(**characters));
                assert_eq!(found, None, "{tag}: {} ({of}: write {instead}): {text}", message.id.name);
                checked += 1;
            }
        }
    }
    assert!(checked > 2 * files().len() * Texts::NAMES.len());
}
