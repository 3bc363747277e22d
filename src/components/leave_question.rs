//! Whether to sign out although not everything is saved.

use yew::prelude::*;

use super::button::{Button, ButtonKind};
use crate::text;

/// Identity of the button that stays, which takes the focus.
pub const STAY_ID: &str = "stay-signed-in";

/// Properties of [`LeaveQuestion`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct LeaveQuestionProps {
    /// How many changes would be lost; none once they have been saved while the question stood.
    pub unsaved: usize,
    /// The user stays.
    pub on_stay: Callback<()>,
    /// The user leaves, and loses them.
    pub on_leave: Callback<()>,
}

/// Asks, below the way out. The harmless answer comes first; Escape gives it too.
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
