//! The audit trail: hash chains of entries, one chain for each merchant and one for administrative acts.
//!
//! Nothing here is on the hot path. A status change is committed as a row of `status_event`. It gets a position in its
//! merchant's feed later, and one more unit copies it into the chain. An administrative act is a row of
//! `administrative_act` in the transaction of its change, and another unit moves it into the chain. Each of these units
//! is guarded by the head of its chain: of two nodes that append at once, one is refused whole.

mod comparison;

use kassa_domain::{EventId, MerchantId, PageSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::engine::{Guard, Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

pub use comparison::{ComparedAccount, ComparedSession};

/// The record of an administrative act, which the store inserts in the transaction of the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAct {
    /// The id of the act.
    pub id: String,
    /// When the act was recorded.
    pub recorded_at: Timestamp,
    /// The content of its entry, as JSON.
    pub content: String,
}

/// An entry of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainedEntry {
    /// The position in the chain, from 1.
    pub position: i64,
    /// When it was put into the chain.
    pub recorded_at: Timestamp,
    /// The content, as JSON.
    pub content: String,
    /// The hash of the entry, in hexadecimal.
    pub hash: String,
}

/// Both ends of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainEnds {
    /// The name of the chain.
    pub chain: String,
    /// The position of its last entry; 0 if it has none.
    pub last_position: i64,
    /// The hash of its last entry; empty if it has none.
    pub last_hash: String,
    /// The position of the last entry that was removed after its retention; 0 if none was.
    pub removed_position: i64,
    /// The hash of that entry; empty if there is none.
    pub removed_hash: String,
}

impl ChainEnds {
    /// The ends of a chain without entries.
    #[must_use]
    pub fn empty(chain: &str) -> Self {
        let none = String::new();
        let (last_hash, removed_hash) = (none.clone(), none);
        Self { chain: chain.to_string(), last_position: 0, last_hash, removed_position: 0, removed_hash }
    }
}

/// How far a merchant's feed and its chain go, as positions of the feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedEnds {
    /// The last position that was given to an event.
    pub last_position: i64,
    /// The position up to which the events are in the chain.
    pub chained_position: i64,
}

/// A status change, as the tables have it. Its words are not parsed: somebody may have changed them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainedEvent {
    /// Its position in the merchant's feed.
    pub position: i64,
    /// The session.
    pub page_session_id: PageSessionId,
    /// Its number among the session's events.
    pub sequence: i64,
    /// The event's id.
    pub event_id: EventId,
    /// The name of the event.
    pub event: String,
    /// The status before; `None` if the event before is unknown.
    pub status_before: Option<String>,
    /// The status after the event.
    pub status: String,
    /// The kind of the actor; `None` if an old node did not store it.
    pub actor_kind: Option<String>,
    /// The name of the actor, if its kind has one.
    pub actor_name: Option<String>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the session expires; `None` if there is no such session.
    pub expires_at: Option<Timestamp>,
}

/// The rows that new entries are about.
#[derive(Clone, Copy, Debug)]
pub enum ChainedSource<'a> {
    /// The merchant's events up to a position of its feed.
    Feed(&'a MerchantId, i64),
    /// These administrative acts, which the unit removes from `administrative_act`.
    Acts(&'a [NewAct]),
}

columns! {
    audit_entry { position, recorded_at, content, hash }
    chain_ends { chain, last_position, last_hash, removed_position, removed_hash }
    feed_ends { last_position, chained_position }
    stored_act { act_id, recorded_at, content }
    chained_event {
        position = "e.position",
        page_session_id = "e.page_session_id",
        sequence = "e.sequence",
        event_id = "e.event_id",
        event = "e.event",
        status_before = "case when e.sequence = 1 then 'WAITING' else p.status end",
        status = "e.status",
        actor_kind = "e.actor_kind",
        actor_name = "e.actor_name",
        occurred_at = "e.occurred_at",
        expires_at = "s.expires_at",
    }
}

/// A unit for a change with its act. It locks the counter of acts first, so that the acts of two units are numbered in
/// the order of their commits, and two units do not wait for each other.
pub(crate) fn unit_with_act() -> Unit {
    let lock = Statement::new(sql!("select last_sequence from act_counter where name = 'act' {update}"), []);
    Unit::of(lock.locking_for(Guard::ActCounter))
}

/// Adds the record of an act to its unit, after the change.
pub(crate) fn push_act(unit: &mut Unit, act: &NewAct) {
    unit.push(count_act());
    unit.push(Statement::new(
        sql!(
            "insert into administrative_act (act_id, recorded_at, content, sequence)
             {values}$1, $2, $3, (select last_sequence from act_counter where name = 'act'){end}"
        ),
        [act.id.as_str().into(), act.recorded_at.as_ms().into(), act.content.as_str().into()],
    ));
}

/// Raises the counter of acts.
pub(crate) fn count_act() -> Statement {
    Statement::new(
        sql!("update act_counter set last_sequence = last_sequence + 1 where name = 'act'{and met}"),
        [],
    )
}

impl Store {
    /// Records an act that changes no row, or whose changes take several transactions.
    pub async fn record_act(&self, act: &NewAct) -> Result<(), StoreError> {
        let mut unit = unit_with_act();
        push_act(&mut unit, act);
        self.run_unguarded(unit).await.map(drop)
    }

    /// Whether a status change or an act is not in its chain yet.
    pub async fn has_audit_work(&self) -> Result<bool, StoreError> {
        let sql = "select case when exists (select 1 from status_event where position is null)
             or exists (select 1 from feed where last_position > chained_position)
             or exists (select 1 from administrative_act) then 1 else 0 end";
        let found = self.row(Statement::new(sql, []), |row| Ok(row.only::<bool>()?)).await?;
        Ok(found.unwrap_or_default())
    }

    /// The number of status changes and acts that are not in their chains yet, up to a limit for each kind.
    pub async fn audit_backlog(&self, limit: i64) -> Result<i64, StoreError> {
        let statement = Statement::new(
            "select (select count(*) from (select 1 from status_event where position is null limit $1) unplaced)
               + (select count(*) from (select 1 from administrative_act limit $1) unchained)
               + coalesce((select cast(sum(last_position - chained_position) as bigint) from feed
                   where last_position > chained_position), 0)",
            [limit.into()],
        );
        Ok(self.row(statement, |row| Ok(row.only()?)).await?.unwrap_or_default())
    }

    /// Takes the turn to chain entries, or keeps it; `false` if another node has it.
    pub async fn take_audit_turn(
        &self,
        holder: &str,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "insert into audit_turn (name, holder, leased_until) values ('chain', $1, $2)
             on conflict (name) do update set holder = excluded.holder, leased_until = excluded.leased_until
             where audit_turn.holder = excluded.holder or audit_turn.leased_until <= $3
             returning 1",
            [holder.into(), leased_until.as_ms().into(), now.as_ms().into()],
        );
        Ok(!self.run_unguarded(Unit::of(statement).contending_for("audit turn")).await?.is_empty())
    }

    /// The next merchant, by id, with events that have no position in its feed.
    pub async fn next_unplaced_merchant(&self, after: &str) -> Result<Option<MerchantId>, StoreError> {
        let statement = Statement::new(
            "select merchant_id from status_event where position is null and merchant_id > $1
             order by merchant_id limit 1",
            [after.into()],
        );
        self.row(statement, |row| Ok(MerchantId::new(row.only::<String>()?))).await
    }

    /// The next merchants, by id, with events that are not in their chains.
    pub async fn unchained_merchants(&self, after: &str, limit: i64) -> Result<Vec<MerchantId>, StoreError> {
        let statement = Statement::new(
            "select merchant_id from feed where last_position > chained_position and merchant_id > $1
             order by merchant_id limit $2",
            [after.into(), limit.into()],
        );
        self.rows(statement, |row| Ok(MerchantId::new(row.only::<String>()?))).await
    }

    /// How far the merchant's feed and its chain go. A merchant without events has no row: both are 0.
    pub async fn feed_ends(&self, of: &MerchantId) -> Result<FeedEnds, StoreError> {
        let statement = Statement::new(
            sql!("select {feed_ends} from feed where merchant_id = $1", feed_ends),
            [of.as_str().into()],
        );
        let read = |row: &mut Row| {
            let last_position = row.get(feed_ends::last_position)?;
            Ok(FeedEnds { last_position, chained_position: row.get(feed_ends::chained_position)? })
        };
        Ok(self.row(statement, read).await?.unwrap_or_default())
    }

    /// Marks the rest of a feed as chained, whose events were erased before. The caller read the ends first, and found
    /// no event between them.
    pub async fn skip_erased_events(&self, of: &MerchantId, ends: FeedEnds) -> Result<(), StoreError> {
        let statement = Statement::new(
            "update feed set chained_position = $1 where merchant_id = $2 and chained_position = $3",
            [ends.last_position.into(), of.as_str().into(), ends.chained_position.into()],
        );
        self.run_unguarded(Unit::of(statement).contending_for(of.as_str())).await.map(drop)
    }

    /// The merchant's events after a position of its feed, in order.
    pub async fn chained_events(
        &self,
        of: &MerchantId,
        after: i64,
        up_to: i64,
        limit: i64,
    ) -> Result<Vec<ChainedEvent>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {chained_event}
                 from status_event e
                   left join page_session s on s.page_session_id = e.page_session_id
                   left join status_event p on p.page_session_id = e.page_session_id and p.sequence = e.sequence - 1
                 where e.merchant_id = $1 and e.position > $2 and e.position <= $3
                 order by e.position limit $4",
                chained_event
            ),
            [of.as_str().into(), after.into(), up_to.into(), limit.into()],
        );
        self.rows(statement, read_event).await
    }

    /// The acts that are not in their chain yet, oldest first.
    pub async fn unchained_acts(&self, limit: i64) -> Result<Vec<NewAct>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {stored_act} from administrative_act order by sequence, act_id limit $1",
                stored_act
            ),
            [limit.into()],
        );
        let read = |row: &mut Row| {
            Ok(NewAct {
                id: row.text(stored_act::act_id)?,
                recorded_at: row.instant(stored_act::recorded_at)?,
                content: row.text(stored_act::content)?,
            })
        };
        self.rows(statement, read).await
    }

    /// The ends of a chain.
    pub async fn chain_ends(&self, chain: &str) -> Result<Option<ChainEnds>, StoreError> {
        let statement = Statement::new(
            sql!("select {chain_ends} from audit_chain where chain = $1", chain_ends),
            [chain.into()],
        );
        self.row(statement, read_ends).await
    }

    /// The next chains, by name, with their ends.
    pub async fn chains(&self, after: &str, limit: i64) -> Result<Vec<ChainEnds>, StoreError> {
        let statement = Statement::new(
            sql!("select {chain_ends} from audit_chain where chain > $1 order by chain limit $2", chain_ends),
            [after.into(), limit.into()],
        );
        self.rows(statement, read_ends).await
    }

    /// The next name of a chain that has entries. It finds a chain without ends, too.
    pub async fn next_chain_with_entries(&self, after: &str) -> Result<Option<String>, StoreError> {
        let sql = "select chain from audit_entry where chain > $1 order by chain limit 1";
        self.row(Statement::new(sql, [after.into()]), |row| Ok(row.only()?)).await
    }

    /// The entries of a chain after a position, in order.
    pub async fn chain_entries(
        &self,
        chain: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<ChainedEntry>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {audit_entry} from audit_entry where chain = $1 and position > $2
                 order by position limit $3",
                audit_entry
            ),
            [chain.into(), after.into(), limit.into()],
        );
        let read = |row: &mut Row| {
            Ok(ChainedEntry {
                position: row.get(audit_entry::position)?,
                recorded_at: row.instant(audit_entry::recorded_at)?,
                content: row.text(audit_entry::content)?,
                hash: row.text(audit_entry::hash)?,
            })
        };
        self.rows(statement, read).await
    }

    /// Appends entries to a chain; `false`, and nothing is changed, if its head is no longer the one that was read.
    /// `entries` must not be empty. The caller reads the ends before the rows that the entries are about. Otherwise a
    /// row could be chained twice.
    pub async fn append_entries(
        &self,
        ends: &ChainEnds,
        entries: &[ChainedEntry],
        source: ChainedSource<'_>,
    ) -> Result<bool, StoreError> {
        let Some(last) = entries.last() else { return Ok(true) };
        let mut unit = Unit::of(move_head(ends, last));
        for entry in entries {
            unit.push(insert_entry(&ends.chain, entry));
        }
        let contended = match source {
            ChainedSource::Feed(merchant, position) => {
                unit.push(Statement::new(
                    sql!("update feed set chained_position = $1 where merchant_id = $2{and met}"),
                    [position.into(), merchant.as_str().into()],
                ));
                merchant.as_str()
            }
            ChainedSource::Acts(acts) => {
                for act in acts {
                    unit.push(Statement::new(
                        sql!("delete from administrative_act where act_id = $1{and met}"),
                        [act.id.as_str().into()],
                    ));
                }
                "audit acts"
            }
        };
        self.run_guarded(unit.contending_for(contended)).await
    }
}

impl Store {
    /// Removes the entries of a chain up to this one, and keeps its position and hash, from which the rest is verified;
    /// `false`, and nothing is changed, if another node was first. Records the act in the same transaction.
    pub async fn shorten_chain(
        &self,
        ends: &ChainEnds,
        up_to: &ChainedEntry,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let keep_place = Statement::new(
            "update audit_chain set removed_position = $1, removed_hash = $2
             where chain = $3 and removed_position = $4",
            [
                up_to.position.into(),
                up_to.hash.as_str().into(),
                ends.chain.as_str().into(),
                ends.removed_position.into(),
            ],
        );
        let mut unit = unit_with_act();
        unit.push(keep_place.guarding(Guard::ChainHead));
        unit.push(Statement::new(
            sql!("delete from audit_entry where chain = $1 and position <= $2{and met}"),
            [ends.chain.as_str().into(), up_to.position.into()],
        ));
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }
}

/// Moves the head of a chain, guarded by the head that was read.
fn move_head(ends: &ChainEnds, last: &ChainedEntry) -> Statement {
    let statement = match ends.last_position {
        0 => Statement::new(
            "insert into audit_chain (chain, last_position, last_hash, removed_position, removed_hash)
             values ($1, $2, $3, 0, '') on conflict do nothing",
            [ends.chain.as_str().into(), last.position.into(), last.hash.as_str().into()],
        ),
        _ => Statement::new(
            "update audit_chain set last_position = $1, last_hash = $2
             where chain = $3 and last_position = $4 and last_hash = $5",
            [
                last.position.into(),
                last.hash.as_str().into(),
                ends.chain.as_str().into(),
                ends.last_position.into(),
                ends.last_hash.as_str().into(),
            ],
        ),
    };
    statement.guarding(Guard::ChainHead)
}

fn insert_entry(chain: &str, entry: &ChainedEntry) -> Statement {
    Statement::new(
        sql!(
            "insert into audit_entry (chain, position, recorded_at, content, hash)
             {values}$1, $2, $3, $4, $5{end}"
        ),
        [
            chain.into(),
            entry.position.into(),
            entry.recorded_at.as_ms().into(),
            entry.content.as_str().into(),
            entry.hash.as_str().into(),
        ],
    )
}

fn read_ends(row: &mut Row) -> Result<ChainEnds, StoreError> {
    Ok(ChainEnds {
        chain: row.text(chain_ends::chain)?,
        last_position: row.get(chain_ends::last_position)?,
        last_hash: row.text(chain_ends::last_hash)?,
        removed_position: row.get(chain_ends::removed_position)?,
        removed_hash: row.text(chain_ends::removed_hash)?,
    })
}

fn read_event(row: &mut Row) -> Result<ChainedEvent, StoreError> {
    Ok(ChainedEvent {
        position: row.get(chained_event::position)?,
        page_session_id: PageSessionId::new(row.text(chained_event::page_session_id)?),
        sequence: row.get(chained_event::sequence)?,
        event_id: EventId::new(row.text(chained_event::event_id)?),
        event: row.get(chained_event::event)?,
        status_before: row.get(chained_event::status_before)?,
        status: row.text(chained_event::status)?,
        actor_kind: row.get(chained_event::actor_kind)?,
        actor_name: row.get(chained_event::actor_name)?,
        occurred_at: row.instant(chained_event::occurred_at)?,
        expires_at: row.optional_instant(chained_event::expires_at)?,
    })
}
