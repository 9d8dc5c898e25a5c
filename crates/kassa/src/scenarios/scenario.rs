//! A scenario: a file of TOML that says who does what, and what is to be seen then. docs/scenarios.md describes it.

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
    /// Why it matters, in two lines.
    pub(super) why: String,
    pub(super) steps: Vec<Step>,
}

/// What a file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    title: String,
    why: String,
    #[serde(rename = "step")]
    steps: Vec<Spanned<WrittenStep>>,
}

impl Scenario {
    /// Reads a scenario; an `Err` names line and field.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, String> {
        let written: Written = toml::from_str(text).map_err(|error| error.to_string())?;
        let saved = written.steps.iter().flat_map(|step| step.get_ref().saved());
        names::check(text, &saved.collect::<Vec<_>>())?;
        let steps = written.steps.into_iter().map(|step| {
            let line = line_of(text, step.span().start);
            step.into_inner().parse(line).map_err(|reason| format!("line {line}: {reason}"))
        });
        Ok(Self {
            name: name.to_string(),
            title: written.title,
            why: written.why.trim().to_string(),
            steps: steps.collect::<Result<_, _>>()?,
        })
    }
}

/// The line of a place in a text, from 1.
fn line_of(text: &str, place: usize) -> usize {
    text[..place].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is complained of in a scenario with these steps.
    #[track_caller]
    fn check(steps: &str, complaint: &str) {
        let text = format!("title = \"A\"\nwhy = \"B\"\n{steps}");
        let said = Scenario::read("a", &text).map(|_| ()).unwrap_err();
        assert!(said.contains(complaint), "{said}");
    }

    #[test]
    fn what_cannot_be_read_is_named_by_line_and_field() {
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
            "line 3: email goes with consumer = \"pay\"",
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
