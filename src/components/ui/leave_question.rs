//! The question before signing out with unsaved changes.

use yew::prelude::*;

use super::button::{Button, ButtonKind};
use crate::text;

/// Id of the button that stays, which gets the focus.
pub const STAY_ID: &str = "stay-signed-in";

/// Properties of [`LeaveQuestion`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct LeaveQuestionProps {
    /// How many changes would be lost; zero if they were saved while the question was open.
    pub unsaved: usize,
    /// The user stays.
    pub on_stay: Callback<()>,
    /// The user signs out, and loses them.
    pub on_leave: Callback<()>,
}

/// Draws the question below the sign-out button. The safe answer comes first; Escape selects it too.
#[component]
pub fn LeaveQuestion(props: &LeaveQuestionProps) -> Html {
    let on_key = {
        let stay = props.on_stay.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.stop_propagation();
                stay.emit(());
            }
        })
    };
    html! {
        <div
            class="leave-question"
            role="alertdialog"
            aria-label={text::SIGN_OUT}
            aria-describedby="leave-question"
            onkeydown={on_key}
        >
            <p id="leave-question">{ text::unsaved(props.unsaved) }</p>
            <div class="leave-question-answers">
                <Button
                    kind={ButtonKind::Primary}
                    id={STAY_ID}
                    label={text::STAY}
                    on_press={props.on_stay.clone()}
                />
                <Button label={text::SIGN_OUT_ANYWAY} on_press={props.on_leave.clone()} />
            </div>
        </div>
    }
}
