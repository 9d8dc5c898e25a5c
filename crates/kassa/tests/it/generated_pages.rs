//! The generated parts of `docs/` agree with the code. `UPDATE_DOCS=1` writes them again.

mod settings;

use std::fmt::Write as _;

use kassa_domain::lifecycle::{mermaid, tables_markdown};
use kassa_engine::{MetricDescription, metric_descriptions};
use kassa_store::{DataClass, data_inventory};
use kassa_wire::error::ErrorCode;

use serde_json::Value;

use crate::harness::run;
use crate::workspace::{root, text};
use settings::{Described, keys, reference_of_file, words_with_descriptions};

const BEGIN: &str = "<!-- drawn from the code: begin -->\n";
const END: &str = "<!-- drawn from the code: end -->\n";

#[test]
fn the_lifecycle_page_shows_the_tables_that_decide() {
    let drawn = format!("{}\n```mermaid\n{}```\n", tables_markdown(), mermaid());
    check("docs/lifecycle.md", &drawn);
}

#[test]
fn the_errors_page_lists_the_codes_that_are_answered() {
    let mut drawn = String::from("| status | `error_code` | meaning |\n|---|---|---|\n");
    for code in ErrorCode::ALL {
        let meaning = with_links(code.meaning());
        writeln!(drawn, "| {} | `{}` | {meaning} |", code.http_status(), code.as_str()).unwrap();
    }
    check("docs/errors.md", &drawn);
}

/// Turns each reference of a comment, such as `docs/wire.md#headers`, into a link of a page in the same folder.
fn with_links(comment: &str) -> String {
    let mut page = String::new();
    let mut rest = comment;
    while let Some((before, after)) = rest.split_once("docs/") {
        let (name, after) = after.split_once(".md#").expect("a reference names a section");
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(after.len());
        let (anchor, behind) = after.split_at(end);
        write!(page, "{before}[{}]({name}.md#{anchor})", anchor.replace('-', " ")).unwrap();
        rest = behind;
    }
    page + rest
}

#[test]
fn the_scenarios_page_lists_the_library() {
    let list: Value = serde_json::from_slice(&run(&["lab", "list", "--json"]).stdout).unwrap();
    let mut drawn = String::from("| scenario | what happens, and why it matters |\n|---|---|\n");
    for one in list.as_array().unwrap() {
        let word = |name: &str| one[name].as_str().unwrap().replace('\n', " ");
        writeln!(drawn, "| `{}` | **{}.** {} |", word("name"), word("title"), word("why")).unwrap();
    }
    check("docs/scenarios.md", &drawn);
}

#[test]
fn the_metrics_page_lists_every_metric() {
    let mut drawn = String::from("| metric | type | labels | meaning |\n|---|---|---|---|\n");
    for MetricDescription { name, kind, labels, meaning } in metric_descriptions() {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        writeln!(drawn, "| `{name}` | {kind} | {} | {meaning} |", labels.join(", ")).unwrap();
    }
    check("docs/metrics.md", &drawn);
}

#[test]
fn the_page_about_personal_data_lists_the_inventory() {
    let mut drawn = String::new();
    for class in DataClass::ALL {
        writeln!(drawn, "### {}\n", class.words()).unwrap();
        drawn += "| column | content | why Kassa stores it | stored | kept | erasure of a consumer |\n\
                  |---|---|---|---|---|---|\n";
        for table in data_inventory() {
            for column in table.sensitive.iter().filter(|column| column.class == class) {
                writeln!(
                    drawn,
                    "| `{}.{}` | {} | {} | {} | {} | {} |",
                    table.name,
                    column.name,
                    column.content,
                    table.purpose,
                    column.storage.words(),
                    table.kept.words(),
                    column.erasure.words()
                )
                .unwrap();
            }
        }
        drawn.push('\n');
    }
    check("docs/personal-data.md", &format!("{}\n", drawn.trim_end()));
}

#[test]
fn the_reference_of_a_node_lists_every_setting() {
    check("docs/settings-serve.md", &reference_of_file(&printed_schema(&["config", "schema"])));
}

#[test]
fn the_reference_of_the_tracker_lists_every_setting() {
    check("docs/settings-track.md", &reference_of_file(&printed_schema(&["track", "schema"])));
}

fn printed_schema(command: &[&str]) -> Value {
    let output = run(command);
    assert!(output.status.success(), "kassa {}", command.join(" "));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_reference_of_a_merchant_lists_every_setting() {
    let callbacks = [("", "CallbackSettings"), ("### A schedule of your own\n\n", "CustomSchedule")];
    let drawn = [
        reference_of_api("Callbacks", "/kassa/v1/callbacks/settings", &callbacks),
        reference_of_api("Payments", "/kassa/v1/payments/settings", &[("", "PaymentSettings")]),
    ];
    check("docs/settings-merchant.md", &drawn.join("\n"));
}

#[test]
fn the_reference_of_faults_lists_every_field() {
    let rules = [
        ("", "FaultRules"),
        ("### A rule for callbacks\n\n", "CallbackFaultRule"),
        ("### A rule for calls\n\n", "CallFaultRule"),
    ];
    let mut drawn = reference_of_api("Rules", "/lab/v1/faults", &rules);
    let api: Value = serde_json::from_str(&text("docs/openapi.json")).unwrap();
    for (heading, name) in [
        ("Faults of callbacks", "CallbackFault"),
        ("Faults of calls", "CallFault"),
        ("Moments of a fault of calls", "Moment"),
    ] {
        let schema = Described { document: &api, schema: &api["components"]["schemas"][name] };
        write!(drawn, "\n## {heading}\n\n{}", words_with_descriptions(schema)).unwrap();
    }
    check("docs/settings-faults.md", &drawn);
}

/// The reference of settings in JSON, from the description of the APIs: an example, and the fields of each object with
/// its heading.
fn reference_of_api(heading: &str, path: &str, objects: &[(&str, &str)]) -> String {
    let api: Value = serde_json::from_str(&text("docs/openapi.json")).unwrap();
    let body = &api["paths"][path]["put"]["requestBody"]["content"]["application/json"];
    let mut drawn = format!("## {heading}\n\n`PUT {path}`\n\n```json\n{:#}\n```\n", body["example"]);
    for (heading, name) in objects {
        let schema = Described { document: &api, schema: &api["components"]["schemas"][*name] };
        write!(drawn, "\n{heading}{}", keys("field", schema)).unwrap();
    }
    drawn
}

/// Compares the part of a page that is drawn; the prose around it is written by hand.
fn check(page: &str, drawn: &str) {
    let text = text(page);
    let (head, rest) = text.split_once(BEGIN).expect("the page says where the drawn part begins");
    let (stands, tail) = rest.split_once(END).expect("the page says where the drawn part ends");
    let drawn = format!("\n{drawn}\n");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(root().join(page), format!("{head}{BEGIN}{drawn}{END}{tail}")).unwrap();
        return;
    }
    assert!(
        stands == drawn,
        "{page} no longer says what the code says. Write it anew:\n  \
         UPDATE_DOCS=1 cargo nextest run -p kassa generated_pages\n\nThe code says:\n{drawn}"
    );
}
