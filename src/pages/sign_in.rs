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

/// The values of the form.
#[derive(Clone, Debug, Default, PartialEq)]
struct Form {
    email: AttrValue,
    password: AttrValue,
    email_error: Option<&'static str>,
    password_error: Option<&'static str>,
    failure: Option<&'static str>,
    is_sending: bool,
}

impl Form {
    /// The errors of the form before it is sent, and the first invalid field.
    fn checked(mut self) -> Result<Self, (Self, &'static str)> {
        self.email_error = match self.email.trim() {
            "" => Some(text::EMAIL_MISSING),
            email if !is_address(email) => Some(text::EMAIL_WRONG),
            _ => None,
        };
        self.password_error = self.password.is_empty().then_some(text::PASSWORD_MISSING);
        self.failure = None;
        match (self.email_error, self.password_error) {
            (Some(_), _) => Err((self, EMAIL_ID)),
            (None, Some(_)) => Err((self, PASSWORD_ID)),
            (None, None) => {
                self.is_sending = true;
                Ok(self)
            }
        }
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
    let on_email = {
        let form = form.clone();
        Callback::from(move |event: InputEvent| {
            let email = page::field_text(&event).into();
            form.set(Form {
                email,
                email_error: None,
                ..(*form).clone()
            });
        })
    };
    let on_password = {
        let form = form.clone();
        Callback::from(move |event: InputEvent| {
            let password = page::field_text(&event).into();
            form.set(Form {
                password,
                password_error: None,
                ..(*form).clone()
            });
        })
    };
    let on_submit = {
        let form = form.clone();
        let session = session.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if form.is_sending {
                return;
            }
            match (*form).clone().checked() {
                Err((wrong, field)) => {
                    form.set(wrong);
                    page::focus(field);
                }
                Ok(sent) => {
                    let done = on_done(form.clone(), sent.clone());
                    form.set(sent.clone());
                    session.sign_in(sent.email.trim(), sent.password.as_str(), done);
                }
            }
        })
    };
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
                    value={form.email.clone()}
                    error={form.email_error.map(AttrValue::Static)}
                    on_input={on_email}
                />
                <TextField
                    id={PASSWORD_ID}
                    label={text::PASSWORD}
                    kind="password"
                    autocomplete="current-password"
                    value={form.password.clone()}
                    error={form.password_error.map(AttrValue::Static)}
                    on_input={on_password}
                />
                <p class="solo-failure" role="alert">{ form.failure.unwrap_or_default() }</p>
                <Button
                    kind={ButtonKind::Primary}
                    submit=true
                    disabled={form.is_sending}
                    label={if form.is_sending { text::SIGNING_IN } else { text::SIGN_IN }}
                />
            </form>
        </main>
    }
}

/// The result of the server's response: for a rejection its reason, and the field to correct.
fn on_done(form: UseStateHandle<Form>, sent: Form) -> Callback<Result<(), ErrorView>> {
    Callback::from(move |result: Result<(), ErrorView>| {
        if let Err(error) = result {
            let failure = Some(text::sign_in_failed(&error));
            form.set(Form {
                failure,
                is_sending: false,
                ..sent.clone()
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
            (" ada@demo.test ", "secret", None),
        ] {
            let form = Form {
                email: email.into(),
                password: password.into(),
                ..Form::default()
            };
            assert_eq!(
                form.checked().err().map(|(_, field)| field),
                field,
                "{email}"
            );
        }
    }
}
