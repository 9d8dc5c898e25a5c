//! An operator at the console: a browser without scripts, with its cookie.

use std::collections::BTreeMap;

use http::Method;
use kassa_domain::{Actor, Role};
use kassa_engine::{AccountCreation, Requester};

use crate::harness::{Answer, Merchant, World};

/// The password that operators of these tests choose.
pub const CHOSEN: &str = "four words that stay";

/// The type of a form's body.
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// An operator's browser.
pub struct Desk<'a> {
    world: &'a World,
    caller: Merchant,
    cookies: BTreeMap<String, String>,
    /// All cookies, as the browser sends them.
    cookie: String,
}

impl<'a> Desk<'a> {
    /// A browser in which nobody is signed in.
    pub fn closed(world: &'a World) -> Self {
        Self::at(world, &world.url)
    }

    /// The same, for a node at this URL.
    pub fn at(world: &'a World, url: &str) -> Self {
        let caller = Merchant::nobody(world.network(), url);
        Self { world, caller, cookies: BTreeMap::new(), cookie: String::new() }
    }

    /// The same browser at another node, which has the same address for it.
    pub fn moved_to(mut self, url: &str) -> Self {
        self.caller = Merchant::nobody(self.world.network(), url);
        self
    }

    /// A new operator with this role, signed in with a password of its own.
    pub async fn of(world: &'a World, name: &str, role: Role) -> Self {
        let generated = new_operator(world, name, role).await;
        let mut desk = Self::closed(world);
        assert_eq!(desk.sign_in(name, &generated).await.status, 303);
        desk.choose(&generated, CHOSEN).await;
        desk
    }

    /// Fills in the form of the sign-in.
    pub async fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        self.sign_in_to(name, password, "/console").await
    }

    /// The same, from the address of a page.
    pub async fn sign_in_to(&mut self, name: &str, password: &str, to: &str) -> Answer {
        let form = encoded(&[("name", name), ("password", password), ("to", to)]);
        let answer = self.caller.call(Method::POST, "/console/sign-in", &[FORM], form.into()).await;
        self.keep_cookies(&answer);
        answer
    }

    /// Opens a page, and keeps the cookies that it sets.
    pub async fn go(&mut self, path: &str) -> Answer {
        let answer = self.open(path).await;
        self.keep_cookies(&answer);
        answer
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match rest.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_string(), value.to_string()),
            };
        }
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.cookie = pairs.join("; ");
    }

    /// Chooses a password.
    pub async fn choose(&self, present: &str, new: &str) -> Answer {
        self.post("/console/account", &[("present", present), ("new", new), ("again", new)]).await
    }

    /// Opens a page.
    pub async fn open(&self, path: &str) -> Answer {
        self.caller.call(Method::GET, path, &[("cookie", &self.cookie)], bytes::Bytes::new()).await
    }

    /// Sends a form of a page.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let account = self.open("/console/account").await;
        let (_, rest) = account.text.split_once("name=\"form_secret\" value=\"").unwrap_or_default();
        let secret = rest.split('"').next().unwrap_or_default().to_string();
        self.post_with_secret(path, fields, &secret).await
    }

    /// Sends a form with this form secret.
    pub async fn post_with_secret(&self, path: &str, fields: &[(&str, &str)], secret: &str) -> Answer {
        let fields: Vec<_> = fields.iter().copied().chain([("form_secret", secret)]).collect();
        let headers = [FORM, ("cookie", &self.cookie)];
        self.caller.call(Method::POST, path, &headers, encoded(&fields).into()).await
    }

    /// All cookies, as the browser sends them.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }
}

/// Creates an operator. Returns the generated password.
pub async fn new_operator(world: &World, name: &str, role: Role) -> String {
    let accounts = world.app().accounts();
    match accounts.create_operator(name, role, &Requester::in_process(Actor::CommandLine)).await.unwrap() {
        AccountCreation::New(made) => made.password,
        AccountCreation::Taken | AccountCreation::Unusable(_) => panic!("{name} is new"),
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
