//! Buying, and taking an order back.

use std::rc::Rc;

use dashboard_engine::view::{FailureView, PendingView};
use dashboard_protocol::{Beat, License, Money, MutationBody, OrderLineInput};
use yew::prelude::*;

use super::use_optimistic_updates::{UseOptimisticUpdatesHandle, RequestedChange};
use super::use_updates_of::use_updates_of;
use crate::contexts::use_realtime;
use crate::realtime::RealtimeHandle;

/// What [`use_optimistic_order`] returns.
#[derive(Clone, Debug, PartialEq)]
pub struct UseOptimisticOrderHandle {
    updates: UseOptimisticUpdatesHandle,
    realtime: RealtimeHandle,
}

impl UseOptimisticOrderHandle {
    /// Buys these beats under these licences, at the prices that the user sees. The order is shown at once. Returns its
    /// id; that of the order before, if this is the second half of a double click, and nothing more is bought then.
    pub fn place(&self, lines: Vec<(Rc<Beat>, License)>) -> String {
        let expected_total = total(&lines);
        let (beats, lines) = lines
            .into_iter()
            .map(|(beat, license)| {
                let beat_id = beat.id.clone();
                (beat, OrderLineInput { beat_id, license })
            })
            .unzip::<_, _, Vec<_>, Vec<_>>();
        let now = self.realtime.now();
        let placed = self
            .realtime
            .read(|core| core.order_just_placed(now, &lines).map(str::to_owned));
        if let Some(order_id) = placed {
            return order_id;
        }
        let order_id = self.realtime.new_id();
        let body = MutationBody::PlaceOrder {
            order_id: order_id.clone(),
            lines,
            expected_total,
        };
        self.updates.add(RequestedChange { body, beats });
        order_id
    }

    /// Takes an order back.
    pub fn cancel(&self, order_id: &str) {
        let body = MutationBody::CancelOrder {
            order_id: order_id.to_owned(),
        };
        self.updates.add(RequestedChange {
            body,
            beats: Vec::new(),
        });
    }

    /// The newest change of an order that was rejected.
    #[must_use]
    pub fn failure_of(&self, order_id: &str) -> Option<&Rc<FailureView>> {
        let failures = self.updates.failures().iter();
        failures
            .into_iter()
            .find(|failure| order_of(&failure.mutation.body) == Some(order_id))
    }

    /// The newest change of an order that is not settled.
    #[must_use]
    pub fn pending_of(&self, order_id: &str) -> Option<&PendingView> {
        let pending = self.updates.pending().iter();
        pending
            .rev()
            .find(|pending| order_of(&pending.mutation.body) == Some(order_id))
    }

    /// All changes of orders, to retry, cancel or dismiss one by its id.
    #[must_use]
    pub const fn updates(&self) -> &UseOptimisticUpdatesHandle {
        &self.updates
    }
}

fn order_of(body: &MutationBody) -> Option<&str> {
    match body {
        MutationBody::CancelOrder { order_id } | MutationBody::PlaceOrder { order_id, .. } => Some(order_id),
        MutationBody::CancelDownload { .. } | MutationBody::RequestDownload { .. } | MutationBody::SetFavorite { .. } => {
            None
        }
    }
}

/// The sum that the user sees. A licence without a price of its own costs as the basic one.
fn total(lines: &[(Rc<Beat>, License)]) -> Money {
    let prices = lines
        .iter()
        .map(|(beat, license)| beat.prices.of(*license).unwrap_or(&beat.price));
    let mut total = Money::default();
    for (index, price) in prices.enumerate() {
        if index == 0 {
            total = price.clone();
        } else {
            total.amount = total.amount.saturating_add(price.amount);
        }
    }
    total
}

/// Buys and takes back. Renders when a change of an order changed, and not because of other changes.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
///
/// # Examples
/// ```no_run
/// use std::rc::Rc;
///
/// use dashboard_protocol::{Beat, License};
/// use realtime_dashboard::hooks::use_optimistic_order;
/// use yew::prelude::*;
///
/// #[derive(PartialEq, Properties)]
/// struct BuyProps {
///     beat: Rc<Beat>,
/// }
///
/// #[component]
/// fn Buy(props: &BuyProps) -> Html {
///     let order = use_optimistic_order();
///     let beat = Rc::clone(&props.beat);
///     let onclick = move |_| {
///         order.place(vec![(Rc::clone(&beat), License::Basic)]);
///     };
///     html! { <button {onclick}>{ format!("Buy {}", props.beat.title) }</button> }
/// }
/// ```
#[hook]
pub fn use_optimistic_order() -> UseOptimisticOrderHandle {
    UseOptimisticOrderHandle {
        updates: use_updates_of(|body| order_of(body).is_some()),
        realtime: use_realtime(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beat(basic: i64, premium: i64) -> Rc<Beat> {
        let money = |amount| Money {
            amount,
            currency: "EUR".to_owned(),
        };
        let mut beat = Beat {
            price: money(basic),
            ..Beat::default()
        };
        beat.prices.basic = money(basic);
        beat.prices.premium = money(premium);
        Rc::new(beat)
    }

    #[test]
    fn the_total_adds_up_the_prices_of_the_chosen_licences() {
        let lines = [
            (beat(100, 250), License::Basic),
            (beat(200, 450), License::Premium),
        ];
        let sum = total(&lines);
        assert_eq!((sum.amount, sum.currency.as_str()), (550, "EUR"));
    }
}
