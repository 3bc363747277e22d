//! A framed part of a page, with its heading.

use stylist::yew::use_style;
use yew::prelude::*;

use super::sheet::sheet;

/// Properties of [`Panel`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct PanelProps {
    /// Identity of the heading in the page.
    pub id: AttrValue,
    /// What the panel holds.
    pub title: AttrValue,
    /// Whether the heading is only read: for pages whose own heading says the same.
    #[prop_or_default]
    pub quiet: bool,
    /// Beside the heading: a search field, a link.
    #[prop_or_default]
    pub tools: Html,
    /// The contents.
    #[prop_or_default]
    pub children: Html,
}

/// Draws a section that its heading names.
#[component]
pub fn Panel(props: &PanelProps) -> Html {
    let style = use_style(sheet!(
        r#"
        container: panel / inline-size;
        min-inline-size: 0;
        border: 1px solid var(--line);
        border-radius: var(--r-3);
        background: var(--surface);
        box-shadow: var(--shadow-1);
        overflow: clip;

        .head {
            display: flex;
            flex-wrap: wrap;
            align-items: center;
            justify-content: space-between;
            gap: var(--s2) var(--s4);
            min-block-size: 3.5rem;
            padding: var(--s2) var(--s4);
            border-block-end: 1px solid var(--line);
        }
        "#
    ));
    html! {
        <section class={style} aria-labelledby={props.id.clone()}>
            if props.quiet {
                <h2 class="visually-hidden" id={props.id.clone()}>{ &props.title }</h2>
            } else {
                <div class="head">
                    <h2 id={props.id.clone()}>{ &props.title }</h2>
                    { props.tools.clone() }
                </div>
            }
            { props.children.clone() }
        </section>
    }
}
