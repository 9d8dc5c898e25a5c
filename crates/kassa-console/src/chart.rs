//! A bar chart of page sessions over time, as SVG without a script or a style attribute.

use std::fmt::Write as _;

use kassa_domain::Timestamp;
use kassa_domain::lifecycle::Status;
use kassa_store::SessionFact;

/// Bars of the chart.
const BARS: usize = 48;

/// Width of a bar with the gap to the next, in units of the drawing.
const BAR_WIDTH: usize = 10;

/// Height of the drawing, in its units.
const HEIGHT: usize = 120;

/// The page sessions of one bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bar {
    completed: usize,
    failed: usize,
    others: usize,
}

impl Bar {
    const fn total(self) -> usize {
        self.completed + self.failed + self.others
    }

    fn add(&mut self, status: Status) {
        match status {
            Status::Completed => self.completed += 1,
            Status::Failed | Status::Error => self.failed += 1,
            Status::Waiting
            | Status::InProgress
            | Status::Back
            | Status::ManualIdCheck
            | Status::Timeout
            | Status::Cancelled
            | Status::Disabled => self.others += 1,
        }
    }
}

/// Draws the page sessions between two instants.
pub(crate) fn draw(facts: &[SessionFact], from: Timestamp, to: Timestamp) -> String {
    let bars = bars(facts, from, to);
    let tallest = bars.iter().map(|bar| bar.total()).max().unwrap_or_default().max(1);
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {} {HEIGHT}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
        BARS * BAR_WIDTH
    );
    for (place, bar) in bars.iter().enumerate() {
        let mut top = HEIGHT;
        let parts = [(bar.completed, "good"), (bar.failed, "bad"), (bar.others, "plain")];
        for (count, class) in parts.into_iter().filter(|(count, _)| *count > 0) {
            let height = (count * HEIGHT / tallest).max(1);
            top = top.saturating_sub(height);
            let (x, width) = (place * BAR_WIDTH + 1, BAR_WIDTH - 2);
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"/>"
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

fn bars(facts: &[SessionFact], from: Timestamp, to: Timestamp) -> [Bar; BARS] {
    let mut bars = [Bar::default(); BARS];
    let length_ms = to.ms_since(from).max(1);
    for fact in facts {
        let age_ms = fact.created_at.ms_since(from).clamp(0, length_ms - 1);
        let place = i128::from(age_ms) * BARS as i128 / i128::from(length_ms);
        if let Some(bar) = usize::try_from(place).ok().and_then(|place| bars.get_mut(place)) {
            bar.add(fact.status);
        }
    }
    bars
}

#[cfg(test)]
mod tests {
    use kassa_domain::PageSessionId;

    use super::*;

    fn fact(at_ms: i64, status: Status) -> SessionFact {
        let created_at = Timestamp::from_ms(at_ms);
        let id = PageSessionId::new(at_ms.to_string());
        SessionFact { id, status, created_at, tried_to_pay: false, was_opened: false }
    }

    #[test]
    fn each_page_session_is_in_the_bar_of_its_creation() {
        let facts = [fact(0, Status::Completed), fact(99, Status::Error), fact(100, Status::Waiting)];
        let bars = bars(&facts, Timestamp::from_ms(0), Timestamp::from_ms(100));
        assert_eq!(bars[0], Bar { completed: 1, failed: 0, others: 0 });
        assert_eq!(bars[BARS - 1], Bar { completed: 0, failed: 1, others: 1 });
        assert_eq!(bars.iter().map(|bar| bar.total()).sum::<usize>(), 3);
    }

    #[test]
    fn an_empty_time_has_no_bar() {
        let at = Timestamp::from_ms(5);
        assert!(!draw(&[], at, at).contains("rect"));
        assert_eq!(draw(&[fact(5, Status::Completed)], at, at).matches("rect").count(), 1);
    }
}
