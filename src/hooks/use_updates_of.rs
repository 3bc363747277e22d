//! The user's changes of one kind.

use std::rc::Rc;

use dashboard_engine::view::Key;
use dashboard_protocol::MutationBody;
use yew::prelude::*;

use super::use_optimistic_updates::UseOptimisticUpdatesHandle;
use super::use_view::use_view;
use crate::contexts::use_realtime;

/// The changes whose mutation is one of those that `concerns` names. Renders when one of these changed, and not because of
/// others.
#[hook]
pub(super) fn use_updates_of(concerns: fn(&MutationBody) -> bool) -> UseOptimisticUpdatesHandle {
    let realtime = use_realtime();
    let view = use_view(&realtime, Key::Mutations, move |core| {
        Rc::new(core.mutations().only(concerns))
    });
    UseOptimisticUpdatesHandle { view, realtime }
}
