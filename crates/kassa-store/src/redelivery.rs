//! Redelivery: callbacks become due again, with the same event, the same bytes and the whole retry schedule.

use std::collections::BTreeSet;

use kassa_domain::{Endpoint, MerchantId, PageSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::audit::{NewAct, push_act, unit_with_act};
use crate::engine::{Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::{FeedEvent, Store, StoreError};

/// Maximum number of callbacks that become due in one unit, so that nobody waits long for it.
const AT_ONCE: usize = 1000;

/// The callbacks that became due again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedeliveredCallbacks {
    /// Their number.
    pub count: usize,
    /// Their endpoints, which have something due now.
    pub endpoints: BTreeSet<Endpoint>,
}

columns! {
    redelivered { endpoint, origin, clock_merchant_id }
}

/// The statement that makes callbacks due again. In a session they keep their order. A callback is blocked while an
/// earlier one has had no attempt: one that was given up since `$2`, because these become due together, or one that is
/// due already. Callbacks to a payment session's own URLs wait for no other one. `$session` is the session of the
/// callbacks: the value, if all have the same session, so that only its server is asked.
macro_rules! redeliver {
    (of $session:literal, where $which:literal) => {
        concat!(
            "update callback set due_at = $1, attempts = 0, fence = fence + 1,
               state = case when callback.kind is null and exists (
                 select 1 from callback earlier
                 where earlier.sequence < callback.sequence
                   and (earlier.state = 'BLOCKED' or (earlier.state = 'DUE' and earlier.attempts = 0)
                     or (earlier.state = 'GIVEN_UP' and earlier.committed_at >= $2))
                   and earlier.page_session_id = ",
            $session,
            ") then 'BLOCKED' else 'DUE' end
             where ",
            $which,
            " returning {redelivered}"
        )
    };
}

impl Store {
    /// Makes the callback of one event due again at `now`, unless its first attempt is still to come or an attempt is
    /// under way. An attempt whose lease ended by `unheld_at`, in the system's time, is not under way.
    pub async fn redeliver_event(
        &self,
        event: &FeedEvent,
        now: Timestamp,
        unheld_at: Timestamp,
        act: &NewAct,
    ) -> Result<RedeliveredCallbacks, StoreError> {
        let statement = Statement::new(
            sql!(
                redeliver!(
                    of "$3",
                    where "page_session_id = $3 and sequence = $4
                     and (state in ('DELIVERED', 'GIVEN_UP')
                       or (state = 'DUE' and attempts > 0 and leased_until <= $5))"
                ),
                redelivered
            ),
            [
                now.as_ms().into(),
                i64::MAX.into(),
                event.page_session_id.as_str().into(),
                event.sequence.into(),
                unheld_at.as_ms().into(),
            ],
        );
        self.redeliver(statement, Some(act)).await
    }

    /// Makes the given-up callbacks of one session due again.
    pub async fn redeliver_session(
        &self,
        of: &PageSessionId,
        now: Timestamp,
        act: &NewAct,
    ) -> Result<RedeliveredCallbacks, StoreError> {
        let statement = Statement::new(
            sql!(redeliver!(of "$3", where "page_session_id = $3 and state = 'GIVEN_UP'"), redelivered),
            [now.as_ms().into(), i64::MIN.into(), of.as_str().into()],
        );
        self.redeliver(statement, Some(act)).await
    }

    /// Makes the merchant's callbacks due again that were given up and whose events were committed since then, oldest
    /// first. A callback that is given up again meanwhile may remain given up.
    pub async fn redeliver_since(
        &self,
        of: &MerchantId,
        since: Timestamp,
        now: Timestamp,
        act: &NewAct,
    ) -> Result<RedeliveredCallbacks, StoreError> {
        let mut redelivered = RedeliveredCallbacks::default();
        let given_up = self.given_up_since(of, since).await?;
        if given_up == 0 {
            self.record_act(act).await?;
        }
        let mut act = Some(act);
        while redelivered.count < given_up {
            let some = self.redeliver(redeliver_some(of, since, now), act.take()).await?;
            if some.count == 0 {
                break;
            }
            redelivered.count += some.count;
            redelivered.endpoints.extend(some.endpoints);
        }
        Ok(redelivered)
    }

    async fn given_up_since(&self, of: &MerchantId, since: Timestamp) -> Result<usize, StoreError> {
        let statement = Statement::new(
            "select count(*) from callback
             where merchant_id = $1 and state = 'GIVEN_UP' and committed_at >= $2",
            [of.as_str().into(), since.as_ms().into()],
        );
        let count = self.row(statement, |row| Ok(row.only::<i64>()?)).await?.unwrap_or(0);
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Makes callbacks due again, and records the act with the first of them.
    async fn redeliver(
        &self,
        statement: Statement,
        act: Option<&NewAct>,
    ) -> Result<RedeliveredCallbacks, StoreError> {
        let rows = match act {
            Some(act) => {
                let mut unit = unit_with_act();
                unit.push(statement);
                push_act(&mut unit, act);
                self.run_unguarded(unit).await?
            }
            None => self.run_unguarded(Unit::of(statement)).await?,
        };
        let count = rows.len();
        let endpoints = rows.into_iter().map(|mut row| read_endpoint(&mut row)).collect::<Result<_, _>>()?;
        Ok(RedeliveredCallbacks { count, endpoints })
    }
}

fn read_endpoint(row: &mut Row) -> Result<Endpoint, StoreError> {
    row.endpoint(redelivered::endpoint, redelivered::origin, redelivered::clock_merchant_id)
}

fn redeliver_some(of: &MerchantId, since: Timestamp, now: Timestamp) -> Statement {
    Statement::new(
        sql!(
            redeliver!(
                of "callback.page_session_id",
                where "(page_session_id, sequence) in (
                   select page_session_id, sequence from callback
                   where merchant_id = $3 and state = 'GIVEN_UP' and committed_at >= $2
                   order by committed_at, page_session_id, sequence limit $4)"
            ),
            redelivered
        ),
        [
            now.as_ms().into(),
            since.as_ms().into(),
            of.as_str().into(),
            i64::try_from(AT_ONCE).unwrap_or(i64::MAX).into(),
        ],
    )
}
