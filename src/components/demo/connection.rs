//! The indicator in its three variants, with the actions on the connection.

use yew::prelude::*;

use super::workbench::specimens;
use crate::components::{ConnectionStatusIndicator, IndicatorVariant};
use crate::text::{CONNECTION_TEXT, demo as text};

/// Id of the compact indicator here; the page's header has one of its own.
const COMPACT_ID: &str = "demo-connection-status";

/// In the order of their names.
const VARIANTS: [IndicatorVariant; 3] = [
    IndicatorVariant::Minimal,
    IndicatorVariant::Compact,
    IndicatorVariant::Full,
];

#[derive(Clone, Debug, PartialEq, Properties)]
pub(super) struct ConnectionControlsProps {
    pub(super) on_sign_in: Callback<()>,
}

/// Shows the indicator in all variants. The full one has the buttons.
#[component]
pub(super) fn ConnectionControls(props: &ConnectionControlsProps) -> Html {
    let item = |(name, variant)| {
        let on_sign_in = props.on_sign_in.clone();
        let indicator = html! {
            <ConnectionStatusIndicator {variant} id={COMPACT_ID} {on_sign_in} text={CONNECTION_TEXT} />
        };
        (name, indicator)
    };
    let items = text::VARIANTS.into_iter().zip(VARIANTS).map(item);
    specimens("demo-connection", text::CONNECTION, items)
}
