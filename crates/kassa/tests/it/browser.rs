//! The pages in real Chromium, served by the real binary: every outcome of a payment, the demo shop, and the lab. Tests
//! find elements only by their test ids.

mod axe;
mod chromedriver;
mod console;
mod embedding_shop;
mod pseudo;
mod scene;
mod shop;
mod window;

mod consumer_cancels;
mod consumer_goes_back;
mod consumer_is_declined;
mod consumer_leaves_to_the_shop;
mod consumer_mends_the_form;
mod consumer_pays;
mod consumer_pays_at_klarna;
mod consumer_pays_at_payu;
mod description_is_readable;
mod developer_works_in_the_lab;
mod every_language_fits;
mod everyone_can_read_the_pages;
mod first_page_links_everything;
mod link_is_no_longer_payable;
mod long_words_and_large_text_fit;
mod open_page_is_live;
mod operator_signs_in_with_openid;
mod operator_uses_the_console;
mod other_sites_drive_nothing;
mod payment_fails_technically;
mod payment_is_confirmed_later;
mod shop_embeds_the_sdk;
mod shop_gives_no_urls;
mod shopper_buys_in_the_demo;
mod staff_checks_a_document;
mod tracker_page_is_readable;
