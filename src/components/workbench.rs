//! A page of tools.

use yew::prelude::*;

use super::status_chip::Tone;

/// Properties of [`Workbench`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct WorkbenchProps {
    /// Panels; those in a `div` of the class `workbench-wide` take both columns. Fields and buttons above a list stand in a
    /// `div` of the class `workbench-tools`.
    pub children: Html,
}

/// Draws panels in two columns where there is room for them, else below each other.
#[component]
pub fn Workbench(props: &WorkbenchProps) -> Html {
    html! { <div class="workbench">{ props.children.clone() }</div> }
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
    html! {
        <div class="tool-form">
            <p class="tool-form-hint">{ &props.hint }</p>
            <div class="tool-form-fields">{ props.children.clone() }</div>
            <p class="tool-form-answer" data-tone={props.tone.as_str()}>{ &props.answer }</p>
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
    html! {
        <section class="specimens" aria-labelledby={props.id.clone()}>
            <h2 id={props.id.clone()}>{ &props.title }</h2>
            { for props.items.iter().map(|(name, item)| html! {
                <div key={*name}><h3>{ *name }</h3>{ item.clone() }</div>
            }) }
        </section>
    }
}
