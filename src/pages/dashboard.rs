//! The frame around every tab, and the access check.

use std::rc::Rc;

use sync_engine::view::ErrorKind;
use yew::prelude::*;
use yew_router::hooks::use_navigator;

use super::Tab;
use super::route::{Route, follow, to_sign_in, was_followed};
use crate::components::{
    Announcer, ConnectionStatusBanner, ConnectionStatusIndicator, MAIN_ID, NavItem, SIGN_OUT_ID,
    STAY_ID, account_bar, error_panel, leave_question, shell, skeleton,
};
use crate::contexts::{SessionState, UseSessionHandle, use_realtime, use_session};
use crate::hooks::{
    use_dashboard_tabs, use_engine_clock, use_optimistic_updates, use_tab_subscription,
};
use crate::text;
use crate::theme::Theme;
use sync_web::{focus, page};
use sync_yew::{KeepAlive, SyncClient};

/// Properties of [`ModernDashboard`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ModernDashboardProps {
    /// The current tab.
    pub tab: Tab,
}

/// The dashboard: header with the connection indicator, navigation, and the page of the tab. A user who is not signed
/// in is redirected to the sign-in page and back. If the session ends on this page, the data stay, beside the message
/// that it has ended.
///
/// # Panics
/// There is no `SessionProvider`, `RealtimeProvider` or router above it.
#[component]
pub fn ModernDashboard(props: &ModernDashboardProps) -> Html {
    use_tab_subscription(props.tab);
    html! { <Frame route={Route::Tab(props.tab)}><KeptPages tab={props.tab} /></Frame> }
}

/// The pages of all tabs that the user has visited; all but the current one are out of the document, and pause.
#[component]
fn KeptPages(props: &ModernDashboardProps) -> Html {
    let client = use_realtime();
    let visits = use_mut_ref(Visits::default);
    let mut visits = visits.borrow_mut();
    visits.add(client, props.tab);
    let page = |tab: &Tab| {
        let key = format!("{} {}", visits.user, tab.as_str());
        let is_shown = *tab == props.tab;
        html! { <KeepAlive {key} {is_shown}>{ tab.page() }</KeepAlive> }
    };
    visits.tabs.iter().map(page).collect()
}

/// The tabs that a user has visited.
#[derive(Default)]
struct Visits {
    client: Option<SyncClient>,
    /// A number for each user: another one's pages are not theirs.
    user: u32,
    tabs: Vec<Tab>,
}

impl Visits {
    fn add(&mut self, client: SyncClient, tab: Tab) {
        if self.client.as_ref() != Some(&client) {
            self.client = Some(client);
            self.user += 1;
            self.tabs.clear();
        }
        if !self.tabs.contains(&tab) {
            self.tabs.push(tab);
        }
    }
}

/// Properties of [`Frame`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub(super) struct FrameProps {
    /// The current route.
    pub(super) route: Route,
    /// The page, for users with access.
    pub(super) children: Html,
}

/// Header, navigation, banner and a page, for signed-in users.
#[component]
pub(super) fn Frame(props: &FrameProps) -> Html {
    let route = props.route;
    let session = use_session();
    let navigator = use_navigator().expect("ModernDashboard: wrap it in `<BrowserRouter>`");
    let nav = use_nav();
    use_arrival(route);

    let was_in = use_mut_ref(|| false);
    let access = Access::of(session.state(), *was_in.borrow());
    if access == Access::Granted {
        was_in.replace(true);
    }
    use_effect_with((access, route), {
        let navigator = navigator.clone();
        move |(access, route): &(Access, Route)| {
            if *access == Access::Rejected {
                // After signing out, the sign-in page does not lead back to this page.
                let next = if was_in.replace(false) {
                    Route::OVERVIEW
                } else {
                    *route
                };
                to_sign_in(&navigator, next);
            }
        }
    });
    let on_sign_in = Callback::from(move |()| to_sign_in(&navigator, route));
    let on_skip = Callback::from(|event: MouseEvent| {
        event.prevent_default();
        page::focus(MAIN_ID);
    });
    let text = text::CONNECTION_TEXT;
    let indicator = html! { <ConnectionStatusIndicator on_sign_in={on_sign_in.clone()} {text} /> };
    let account = html! { <Account session={session.clone()} /> };
    let page = html! {
        <>
            { content(&props.children, access, &session) }
            <ConnectionStatusBanner {on_sign_in} {text} />
            <Announcer />
        </>
    };
    shell(&nav, on_skip, indicator, account, page)
}

/// Begins each page at its top, or where the user left it if they go back, and says its name: the heading gets the focus,
/// unless the page has focused one of its rows. On the page, the focus stays near when its control goes.
#[hook]
fn use_arrival(route: Route) {
    let realtime = use_realtime();
    let scrolling = use_mut_ref(Scrolling::default);
    use_effect_with((), {
        let scrolling = Rc::clone(&scrolling);
        move |()| {
            let listening = [
                page::on_scroll(move |top| scrolling.borrow_mut().top = top),
                focus::keep(),
            ];
            move || drop(listening)
        }
    });
    // While the former page is still there.
    let (is_first, top) = *use_memo(route, |route| {
        let is_return = !was_followed(*route);
        scrolling.borrow_mut().arrive(*route, is_return)
    });
    use_effect_with(route, move |_| {
        page::scroll_to(top);
        let saying = if focus::is_on_page() {
            page::reveal_focus();
            None
        } else {
            (!is_first).then(|| realtime.platform().alarm(SAYING_MS, Box::new(say_page)))
        };
        move || drop(saying)
    });
}

/// How far the pages are scrolled.
#[derive(Default)]
struct Scrolling {
    current: Option<Route>,
    /// How far the current page is scrolled, in CSS pixels.
    top: f64,
    /// How far each page was scrolled when it was left.
    left: Vec<(Route, f64)>,
}

impl Scrolling {
    /// The user arrives at a page, or returns to it. Returns whether it is their first, and how far to scroll it.
    fn arrive(&mut self, route: Route, is_return: bool) -> (bool, f64) {
        let former = self.current.replace(route);
        if let Some(former) = former {
            self.left.retain(|(left, _)| *left != former);
            self.left.push((former, self.top));
        }
        let left = self.left.iter().find(|(left, _)| *left == route);
        let top = left.filter(|_| is_return).map_or(0.0, |(_, top)| *top);
        self.top = top;
        (former.is_none(), top)
    }
}

/// The wait before a page says its name, in milliseconds: until it is drawn, so that the browser need not lay it out once
/// more for that.
const SAYING_MS: u64 = 50;

fn say_page() {
    if !focus::is_on_page() {
        focus::focus_heading();
    }
}

/// Whether a user may see the dashboard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Access {
    /// Not known yet.
    Unknown,
    /// Allowed.
    Granted,
    /// Not allowed.
    Rejected,
    /// The request failed.
    Failed,
}

impl Access {
    fn of(state: &SessionState, was_in: bool) -> Self {
        match state {
            SessionState::Unknown => Self::Unknown,
            SessionState::SignedIn(_) => Self::Granted,
            SessionState::SignedOut { ended: true } if was_in => Self::Granted,
            SessionState::SignedOut { .. } => Self::Rejected,
            SessionState::Failed(_) => Self::Failed,
        }
    }
}

fn content(page: &Html, access: Access, session: &UseSessionHandle) -> Html {
    match (access, session.state()) {
        (Access::Granted, _) => page.clone(),
        (Access::Failed, SessionState::Failed(error)) => {
            let session = session.clone();
            html! { <FailedStart kind={error.kind} {session} /> }
        }
        _ => skeleton(text::LOADING, 10),
    }
}

/// Properties of [`FailedStart`].
#[derive(Clone, Debug, PartialEq, Properties)]
struct FailedStartProps {
    kind: ErrorKind,
    session: UseSessionHandle,
}

/// Says that nobody knows who is signed in, and when that is asked again.
#[component]
fn FailedStart(props: &FailedStartProps) -> Html {
    let now_ms = use_engine_clock(1000);
    let session = props.session.clone();
    let retry_at_ms = session.retry_at_ms();
    let on_recover = Callback::from(move |kind| match kind {
        // What answers is not the store: a page to sign in to a network, or to a place, which only a reload shows.
        ErrorKind::Data => page::reload(),
        _ => session.check(),
    });
    let next = retry_at_ms.map(|at_ms| {
        let seconds = at_ms.saturating_sub(now_ms).div_ceil(1000);
        text::CONNECTION_TEXT.next_attempt(seconds.max(1))
    });
    html! {
        <>
            { error_panel(props.kind, retry_at_ms.is_none(), &on_recover) }
            <p class="error-panel-next" aria-hidden="true" data-countdown="true">{ next }</p>
        </>
    }
}

/// Properties of [`Account`].
#[derive(Clone, Debug, PartialEq, Properties)]
struct AccountProps {
    session: UseSessionHandle,
}

/// Shows the signed-in user, the theme, and the sign-out button.
#[component]
fn Account(props: &AccountProps) -> Html {
    let session = &props.session;
    let theme = use_state_eq(crate::theme::theme);
    let (on_sign_out, question) = use_leaving(session);
    let Some(user) = session.user() else {
        return Html::default();
    };
    let (theme_name, next) = match *theme {
        Theme::System => (text::THEME_SYSTEM, Theme::Light),
        Theme::Light => (text::THEME_LIGHT, Theme::Dark),
        Theme::Dark => (text::THEME_DARK, Theme::System),
    };
    let on_theme = Callback::from(move |()| {
        crate::theme::set_theme(next);
        theme.set(next);
    });
    let sign_out = if session.is_signing_out() {
        text::SIGNING_OUT
    } else {
        text::SIGN_OUT
    };
    html! {
        <>
            { account_bar(user, theme_name, &on_theme, sign_out, &on_sign_out) }
            { question }
            if session.sign_out_error().is_some() {
                <p class="leave-question" role="alert">{ text::STILL_SIGNED_IN }</p>
            }
        </>
    }
}

/// The sign-out: at once if everything is saved, and after a question otherwise.
#[hook]
fn use_leaving(session: &UseSessionHandle) -> (Callback<()>, Html) {
    let realtime = use_realtime();
    let is_open = use_state_eq(|| false);
    let on_leave = {
        let session = session.clone();
        Callback::from(move |()| session.sign_out())
    };
    let on_sign_out = {
        let (is_open, leave) = (is_open.clone(), on_leave.clone());
        Callback::from(move |()| {
            if realtime.read(|core| core.mutations().pending.is_empty()) {
                leave.emit(());
            } else {
                is_open.set(true);
            }
        })
    };
    let question = if *is_open {
        let on_stay = Callback::from(move |()| {
            is_open.set(false);
            page::focus(SIGN_OUT_ID);
        });
        let on_leave = {
            let stay = on_stay.clone();
            on_leave.reform(move |()| stay.emit(()))
        };
        html! { <Question {on_stay} {on_leave} /> }
    } else {
        Html::default()
    };
    (on_sign_out, question)
}

/// Properties of [`Question`].
#[derive(Clone, Debug, PartialEq, Properties)]
struct QuestionProps {
    on_stay: Callback<()>,
    on_leave: Callback<()>,
}

/// The question, with the current number of unsaved changes.
#[component]
fn Question(props: &QuestionProps) -> Html {
    let unsaved = use_optimistic_updates().pending().len();
    use_effect_with((), |()| page::focus(STAY_ID));
    let QuestionProps { on_stay, on_leave } = props.clone();
    leave_question(unsaved, on_stay, on_leave)
}

/// The links to all tabs.
#[hook]
fn use_nav() -> Vec<NavItem> {
    let tabs = use_dashboard_tabs();
    let navigator = use_navigator().expect("ModernDashboard: wrap it in `<BrowserRouter>`");
    let item = |link: &crate::hooks::TabLink| {
        let (_, label, icon) = link.tab.link();
        NavItem {
            label,
            href: link.href.clone(),
            icon,
            current: link.is_current,
            on_follow: follow(navigator.clone(), Route::Tab(link.tab)),
        }
    };
    tabs.tabs().iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Tab;

    #[test]
    fn a_page_begins_at_its_top_and_going_back_leads_to_where_one_was() {
        let (first, second) = (Route::Tab(Tab::Favorites), Route::Tab(Tab::Orders));
        let mut scrolling = Scrolling::default();
        assert_eq!(scrolling.arrive(first, true), (true, 0.0));
        scrolling.top = 900.0;
        assert_eq!(scrolling.arrive(second, false), (false, 0.0));
        scrolling.top = 300.0;
        assert_eq!(scrolling.arrive(first, true), (false, 900.0));
        assert_eq!(scrolling.arrive(second, false), (false, 0.0));
    }

    #[test]
    fn a_session_that_ends_does_not_close_the_current_page() {
        let ended = SessionState::SignedOut { ended: true };
        let left = SessionState::SignedOut { ended: false };
        for (state, was_in, access) in [
            (&ended, true, Access::Granted),
            (&ended, false, Access::Rejected),
            (&left, true, Access::Rejected),
            (&left, false, Access::Rejected),
            (&SessionState::Unknown, true, Access::Unknown),
        ] {
            assert_eq!(Access::of(state, was_in), access, "{state:?}");
        }
    }
}
