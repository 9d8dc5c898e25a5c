//! The settings files in the documents and in `deploy` have only keys that exist, with values that are possible.

use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

use crate::harness::run;
use crate::prose::documents;
use crate::workspace::{files, text};

/// The pages with settings of the tracker. All others have settings of a node.
const OF_THE_TRACKER: [&str; 2] = ["docs/integrating.md", "docs/settings-track.md"];

/// The first words of TOML files of other programs, and of scenarios.
const OF_OTHERS: [&str; 4] = ["[dependencies]", "title =", "[[step]]", "[profile"];

#[test]
fn every_settings_file_in_the_documents_has_only_keys_that_exist() {
    let [node, tracker] = [["config", "schema"], ["track", "schema"]].map(|command| validator(&command));
    let mut count = 0;
    for page in documents() {
        let is_of_the_tracker = OF_THE_TRACKER.iter().any(|of| page == Path::new(of));
        let page_text = text(&page);
        for block in page_text.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()) {
            if OF_OTHERS.iter().any(|other| block.trim_start().starts_with(other)) {
                continue;
            }
            let schema = if is_of_the_tracker { &tracker } else { &node };
            check(schema, &page, block);
            count += 1;
        }
    }
    assert!(count > 20, "only {count} settings files were found");
}

#[test]
fn every_settings_file_for_a_deployment_has_only_keys_that_exist() {
    let node = validator(&["config", "schema"]);
    for path in files(&["deploy"], &["toml"]) {
        check(&node, &path, &text(&path));
    }
}

#[track_caller]
fn check(schema: &Validator, place: &Path, block: &str) {
    let settings: toml::Table =
        block.parse().unwrap_or_else(|error| panic!("{}: {error}:\n{block}", place.display()));
    let errors: Vec<String> =
        schema.iter_errors(&serde_json::to_value(settings).unwrap()).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{}: {errors:?}:\n{block}", place.display());
}

/// The schema that a command prints, for parts of a file too: no key is required.
fn validator(command: &[&str]) -> Validator {
    let mut schema: Value = serde_json::from_slice(&run(command).stdout).unwrap();
    require_nothing(&mut schema);
    jsonschema::validator_for(&schema).unwrap()
}

fn require_nothing(schema: &mut Value) {
    if let Some(keywords) = schema.as_object_mut() {
        if keywords.get("properties").is_some() {
            keywords.remove("required");
        }
        keywords.values_mut().for_each(require_nothing);
    } else if let Some(schemas) = schema.as_array_mut() {
        schemas.iter_mut().for_each(require_nothing);
    }
}
