//! A scenario: a TOML file with steps. Each step has an act and expectations. docs/scenarios.md describes the format.

mod act;
mod expect;
mod names;
mod step;

use serde::Deserialize;
use toml::Spanned;

use step::WrittenStep;

pub(super) use act::{Act, By, Call, Consumer, Creation, ShopAnswer, ShopWord, Verb};
pub(super) use expect::{Expect, JournalCount};
pub(super) use names::fill;
pub(super) use step::Step;

/// A scenario that can be played.
#[derive(Debug)]
pub(super) struct Scenario {
    /// The name of its file, without the ending.
    pub(super) name: String,
    pub(super) title: String,
    /// The reason why the scenario matters to a shop, in two lines.
    pub(super) why: String,
    pub(super) steps: Vec<Step>,
}

/// The file as it is written, before its steps are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    why: String,
    #[serde(rename = "step")]
    steps: Vec<Spanned<WrittenStep>>,
}

impl Scenario {
    /// Parses a scenario. The error names the line and the field.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let saved = file.steps.iter().flat_map(|step| step.get_ref().saved());
        names::check(text, &saved.collect::<Vec<_>>())?;
        let steps = file.steps.into_iter().map(|step| {
            let line = line_of(text, step.span().start);
            step.into_inner().parse(line).map_err(|reason| format!("line {line}: {reason}"))
        });
        Ok(Self {
            name: name.to_string(),
            title: file.title,
            why: file.why.trim().to_string(),
            steps: steps.collect::<Result<_, _>>()?,
        })
    }
}

/// Returns the line number of a byte position in a text, from 1.
fn line_of(text: &str, place: usize) -> usize {
    text[..place].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts that a scenario with these steps is refused, with an error that contains `complaint`.
    #[track_caller]
    fn check(steps: &str, complaint: &str) {
        let text = format!("title = \"A\"\nwhy = \"B\"\n{steps}");
        let error = Scenario::read("a", &text).map(|_| ()).unwrap_err();
        assert!(error.contains(complaint), "{error}");
    }

    #[test]
    fn the_error_for_a_bad_file_names_its_line_and_field() {
        check("[[step]]\nconsumr = \"enter\"", "line 4, column 1");
        check("[[step]]\nconsumr = \"enter\"", "unknown field `consumr`");
        check("[[step]]\nconsumer = \"entr\"", "line 4, column 12");
        check("[[step]]\nconsumer = \"entr\"", "unknown variant `entr`");
        check("[[step]]\nexpect.orders = \"one\"", "line 4, column 17");
        check("[[step]]\nexpect.callback = []", "unknown field `callback`");
        check("[[step]]\nweather.callbacks = [{ do = \"lose\" }]", "unknown variant `lose`");
        check("[[step]]\nadvance = \"PT5S\"\nconsumer = \"enter\"", "line 3: two acts: consumer, advance");
        check(
            "[[step]]\nadvance = \"PT5S\"\nemail = \"a@b.se\"",
            "line 3: email is only for consumer = \"pay\"",
        );
        check("[[step]]\nadvance = \"5s\"", "line 3: advance = \"5s\" is not a duration such as PT5S");
        check(
            "[[step]]\ncall = \"/hpp/v1/sessions\"",
            "line 3: call = \"/hpp/v1/sessions\" is not a method and a path",
        );
        check("[[step]]\ncall = \"GET /a/$sesion\"", "line 4: $sesion is not a name");
        check("[[step]]\nshop = [200, 42]", "line 3: shop = 42 is not the status of an answer");
        check("[[step]]", "line 3: neither an act nor an expectation");
        check("", "missing field `step`");
    }
}
