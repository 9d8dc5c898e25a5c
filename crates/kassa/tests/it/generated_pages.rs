//! The generated parts of `docs/` agree with the code. `UPDATE_DOCS=1` writes them again.

use std::fmt::Write as _;

use kassa_domain::lifecycle::{mermaid, tables_markdown};
use kassa_engine::{MetricDescription, metric_descriptions};
use kassa_store::{DataClass, data_inventory};
use kassa_wire::error::ErrorCode;

use serde_json::Value;

use crate::harness::run;
use crate::workspace::{root, text};

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
