//! Test merchants, and the actions on all data of a merchant.

use bytes::Bytes;
use http::Method;

use super::{LAB, open, page_of, press, press_and_see};
use crate::harness::{World, journey, text};
use crate::lab::session_after;

const MERCHANTS: &str = "/lab/of/merchant/merchants";

/// Creates a merchant and returns the address of its lab.
async fn made(world: &World, name: &str) -> String {
    let fields = [("do", "make-merchant"), ("name", name)];
    let html = press_and_see(world, MERCHANTS, &fields, &format!("<b>{name}</b> is created.")).await;
    let before = html.split("\" data-testid=\"to-made\"").next().unwrap();
    before.rsplit("href=\"").next().unwrap().to_string()
}

#[test]
fn a_test_merchant_is_created_shown_and_deleted() {
    journey(async |world| {
        let lab = made(&world, "Shoe Shop").await;
        let id = lab.strip_prefix("/lab/of/").unwrap();
        assert!(open(&world, &lab).await.contains("Lab of Shoe Shop"));
        press_and_see(&world, &lab, &[("do", "freeze")], "The clock is frozen.").await;
        assert_eq!(world.merchant.get("/lab/v1/clock").await.json["frozen"], false, "it has its own clock");
        assert!(open(&world, MERCHANTS).await.contains(&lab));

        let fields = [("do", "throw-away"), ("merchant", id)];
        let html =
            press_and_see(&world, MERCHANTS, &fields, "The merchant and all its data are deleted").await;
        assert!(!html.contains(&lab));
        let gone = world.browser(Method::GET, &lab, Bytes::new()).await;
        assert!(gone.status == 404 && gone.text.contains("It may have been deleted"), "{}", gone.text);
    });
}

#[test]
fn a_merchant_that_the_lab_did_not_create_cannot_be_deleted() {
    journey(async |world| {
        for (id, status) in [("merchant", 403), ("stranger", 403), ("nobody", 400)] {
            let answer = press(&world, MERCHANTS, &[("do", "throw-away"), ("merchant", id)]).await;
            assert_eq!(answer.status, status, "{id}");
        }
        assert_eq!(world.stranger.get("/kassa/v1/sessions").await.status, 200);
    });
}

#[test]
fn all_data_is_exported_reset_and_imported() {
    journey(async |world| {
        let session = session_after(&world, "approve").await;
        let file = world.browser(Method::GET, &format!("{LAB}/export"), Bytes::new()).await;
        let disposition = "attachment; filename=\"kassa-merchant.json\"";
        assert_eq!((file.status, file.header("content-disposition")), (200, disposition));
        let one = world.browser(Method::GET, &format!("{LAB}/export?session={session}"), Bytes::new()).await;
        assert_eq!(one.json["tables"]["page_session"].as_array().unwrap().len(), 1);
        let quoted = format!("{LAB}/export?session={session}%22;filename=%22x.exe");
        assert_eq!(world.browser(Method::GET, &quoted, Bytes::new()).await.status, 400);

        press_and_see(&world, MERCHANTS, &[("do", "reset")], "All data of the merchant is deleted").await;
        assert!(open(&world, LAB).await.contains("No sessions yet."));
        let import = [("do", "import"), ("file", file.text.as_str())];
        press_and_see(&world, MERCHANTS, &import, "Imported sessions: 1.").await;
        assert_eq!(text(&open(&world, &page_of(&session)).await, "status"), "COMPLETED");
        let again = press(&world, MERCHANTS, &import).await;
        assert_eq!(
            (again.status, text(&again.text, "refused")),
            (409, "Import conflict: some of these sessions already exist")
        );
        let unreadable = press(&world, MERCHANTS, &[("do", "import"), ("file", "{}")]).await;
        assert_eq!(unreadable.status, 400);
    });
}
