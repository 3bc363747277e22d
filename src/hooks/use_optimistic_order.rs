//! Placing and cancelling orders.

use std::rc::Rc;

use dashboard_model::{Beat, CancelOrder, License, Money, OrderLineInput, PlaceOrder, SeenBeats};
use sync_engine::schema::MutationRef;
use sync_engine::store::Added;
use sync_engine::view::{FailureView, PendingView};
use sync_yew::{UseMutationsHandle, use_mutations_of};
use yew::prelude::*;

/// The handle of [`use_optimistic_order`].
#[derive(Clone, Debug, PartialEq)]
pub struct UseOptimisticOrderHandle {
    updates: UseMutationsHandle,
}

impl UseOptimisticOrderHandle {
    /// Buys these beats under these licenses, at the prices that the user sees. The order shows at once. Returns its
    /// id; for the second half of a double click, the id of the first order, without a new purchase. `None` if the
    /// browser has no random source.
    pub fn place(&self, lines: Vec<(Rc<Beat>, License)>) -> Option<Rc<str>> {
        let expected_total = total(&lines);
        let (beats, lines) = lines
            .into_iter()
            .map(|(beat, license)| {
                let beat_id = beat.id.clone();
                (beat, OrderLineInput { beat_id, license })
            })
            .unzip::<_, _, Vec<_>, Vec<_>>();
        let order_id = self.updates.client().new_id()?;
        let order = PlaceOrder {
            order_id: order_id.clone(),
            lines,
            expected_total,
        };
        let order = MutationRef::with_context(order, &SeenBeats(beats));
        Some(match self.updates.add(order)? {
            Added::New(_) => order_id.into(),
            Added::Duplicate(placed) => placed,
        })
    }

    /// Cancels an order.
    pub fn cancel(&self, order_id: &str) {
        let order_id = order_id.to_owned();
        self.updates.add(MutationRef::new(CancelOrder { order_id }));
    }

    /// The newest rejected mutation of an order.
    #[must_use]
    pub fn failure_of(&self, order_id: &str) -> Option<&Rc<FailureView>> {
        let mut failures = self.updates.failures().iter();
        failures.find(|failure| order_of(&failure.mutation.mutation) == Some(order_id))
    }

    /// The newest pending mutation of an order.
    #[must_use]
    pub fn pending_of(&self, order_id: &str) -> Option<&PendingView> {
        let mut pending = self.updates.pending().iter().rev();
        pending.find(|pending| order_of(&pending.mutation) == Some(order_id))
    }

    /// All mutations of orders, to retry, cancel or dismiss one by its id.
    #[must_use]
    pub const fn updates(&self) -> &UseMutationsHandle {
        &self.updates
    }
}

fn order_of(mutation: &MutationRef) -> Option<&str> {
    let placed = mutation
        .downcast()
        .map(|order: &PlaceOrder| &order.order_id);
    let cancelled = || {
        mutation
            .downcast()
            .map(|order: &CancelOrder| &order.order_id)
    };
    placed.or_else(cancelled).map(String::as_str)
}

/// The total that the user sees. A license without its own price costs as much as the basic one.
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

/// Places and cancels orders. Renders when a mutation of an order changed, and not because of other mutations.
///
/// # Panics
/// There is no `RealtimeProvider` above the component.
///
/// # Examples
/// ```no_run
/// use std::rc::Rc;
///
/// use dashboard_model::Beat;
/// use dashboard_model::License;
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
        updates: use_mutations_of(|mutation| order_of(mutation).is_some()),
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
