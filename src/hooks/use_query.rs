//! Data that stay current while they are shown.

use std::rc::Rc;

use dashboard_engine::http::ListName;
use dashboard_engine::view::{Key, QueryView};
use dashboard_protocol::Resource;
use yew::prelude::*;

use super::queries::Query;
use super::use_subscription_guard::use_subscription_guard;
use super::use_view::use_view;
use crate::contexts::use_realtime;
use crate::realtime::RealtimeHandle;

/// What [`use_query`] returns.
#[derive(Clone, Debug)]
pub struct UseQueryHandle<T> {
    view: QueryView<T>,
    key: Key,
    realtime: RealtimeHandle,
}

impl<T> UseQueryHandle<T> {
    /// The data, if any were read.
    #[must_use]
    pub const fn data(&self) -> Option<&Rc<T>> {
        self.view.data.as_ref()
    }

    /// The data with all that is known of them: whether they are there, being read, or could not be read.
    #[must_use]
    pub const fn view(&self) -> &QueryView<T> {
        &self.view
    }

    /// Reads again.
    pub fn refetch(&self) {
        self.realtime.refetch(&self.key);
    }

    /// Reads older rows of a list; does nothing for what is none.
    pub fn load_older(&self) {
        let list = match self.key {
            Key::Resource(Resource::Favorites) => ListName::Favorites,
            Key::Resource(Resource::Orders) => ListName::Orders,
            Key::Resource(Resource::Downloads) => ListName::Downloads,
            Key::Resource(Resource::Activity) => ListName::Activity,
            _ => return,
        };
        self.realtime.load_older(list);
    }

    /// Reads more of the catalog; does nothing for other data.
    pub fn load_more(&self) {
        if let Key::Catalog(query) = &self.key {
            self.realtime.load_more(query);
        }
    }
}

impl<T> PartialEq for UseQueryHandle<T> {
    /// Equal as long as they show the same of the same client.
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.realtime == other.realtime && self.view == other.view
    }
}

/// Reads data and keeps them current while the component is mounted. Renders when they, or what is known of them, changed;
/// data that are the same pointer are the same.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
///
/// # Examples
/// ```no_run
/// use realtime_dashboard::hooks::{queries, use_query};
/// use yew::prelude::*;
///
/// #[component]
/// fn FavoriteTitles() -> Html {
///     let favorites = use_query(queries::Favorites);
///     let Some(data) = favorites.data() else {
///         return html! { <p>{ "Loading" }</p> };
///     };
///     html! {
///         <ul>
///             for row in &data.list.rows {
///                 <li key={row.item.beat_id.clone()}>{ &row.item.beat.title }</li>
///             }
///         </ul>
///     }
/// }
/// ```
#[hook]
pub fn use_query<Q: Query>(query: Q) -> UseQueryHandle<Q::Data> {
    let realtime = use_realtime();
    let key = query.key();
    use_subscription_guard(&realtime, query.topic());
    let shown = use_view(&realtime, key.clone(), move |core| View(query.read(core)));
    UseQueryHandle {
        view: shown.0,
        key,
        realtime,
    }
}

/// A view that can be cloned whatever its data are.
struct View<T>(QueryView<T>);

impl<T> Clone for View<T> {
    fn clone(&self) -> Self {
        let view = &self.0;
        Self(QueryView {
            data: view.data.clone(),
            status: view.status,
            fetch: view.fetch,
            error: view.error.clone(),
            updated_at_ms: view.updated_at_ms,
        })
    }
}

impl<T> PartialEq for View<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
