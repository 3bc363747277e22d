//! A section of a page, with a heading.

use yew::prelude::*;

/// Properties of [`Panel`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct PanelProps {
    /// Id of the heading in the page. The section has the same one with `-panel` at its end.
    pub id: AttrValue,
    /// The heading.
    pub title: AttrValue,
    /// Whether the heading is visually hidden: for pages whose own heading is the same.
    #[prop_or_default]
    pub compact: bool,
    /// Content beside the heading: a search field, a link.
    #[prop_or_default]
    pub tools: Html,
    /// The contents.
    #[prop_or_default]
    pub children: Html,
}

/// Draws a section with its heading as its name.
#[component]
pub fn Panel(props: &PanelProps) -> Html {
    html! {
        <section class="panel" id={format!("{}-panel", props.id)} aria-labelledby={props.id.clone()}>
            if props.compact {
                <h2 class="visually-hidden" id={props.id.clone()}>{ &props.title }</h2>
            } else {
                <div class="panel-head">
                    <h2 id={props.id.clone()}>{ &props.title }</h2>
                    { props.tools.clone() }
                </div>
            }
            { props.children.clone() }
        </section>
    }
}
