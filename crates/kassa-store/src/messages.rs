//! Messages to consumers, which the timeline and the lab's inbox show.

use kassa_domain::{MerchantId, PageSessionId, Timestamp};
use kassa_sql::{Row, Value, columns, sql};

use crate::engine::{Statement, Unit};
use crate::message_deliveries::{NewDelivery, insert_delivery};
use crate::reading::ReadColumn as _;
use crate::seal::{DataSeal, Purpose};
use crate::{Store, StoreError};

/// A message with the link to a page.
#[derive(Clone, Debug)]
pub struct Message {
    /// The message's id.
    pub id: String,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// The page session that the message is about.
    pub page_session_id: PageSessionId,
    /// `email`, `sms` or `token`.
    pub channel: String,
    /// The address, the number, or the access id.
    pub recipient: String,
    /// The subject of an e-mail, else empty.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The link to the page.
    pub link: String,
    /// When it was accepted.
    pub created_at: Timestamp,
}

columns! {
    message { message_id, merchant_id, page_session_id, channel, recipient, subject, body, link, created_at }
}

impl Store {
    /// Stores a message, and its delivery if it is to be sent. Without one it is only in the inbox.
    pub async fn add_message(
        &self,
        message: &Message,
        delivery: Option<&NewDelivery>,
    ) -> Result<(), StoreError> {
        let sealed = |text: &str| Value::from(self.seal.seal(Purpose::Message, text)).into_owned();
        let statement = Statement::new(
            "insert into message (message_id, merchant_id, page_session_id, channel, recipient, subject, body,
               link, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                message.id.as_str().into(),
                message.merchant_id.as_str().into(),
                message.page_session_id.as_str().into(),
                message.channel.as_str().into(),
                sealed(&message.recipient),
                sealed(&message.subject),
                sealed(&message.body),
                sealed(&message.link),
                message.created_at.as_ms().into(),
            ],
        );
        let mut unit = Unit::of(statement);
        if let Some(delivery) = delivery {
            unit.push(insert_delivery(message, delivery));
        }
        self.run_unguarded(unit).await.map(drop)
    }

    /// The merchant's messages, oldest first.
    pub async fn messages(&self, of: &MerchantId) -> Result<Vec<Message>, StoreError> {
        let statement = Statement::new(
            sql!("select {message} from message where merchant_id = $1 order by message_id", message),
            [of.as_str().into()],
        );
        self.rows(statement, |row| read_message(&self.seal, row)).await
    }

    /// The messages about a page session, oldest first.
    pub async fn messages_about(&self, of: &PageSessionId) -> Result<Vec<Message>, StoreError> {
        let statement = Statement::new(
            sql!("select {message} from message where page_session_id = $1 order by message_id", message),
            [of.as_str().into()],
        );
        self.rows(statement, |row| read_message(&self.seal, row)).await
    }

    /// Empties the merchant's inbox.
    pub async fn clear_messages(&self, of: &MerchantId) -> Result<(), StoreError> {
        let mut unit = Unit::default();
        for sql in DELETE_MESSAGES_OF_MERCHANT {
            unit.push(Statement::new(sql, [of.as_str().into()]));
        }
        self.run_unguarded(unit).await.map(drop)
    }
}

/// The deletion of a merchant's messages, in this order.
pub(crate) const DELETE_MESSAGES_OF_MERCHANT: [&str; 3] = [
    "delete from message_attempt
     where message_id in (select message_id from message where merchant_id = $1)",
    "delete from message_delivery
     where message_id in (select message_id from message where merchant_id = $1)",
    "delete from message where merchant_id = $1",
];

pub(crate) fn select_message(id: &str) -> Statement {
    Statement::new(sql!("select {message} from message where message_id = $1", message), [id.into()])
}

pub(crate) fn read_message(seal: &DataSeal, row: &mut Row) -> Result<Message, StoreError> {
    Ok(Message {
        id: row.get(message::message_id)?,
        merchant_id: MerchantId::new(row.text(message::merchant_id)?),
        page_session_id: PageSessionId::new(row.text(message::page_session_id)?),
        channel: row.get(message::channel)?,
        recipient: seal.text(row, message::recipient, Purpose::Message)?,
        subject: seal.text(row, message::subject, Purpose::Message)?,
        body: seal.text(row, message::body, Purpose::Message)?,
        link: seal.text(row, message::link, Purpose::Message)?,
        created_at: row.instant(message::created_at)?,
    })
}
