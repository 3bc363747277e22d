//! The sign-in page.

use sync_engine::view::ErrorView;
use yew::prelude::*;
use yew_router::hooks::{use_location, use_navigator};

use super::route::Route;
use super::title::use_title;
use crate::components::{Button, ButtonKind, MAIN_ID, TextField, brand};
use crate::contexts::{SessionState, use_session};
use crate::text;
use sync_web::page;

const EMAIL_ID: &str = "email";
const PASSWORD_ID: &str = "password";

/// What the form says. The fields themselves hold what was entered: a password manager may fill them without an event, so
/// they are read when the form is sent, and never written.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Form {
    email_error: Option<&'static str>,
    password_error: Option<&'static str>,
    failure: Option<&'static str>,
}

impl Form {
    /// The form after these values were entered, and the first invalid field.
    fn checked(email: &str, password: &str) -> (Self, Option<&'static str>) {
        let email_error = match email {
            "" => Some(text::EMAIL_MISSING),
            email if !is_address(email) => Some(text::EMAIL_WRONG),
            _ => None,
        };
        let password_error = password.is_empty().then_some(text::PASSWORD_MISSING);
        let wrong = match (email_error, password_error) {
            (Some(_), _) => Some(EMAIL_ID),
            (None, Some(_)) => Some(PASSWORD_ID),
            (None, None) => None,
        };
        let form = Self {
            email_error,
            password_error,
            failure: None,
        };
        (form, wrong)
    }
}

/// Whether a text looks like an email address: text on both sides of one `@`. The server decides.
fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && !domain.is_empty() && !domain.contains('@')
    })
}

/// Signs a user in, and leads back to the page that they requested.
///
/// # Panics
/// There is no `SessionProvider` or router above it.
#[component]
pub fn SignIn() -> Html {
    use_title(text::SIGN_IN);
    let session = use_session();
    let navigator = use_navigator().expect("SignIn: wrap this component in `<BrowserRouter>`");
    let next = use_location().map_or(Route::OVERVIEW, |location| Route::after_sign_in(&location));
    let is_in = matches!(session.state(), SessionState::SignedIn(_));
    use_effect_with(is_in, move |is_in| {
        if *is_in {
            navigator.replace(&next);
        }
    });
    let form = use_state_eq(Form::default);
    let on_input = {
        let form = form.clone();
        move |corrected: fn(Form) -> Form| {
            let form = form.clone();
            Callback::from(move |_: InputEvent| form.set(corrected(*form)))
        }
    };
    let on_submit = {
        let form = form.clone();
        let session = session.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if session.is_signing_in() {
                return;
            }
            let email = page::value_of(EMAIL_ID);
            let email = email.trim();
            let password = page::value_of(PASSWORD_ID);
            let (checked, wrong) = Form::checked(email, &password);
            form.set(checked);
            match wrong {
                Some(field) => page::focus(field),
                None => session.sign_in(email, password, on_done(form.clone())),
            }
        })
    };
    let is_sending = session.is_signing_in();
    let ended = matches!(session.state(), SessionState::SignedOut { ended: true });
    html! {
        <main class="solo" id={MAIN_ID}>
            { brand() }
            <h1>{ text::SIGN_IN_TITLE }</h1>
            <p class="quiet">{ if ended { text::SESSION_ENDED } else { text::SIGN_IN_HINT } }</p>
            <form class="solo-form" novalidate=true onsubmit={on_submit}>
                <TextField
                    id={EMAIL_ID}
                    label={text::EMAIL}
                    kind="email"
                    autocomplete="username"
                    error={form.email_error.map(AttrValue::Static)}
                    on_input={on_input(|form| Form {
                        email_error: None,
                        ..form
                    })}
                />
                <TextField
                    id={PASSWORD_ID}
                    label={text::PASSWORD}
                    kind="password"
                    autocomplete="current-password"
                    error={form.password_error.map(AttrValue::Static)}
                    on_input={on_input(|form| Form {
                        password_error: None,
                        ..form
                    })}
                />
                <p class="solo-failure" role="alert">{ form.failure.unwrap_or_default() }</p>
                <Button
                    kind={ButtonKind::Primary}
                    submit=true
                    disabled={is_sending}
                    label={if is_sending { text::SIGNING_IN } else { text::SIGN_IN }}
                />
            </form>
        </main>
    }
}

/// The result of the server's response: for a rejection its reason, and the field to correct.
fn on_done(form: UseStateHandle<Form>) -> Callback<Result<(), ErrorView>> {
    Callback::from(move |result: Result<(), ErrorView>| {
        if let Err(error) = result {
            form.set(Form {
                failure: Some(text::sign_in_failed(&error)),
                ..Form::default()
            });
            page::focus(PASSWORD_ID);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_checked_before_it_is_sent_and_names_the_field() {
        for (email, password, field) in [
            ("", "", Some(EMAIL_ID)),
            ("ada", "secret", Some(EMAIL_ID)),
            ("ada@", "secret", Some(EMAIL_ID)),
            ("ada@demo.test", "", Some(PASSWORD_ID)),
            ("ada@demo.test", "secret", None),
        ] {
            assert_eq!(Form::checked(email, password).1, field, "{email}");
        }
    }
}
