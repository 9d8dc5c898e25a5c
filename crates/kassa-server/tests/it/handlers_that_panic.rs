//! A handler that panics answers with an error, and the next call works: through the table of frequent calls, and
//! through the router. The router gets a path with an escaped letter, or one that is not in the table.

use bytes::Bytes;
use http::Method;

use crate::harness::{Answer, World, live_journey};

/// The path with its last letter escaped.
fn for_router(path: &str) -> String {
    let (rest, last) = path.split_at(path.len() - 1);
    format!("{rest}%{:02x}", last.as_bytes()[0])
}

/// The answer of a call whose handler panics. A worker of the node may ask for the date before the handler.
async fn after_a_panic(world: &World, call: impl AsyncFn() -> Answer) -> Answer {
    for _ in 0..20 {
        world.clock.break_once();
        let answer = call().await;
        if answer.status == 500 {
            return answer;
        }
    }
    panic!("no handler panicked");
}

fn is_whole_answer(answer: &Answer) -> bool {
    !answer.header("klarna-correlation-id").is_empty() && !answer.text.is_empty()
}

#[test]
fn a_handler_of_an_api_that_panics_answers_with_the_error_body() {
    live_journey(|world| async move {
        let path = format!("/hpp/v1/sessions/{}", world.page_session().await);
        for path in [path.clone(), for_router(&path), "/kassa/v1/sessions".to_string()] {
            let answer = after_a_panic(&world, async || world.merchant.get(&path).await).await;
            assert!(answer.error().contains("INTERNAL_SERVER_ERROR"), "{path}: {}", answer.text);
            assert!(is_whole_answer(&answer), "{path}");
            assert_eq!(world.merchant.get(&path).await.status, 200, "{path}");
        }
    });
}

#[test]
fn a_handler_of_the_page_that_panics_answers_with_the_page_of_an_error() {
    live_journey(|world| async move {
        let page = world.page_of(&world.page_session().await);
        let calls = [
            (Method::GET, page.clone()),
            (Method::GET, for_router(&page)),
            (Method::GET, format!("{page}/outcome")),
            (Method::POST, format!("{page}/back")),
            (Method::POST, format!("{page}/pay")),
            (Method::GET, format!("{page}/cancel")),
        ];
        for (method, path) in calls {
            let call = async || world.browser(method.clone(), &path, Bytes::new()).await;
            let answer = after_a_panic(&world, call).await;
            assert!(
                answer.text.contains("data-testid=\"outcome-error\""),
                "{method} {path}: {}",
                answer.text
            );
            assert!(is_whole_answer(&answer), "{method} {path}");
            assert_eq!(world.browser(Method::GET, &page, Bytes::new()).await.status, 200, "{method} {path}");
        }
    });
}
