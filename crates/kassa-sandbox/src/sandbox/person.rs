//! The sandbox consumer: what the consumer entered on the page, and a name, an address and a date of birth for what
//! nobody entered (docs/wire.md#sandbox-consumers).

use kassa_domain::Timestamp;
use kassa_domain::time::DAY_MS;
use kassa_engine::Consumer;
use kassa_wire::payments::PaymentSession;
use kassa_wire::people::{Address, Customer};
use kassa_wire::stored::Stored;
use kassa_wire::time::format_ms;
use serde::{Deserialize, Serialize};

/// The consumer's input on the page. The authorization keeps it as JSON.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ConsumerDetails {
    email: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    date_of_birth: Option<String>,
}

impl Stored for ConsumerDetails {
    const NAME: &'static str = "consumer";
}

impl ConsumerDetails {
    pub(crate) fn by(consumer: &Consumer) -> Self {
        let sign_up = consumer.sign_up.as_ref();
        let given = |text: &str| Some(text.trim().to_string()).filter(|text| !text.is_empty());
        Self {
            email: given(&consumer.email),
            given_name: sign_up.and_then(|sign_up| given(&sign_up.given_name)),
            family_name: sign_up.and_then(|sign_up| given(&sign_up.family_name)),
            date_of_birth: sign_up.and_then(|sign_up| given(&sign_up.date_of_birth)),
        }
    }

    /// Returns the e-mail address that the consumer entered.
    pub(crate) fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    fn address(&self) -> Address {
        Address {
            email: self.email.clone(),
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            ..Address::default()
        }
    }
}

/// Completes the content of an order by what the consumer entered, and by the sandbox consumer of the country. The
/// merchant's own fields stay. The effective country becomes the country of the order for good.
pub(crate) fn with_consumer_details(content: PaymentSession, entered: &ConsumerDetails) -> PaymentSession {
    let country = content.effective_country().to_ascii_uppercase();
    let person = PERSONS.iter().find(|person| person.country == country).unwrap_or(&PERSONS[0]);
    let address = content.billing_address.clone().unwrap_or_default();
    let address = address.completed_with(&entered.address()).completed_with(&person.address(&country));
    let customer = content.customer.clone().unwrap_or_default();
    let date_of_birth =
        customer.date_of_birth().map(str::to_string).or_else(|| entered.date_of_birth.clone());
    let kind = if address.organization_name.is_some() { "organization" } else { "person" };
    PaymentSession {
        purchase_country: country,
        billing_address: Some(address),
        customer: Some(Customer {
            date_of_birth: date_of_birth.or_else(|| Some(DATE_OF_BIRTH.to_string())),
            r#type: customer.r#type.or_else(|| Some(kind.to_string())),
            ..customer
        }),
        ..content
    }
}

/// Returns the latest day on which a consumer can be born, as `yyyy-mm-dd`: tomorrow, because in some time zones it is
/// already tomorrow.
pub(crate) fn latest_date_of_birth(now: Timestamp) -> String {
    format_ms(now.plus_ms(DAY_MS).as_ms()).chars().take("yyyy-mm-dd".len()).collect()
}

/// The date of birth of every sandbox consumer.
const DATE_OF_BIRTH: &str = "1970-01-01";

/// A sandbox consumer.
struct Person {
    country: &'static str,
    given_name: &'static str,
    family_name: &'static str,
    street_address: &'static str,
    postal_code: &'static str,
    city: &'static str,
    region: &'static str,
}

impl Person {
    fn address(&self, country: &str) -> Address {
        let text = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
        Address {
            given_name: text(self.given_name),
            family_name: text(self.family_name),
            email: Some(format!("customer@email.{}", country.to_ascii_lowercase())),
            street_address: text(self.street_address),
            postal_code: text(self.postal_code),
            city: text(self.city),
            region: text(self.region),
            country: text(country),
            ..Address::default()
        }
    }
}

/// One consumer for each country. The first one also stands for every other country.
const PERSONS: [Person; 18] = {
    const fn person(
        country: &'static str,
        [given_name, family_name]: [&'static str; 2],
        [street_address, postal_code, city, region]: [&'static str; 4],
    ) -> Person {
        Person { country, given_name, family_name, street_address, postal_code, city, region }
    }
    [
        person("SE", ["Alva", "Lindgren"], ["Provgatan 1", "111 22", "Stockholm", ""]),
        person("NO", ["Ola", "Hansen"], ["Prøveveien 1", "0150", "Oslo", ""]),
        person("DK", ["Freja", "Jensen"], ["Prøvevej 1", "1050", "København K", ""]),
        person("FI", ["Aino", "Virtanen"], ["Koekatu 1", "00100", "Helsinki", ""]),
        person("DE", ["Mia", "Schmidt"], ["Probestraße 1", "10115", "Berlin", ""]),
        person("AT", ["Lena", "Gruber"], ["Probegasse 1", "1010", "Wien", ""]),
        person("CH", ["Noah", "Meier"], ["Probeweg 1", "8001", "Zürich", ""]),
        person("NL", ["Sanne", "de Vries"], ["Proefstraat 1", "1012 AB", "Amsterdam", ""]),
        person("BE", ["Louise", "Peeters"], ["Proefstraat 1", "1000", "Brussel", ""]),
        person("FR", ["Camille", "Martin"], ["1 rue de l'Essai", "75001", "Paris", ""]),
        person("ES", ["Lucía", "García"], ["Calle Prueba 1", "28013", "Madrid", ""]),
        person("IT", ["Giulia", "Rossi"], ["Via Prova 1", "00184", "Roma", "RM"]),
        person("PT", ["Maria", "Silva"], ["Rua da Prova 1", "1100-148", "Lisboa", ""]),
        person("PL", ["Zofia", "Nowak"], ["ul. Próbna 1", "00-001", "Warszawa", ""]),
        person("GB", ["Olivia", "Smith"], ["1 Sample Street", "EC1A 1BB", "London", ""]),
        person("IE", ["Aoife", "Murphy"], ["1 Sample Street", "D01 F5P2", "Dublin", ""]),
        person("US", ["Emma", "Johnson"], ["1 Sample Street", "10001", "New York", "NY"]),
        person("AU", ["Charlotte", "Wilson"], ["1 Sample Street", "2000", "Sydney", "NSW"]),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;
    use kassa_engine::SignUp;

    fn content(country: &str) -> PaymentSession {
        PaymentSession { purchase_country: country.to_string(), ..PaymentSession::default() }
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_string())
    }

    #[test]
    fn every_country_has_a_consumer_with_name_address_and_date_of_birth() {
        for country in PERSONS.iter().map(|person| person.country).chain(["JP"]) {
            let order = with_consumer_details(content(country), &ConsumerDetails::default());
            let address = order.billing_address.unwrap();
            for field in [
                &address.given_name,
                &address.family_name,
                &address.email,
                &address.street_address,
                &address.postal_code,
                &address.city,
            ] {
                assert!(field.as_ref().is_some_and(|text| !text.is_empty()), "{country}");
            }
            assert_eq!(address.country, text(country));
            assert_eq!(order.customer.unwrap().date_of_birth, text("1970-01-01"));
        }
    }

    #[test]
    fn details_of_the_merchant_come_before_those_of_the_consumer() {
        let consumer = Consumer {
            email: "jo@email.no".to_string(),
            sign_up: Some(SignUp {
                given_name: "Jo".to_string(),
                family_name: "Berg".to_string(),
                date_of_birth: "1990-02-03".to_string(),
            }),
            ..Consumer::default()
        };
        let merchant =
            Address { given_name: text("Kari"), email: text(""), country: text("NO"), ..Address::default() };
        let cart = PaymentSession { billing_address: Some(merchant), ..content("SE") };
        let order = with_consumer_details(cart.clone(), &ConsumerDetails::by(&consumer));
        let address = order.billing_address.unwrap();
        assert_eq!(
            [address.given_name, address.family_name, address.email, address.city, address.country],
            ["Kari", "Berg", "jo@email.no", "Oslo", "NO"].map(text)
        );
        assert_eq!(order.customer.unwrap().date_of_birth, text("1990-02-03"));
        let born =
            Customer { date_of_birth: text("1985-05-06"), gender: text("female"), ..Customer::default() };
        let order = with_consumer_details(
            PaymentSession { customer: Some(born), ..cart },
            &ConsumerDetails::by(&consumer),
        );
        let customer = order.customer.unwrap();
        assert_eq!((customer.date_of_birth, customer.gender), (text("1985-05-06"), text("female")));
    }
}
