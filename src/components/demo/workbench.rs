//! A page of tools.

use yew::prelude::*;

use crate::components::Tone;

/// Properties of [`Workbench`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct WorkbenchProps {
    /// Panels; those in a `div` of the class `workbench-wide` span both columns. Fields and buttons above a list are in
    /// a `div` of the class `workbench-tools`.
    pub children: Html,
}

/// Draws panels in two columns where there is space, otherwise below each other.
#[component]
pub fn Workbench(props: &WorkbenchProps) -> Html {
    html! { <div class="workbench">{ props.children.clone() }</div> }
}

/// Properties of [`ToolForm`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ToolFormProps {
    /// A description of the tool.
    pub hint: AttrValue,
    /// The result of the last action.
    #[prop_or_default]
    pub answer: AttrValue,
    /// The tone of the result.
    #[prop_or_default]
    pub tone: Tone,
    /// Fields and buttons.
    pub children: Html,
}

/// Draws the fields and buttons of a tool, and below them the result of the last action. The line for the result is
/// always there, so that it does not shift the layout.
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
    /// Id of the heading in the page.
    pub id: AttrValue,
    /// The heading.
    pub title: AttrValue,
    /// The variants, each with its name; the last one spans the whole width.
    pub items: Vec<(&'static str, Html)>,
}

/// Draws several variants of the same component beside each other. Unlike a panel it clips nothing, so a popup may
/// extend over its edge.
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
