//! A whole shop: a checkout, callbacks, and one order per payment, even if callbacks or answers are lost.
//!
//! Run `kassa dev`, then `KASSA_CALLBACK_SECRET=whsec_... cargo run -p kassa-client --example shop` with the secret that
//! `kassa dev` prints, and open <http://127.0.0.1:8095>.

use std::error::Error;
use std::net::TcpListener;
use std::path::Path;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use kassa_client::client::{Client, Dependencies, Environment};
use kassa_client::fraud_status::FraudStatus;
use kassa_client::receiver::{Receiver, SignatureRule, UrlSecret};
use kassa_client::tracker::{OrderState, Registration, Service, Tracker, TrackerOptions, sidecar};
use kassa_wire::hpp::{MerchantUrls, SessionCreation};
use kassa_wire::payments::PaymentSession;
use serde_json::{Value, from_value, json};

#[derive(Clone)]
struct Shop {
    url: String,
    client: Client,
    tracker: Tracker,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = std::env::var("KASSA_CALLBACK_SECRET")?;
    let socket = TcpListener::bind("127.0.0.1:8095")?;
    println!("The shop is open at http://127.0.0.1:8095");
    open(socket, "http://127.0.0.1:8080", secret, Path::new("shop-tracker.db")).await
}

/// Runs the shop, with the tracker's state in a file.
pub async fn open(
    socket: TcpListener,
    kassa: &str,
    secret: String,
    file: &Path,
) -> Result<(), Box<dyn Error>> {
    let receiver = Receiver::new(UrlSecret::Unused, SignatureRule::Required(vec![secret]))?;
    let dependencies = Dependencies::system()?;
    let environment = Environment::At(kassa.to_string());
    let client = Client::with(dependencies.clone(), &environment, "PK00000_dev", "dev");
    // Only Kassa has a feed. For the vendor's service, omit this: callbacks and reads are enough.
    let options = TrackerOptions { service: Service::Kassa, ..TrackerOptions::default() };
    let tracker = Tracker::open(file, client.clone(), dependencies, options)?;
    tokio::spawn(tracker.clone().work_forever());
    tokio::spawn(follow(tracker.clone()));

    let url = format!("http://{}", socket.local_addr()?);
    let routes = Router::new()
        .route("/", get(front))
        .route("/buy", post(buy))
        .route("/back", get(|| async { Html("<h1>Nothing was paid</h1><a href=\"/\">To the shop</a>") }))
        .route("/thanks", get(|| async { Html("<h1>Thank you</h1><a href=\"/\">To the shop</a>") }))
        .with_state(Shop { url, client, tracker: tracker.clone() })
        .merge(sidecar::public_routes(&tracker, receiver));
    Ok(sidecar::serve(tracker, socket, routes).await?)
}

async fn front() -> Html<&'static str> {
    Html("<h1>Shoes, 99.99 SEK</h1><form action=\"/buy\" method=\"post\"><button>Buy</button></form>")
}

/// Sends the consumer to the payment page, after registering the session with the tracker.
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
        let url = |path: &str| Some(format!("{}/{path}", self.url));
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
        // If the consumer pays, the tracker places this order, once.
        let registration = Registration { order: Some(self::cart()), ..Registration::of(&page.session_id) };
        self.tracker.register(registration).await?;
        Ok(page.redirect_url.clone())
    }
}

/// Handles each reported change. A change may be reported again with the same id, so handling it must be repeatable.
async fn follow(tracker: Tracker) {
    while let Some(change) = tracker.next_change().await {
        println!("{}: {} is {}", change.change_id, change.snapshot.session_id, change.snapshot.status());
        if let Some(order) = &change.order {
            match order {
                OrderState::Placed { order_id, fraud_status: None | Some(FraudStatus::Accepted) } => {
                    println!("ship order {order_id}");
                }
                OrderState::Placed { order_id, fraud_status: Some(other) } => {
                    println!("do not ship order {order_id} yet: {other}");
                }
                OrderState::Awaited | OrderState::Placing { .. } => println!("the order is being placed"),
                OrderState::Refused { why } | OrderState::TooLate { why } | OrderState::NoToken { why } => {
                    println!("no order: {why}");
                }
            }
        }
        // If this fails, the tracker reports the change again.
        let _ = tracker.acknowledge(&change).await;
    }
}

fn cart() -> Value {
    json!({
        "purchase_country": "SE", "purchase_currency": "SEK", "locale": "en-SE",
        "order_amount": 9999, "order_tax_amount": 1870,
        "order_lines": [{"name": "Shoes", "quantity": 1, "unit_price": 9999, "tax_rate": 2300,
                         "total_amount": 9999, "total_tax_amount": 1870}]
    })
}
