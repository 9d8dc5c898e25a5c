//! An operator at the console: a browser without scripts, with its cookie.

use http::Method;
use kassa_domain::{Actor, Role};
use kassa_engine::{AccountCreation, Requester};

use crate::harness::{Answer, World};

/// The password that operators of these tests choose.
pub const CHOSEN: &str = "four words that stay";

/// The type of a form's body.
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// An operator's browser.
pub struct Desk<'a> {
    world: &'a World,
    /// The cookie of the sign-in; empty before it.
    cookie: String,
}

impl<'a> Desk<'a> {
    /// A browser in which nobody is signed in.
    pub fn closed(world: &'a World) -> Self {
        Self { world, cookie: String::new() }
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
        let answer = self.world.sends(Method::POST, "/console/sign-in", &[FORM], form.into()).await;
        if let Some((cookie, _)) = answer.header("set-cookie").split_once(';') {
            self.cookie = cookie.to_string();
        }
        answer
    }

    /// Chooses a password.
    pub async fn choose(&self, present: &str, new: &str) -> Answer {
        self.post("/console/account", &[("present", present), ("new", new), ("again", new)]).await
    }

    /// Opens a page.
    pub async fn open(&self, path: &str) -> Answer {
        self.world.looks(Method::GET, path, &[("cookie", &self.cookie)]).await
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
        self.world.sends(Method::POST, path, &headers, encoded(&fields).into()).await
    }

    /// The cookie of the sign-in.
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
