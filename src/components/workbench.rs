//! A page of tools.

use stylist::yew::use_style;
use yew::prelude::*;

use super::status_chip::Tone;

/// Properties of [`Workbench`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct WorkbenchProps {
    /// Panels; those in a `div` of the class `wide` take both columns. Fields and buttons above a list stand in a `div` of
    /// the class `tools`.
    pub children: Html,
}

/// Draws panels in two columns where there is room for them, else below each other.
#[component]
pub fn Workbench(props: &WorkbenchProps) -> Html {
    let style = use_style!(
        r#"
        display: grid;
        gap: var(--s4);
        align-items: start;
        grid-template-columns: minmax(0, 1fr);

        > .wide { grid-column: 1 / -1; min-inline-size: 0; }
        .tools { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2); padding: var(--s3) var(--s4); }
        @media (min-width: 76rem) { grid-template-columns: repeat(2, minmax(0, 1fr)); }
        "#
    );
    html! { <div class={style}>{ props.children.clone() }</div> }
}

/// Properties of [`ToolForm`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ToolFormProps {
    /// What it does.
    pub hint: AttrValue,
    /// What came of the last act.
    #[prop_or_default]
    pub answer: AttrValue,
    /// What that means.
    #[prop_or_default]
    pub tone: Tone,
    /// Fields and buttons.
    pub children: Html,
}

/// Draws the fields and buttons of a tool, and below them what came of the last act. The place for that is always there, so
/// that nothing moves.
#[component]
pub fn ToolForm(props: &ToolFormProps) -> Html {
    let style = use_style!(
        r#"
        display: grid;
        gap: var(--s3);
        padding: var(--s4);

        .hint { color: var(--ink-2); font-size: var(--t-sm); }
        .fields { display: flex; flex-wrap: wrap; align-items: end; gap: var(--s3); }
        .fields > label { flex: 1 1 8rem; }
        .fields > button { flex: none; }
        @container panel (max-width: 24rem) { .fields > label { flex-basis: 100%; } }
        .answer { min-block-size: 2.6rem; font-size: var(--t-sm); line-height: 1.3rem; }
        .answer[data-tone="good"] { color: var(--ok); }
        .answer[data-tone="bad"] { color: var(--bad); }
        "#
    );
    html! {
        <div class={style}>
            <p class="hint">{ &props.hint }</p>
            <div class="fields">{ props.children.clone() }</div>
            <p class="answer" data-tone={props.tone.as_str()}>{ &props.answer }</p>
        </div>
    }
}

/// Properties of [`Specimens`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct SpecimensProps {
    /// Identity of the heading in the page.
    pub id: AttrValue,
    /// What is shown.
    pub title: AttrValue,
    /// The looks, each with its name; the last one takes the whole width.
    pub items: Vec<(&'static str, Html)>,
}

/// Draws several looks of the same thing beside each other. Other than a panel it cuts nothing off, so what opens may lie
/// over its edge.
#[component]
pub fn Specimens(props: &SpecimensProps) -> Html {
    let style = use_style!(
        r#"
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: var(--s4);
        min-inline-size: 0;
        padding: var(--s4);
        border: 1px solid var(--line);
        border-radius: var(--r-3);
        background: var(--surface);
        box-shadow: var(--shadow-1);

        h2 { grid-column: 1 / -1; }
        > div:last-child { grid-column: 1 / -1; }
        h3 { margin-block-end: var(--s2); color: var(--ink-2); font-size: var(--t-sm); font-weight: 560; }
        "#
    );
    html! {
        <section class={style} aria-labelledby={props.id.clone()}>
            <h2 id={props.id.clone()}>{ &props.title }</h2>
            { for props.items.iter().map(|(name, item)| html! {
                <div key={*name}><h3>{ *name }</h3>{ item.clone() }</div>
            }) }
        </section>
    }
}
