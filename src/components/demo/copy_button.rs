//! A button that copies a text to the clipboard and shows the result.

use yew::prelude::*;

use crate::components::Button;
use crate::text::demo;
use sync_web::page;
use sync_web::task::Task;

#[derive(Clone, Debug, PartialEq, Properties)]
pub(super) struct CopyButtonProps {
    /// The label until it is pressed.
    pub(super) label: AttrValue,
    /// Creates the text, on demand.
    pub(super) text: Callback<(), String>,
}

/// Copies the text.
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
