//! A button that puts a text on the clipboard and says what came of it.

use yew::prelude::*;

use crate::components::Button;
use crate::text::demo;
use sync_web::page;
use sync_web::task::Task;

#[derive(Clone, Debug, PartialEq, Properties)]
pub(super) struct CopyButtonProps {
    /// What it says until it is pressed.
    pub(super) label: AttrValue,
    /// Makes the text, when it is asked for.
    pub(super) text: Callback<(), String>,
}

/// Copies.
#[component]
pub(super) fn CopyButton(props: &CopyButtonProps) -> Html {
    let said = use_state_eq(|| None::<&str>);
    let copying = use_mut_ref(|| None::<Task>);
    let on_press = {
        let (text, said) = (props.text.clone(), said.clone());
        Callback::from(move |()| {
            let (text, said) = (text.emit(()), said.clone());
            let task = Task::spawn(async move {
                said.set(Some(match page::copy_text(&text).await {
                    Ok(()) => demo::COPIED,
                    Err(_) => demo::NOT_COPIED,
                }));
            });
            drop(copying.replace(Some(task)));
        })
    };
    let label = said.map_or_else(|| props.label.clone(), AttrValue::Static);
    html! { <Button {label} other_label={demo::NOT_COPIED} {on_press} /> }
}
