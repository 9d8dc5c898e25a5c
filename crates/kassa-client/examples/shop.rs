//! A whole shop: a checkout, callbacks, and orders that are placed once, whatever gets lost on the way.
//!
//! Run `kassa dev` beside it, then `KASSA_CALLBACK_SECRET=whsec_... cargo run -p kassa-client --example shop` with the
//! secret that it prints, and open <http://127.0.0.1:8095>.

use std::error::Error;
use std::net::TcpListener;
use std::path::Path;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use kassa_client::client::{Client, ClientError, Environment, Surroundings};
use kassa_client::receiver::{Receiver, SignatureRule, UrlSecret};
use kassa_client::snapshot::Snapshot;
use kassa_client::status::Status;
use kassa_client::tracker::{Registration, Told, Tracker, TrackerOptions, sidecar};
use kassa_wire::hpp::{MerchantUrls, SessionCreation};
use kassa_wire::payments::{OrderCreation, PaymentSession};
use serde_json::{from_value, json};

const SHOP: &str = "http://127.0.0.1:8095";

#[derive(Clone)]
struct Shop {
    client: Client,
    tracker: Tracker,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = std::env::var("KASSA_CALLBACK_SECRET")?;
    let receiver = Receiver::new(UrlSecret::Unused, SignatureRule::Required(vec![secret]))?;
    let surroundings = Surroundings::system()?;
    let kassa = Environment::At("http://127.0.0.1:8080".to_string());
    let client = Client::with(surroundings.clone(), &kassa, "PK00000_dev", "dev");
    let file = Path::new("shop-tracker.db");
    let tracker = Tracker::open(file, client.clone(), surroundings, TrackerOptions::default())?;
    let shop = Shop { client, tracker: tracker.clone() };
    tokio::spawn(tracker.clone().work_forever());
    tokio::spawn(follow(shop.clone()));

    let routes = Router::new()
        .route("/", get(front))
        .route("/buy", post(buy))
        .route("/back", get(|| async { Html("<h1>Nothing was paid</h1><a href=\"/\">To the shop</a>") }))
        .route("/thanks", get(|| async { Html("<h1>Thank you</h1><a href=\"/\">To the shop</a>") }))
        .with_state(shop)
        .merge(sidecar::public_routes(&tracker, receiver));
    println!("The shop is open at {SHOP}");
    Ok(sidecar::serve(tracker, TcpListener::bind("127.0.0.1:8095")?, routes).await?)
}

async fn front() -> Html<&'static str> {
    Html("<h1>Shoes, 99.99 SEK</h1><form action=\"/buy\" method=\"post\"><button>Buy</button></form>")
}

/// Sends the consumer to the payment page, and follows the session from before the consumer sees it.
async fn buy(State(shop): State<Shop>) -> Response {
    match shop.checkout().await {
        Ok(page) => Redirect::to(&page).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

impl Shop {
    async fn checkout(&self) -> Result<String, Box<dyn Error + Send + Sync>> {
        let cart: PaymentSession = from_value(cart())?;
        let payment = self.client.create_payment_session(&cart).await?;
        let url = |path: &str| Some(format!("{SHOP}/{path}"));
        let merchant_urls = MerchantUrls {
            success: url("thanks"),
            back: url("back"),
            failure: url("back"),
            status_update: url("callbacks?sid={{session_id}}"),
            ..MerchantUrls::default()
        };
        let creation = SessionCreation {
            payment_session_url: Some(self.client.payment_session_url(&payment.session_id)),
            merchant_urls: Some(merchant_urls),
            ..SessionCreation::default()
        };
        let page = self.client.create_session(&creation).await?;
        self.tracker.register(Registration::of(&page.session_id)).await?;
        Ok(page.redirect_url.clone())
    }

    /// Does what a change asks for. It may be done twice: an order is placed once by its token.
    async fn react(&self, session: &Snapshot) -> Result<(), ClientError> {
        println!("{} is {}", session.session_id, session.status);
        let (Status::Completed, Some(token)) = (&session.status, &session.authorization_token) else {
            return Ok(());
        };
        let order: OrderCreation =
            from_value(cart()).map_err(|error| ClientError::Unsendable(error.to_string()))?;
        let placed = self.client.create_order(token, &order).await?;
        println!("{} became order {}", session.session_id, placed.order_id);
        Ok(())
    }
}

/// Takes each change once it is told, and acknowledges what was done.
async fn follow(shop: Shop) {
    loop {
        let told: Told = match shop.tracker.next_change().await {
            Ok(told) => told,
            Err(error) => return eprintln!("the tracker stopped: {error}"),
        };
        match shop.react(&told.snapshot).await {
            Ok(()) => {
                if let Err(error) = shop.tracker.acknowledge(&told).await {
                    eprintln!("not acknowledged, so it comes again: {error}");
                }
            }
            // It comes again when its lease ends.
            Err(error) => eprintln!("{}: {error}", told.snapshot.session_id),
        }
    }
}

fn cart() -> serde_json::Value {
    json!({
        "purchase_country": "SE", "purchase_currency": "SEK", "locale": "en-SE",
        "order_amount": 9999, "order_tax_amount": 1870,
        "order_lines": [{"name": "Shoes", "quantity": 1, "unit_price": 9999, "tax_rate": 2300,
                         "total_amount": 9999, "total_tax_amount": 1870}]
    })
}
