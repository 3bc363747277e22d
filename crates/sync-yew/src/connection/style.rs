//! The style of the connection indicator, its panel and the banner.
//!
//! Other applications use these parts of the kit. Their style therefore comes with them, through stylist, and needs no
//! file of ours: it uses the tokens of `styles/tokens.css` if the page has them, and its own values otherwise. All
//! three share one style, so that a page gets one sheet, once.

use stylist::yew::use_style;
use yew::prelude::*;

/// The style, for the outermost element of each of the three.
#[hook]
pub(super) fn use_connection_style() -> Classes {
    let style = use_style!(
        r#"
        --cs-ok: var(--ok, light-dark(#0a5730, #7ddba4));
        --cs-ok-soft: var(--ok-soft, light-dark(#e2f4e9, #13291d));
        --cs-warn: var(--warn, light-dark(#693f00, #f5c264));
        --cs-warn-soft: var(--warn-soft, light-dark(#fdf0d9, #2d220d));
        --cs-info: var(--info, light-dark(#1a4588, #9cc3ff));
        --cs-info-soft: var(--info-soft, light-dark(#e6eefb, #15233a));
        --cs-bad: var(--bad, light-dark(#8f0d1e, #ffa9ae));
        --cs-bad-soft: var(--bad-soft, light-dark(#fdeaec, #361518));
        --cs-off: var(--off, light-dark(#454c59, #b4bbc7));
        --cs-off-soft: var(--off-soft, light-dark(#e9ecf1, #232831));
        --cs-ink: var(--ink, light-dark(#14171d, #eef0f4));
        --cs-ink-2: var(--ink-2, light-dark(#454c59, #b4bbc7));
        --cs-surface: var(--surface, light-dark(#ffffff, #15181e));
        --cs-surface-2: var(--surface-2, light-dark(#eef0f4, #1f232b));
        --cs-line: var(--line, light-dark(#dfe3ea, #2a2f39));
        --cs-line-strong: var(--line-strong, light-dark(#838b9b, #727b8c));
        --cs-accent: var(--accent, light-dark(#3b2fc4, #b6b0ff));
        --cs-accent-ink: var(--accent-ink, light-dark(#ffffff, #15123d));
        --cs-shadow: var(--shadow-2, 0 0 0 1px var(--cs-line), 0 4px 24px light-dark(rgb(20 23 29 / 14%), rgb(0 0 0 / 55%)));
        --cs-control: var(--control, 2.25rem);
        --cs-tone: var(--cs-off);
        --cs-tone-soft: var(--cs-off-soft);
        font-size: 0.9375rem;
        line-height: 1.5;

        &, & *, & *::after { box-sizing: border-box; }
        p, dl, dd { margin: 0; }
        button { font: inherit; touch-action: manipulation; }
        button:focus-visible { outline: 2px solid var(--cs-accent); outline-offset: 2px; }
        svg { display: block; flex: none; }

        &[data-state="live"], &[data-tone="back"] { --cs-tone: var(--cs-ok); --cs-tone-soft: var(--cs-ok-soft); }
        &[data-state="reconnecting"], &[data-state="paused"], &[data-state="unreachable"],
        &[data-tone="paused"], &[data-tone="unreachable"] {
            --cs-tone: var(--cs-warn);
            --cs-tone-soft: var(--cs-warn-soft);
        }
        &[data-state="delayed"] { --cs-tone: var(--cs-info); --cs-tone-soft: var(--cs-info-soft); }
        &[data-state="signed-out"], &[data-tone="signed-out"] {
            --cs-tone: var(--cs-bad);
            --cs-tone-soft: var(--cs-bad-soft);
        }

        &.connection-indicator { position: relative; }
        &.connection-indicator[data-variant="minimal"] { display: inline-block; color: var(--cs-tone); }
        .connection-summary {
            display: flex;
            align-items: center;
            gap: 0.5rem;
            color: var(--cs-tone);
            font-weight: 600;
        }
        .connection-pill {
            position: relative;
            display: inline-flex;
            align-items: center;
            gap: 0.5rem;
            min-block-size: 2rem;
            padding-inline: 0.75rem;
            border: 1px solid transparent;
            border-radius: 999px;
            background: var(--cs-tone-soft);
            color: var(--cs-tone);
            font-size: 0.875rem;
            font-weight: 600;
            white-space: nowrap;
            cursor: pointer;
        }
        .connection-pill::after {
            content: "";
            position: absolute;
            inset-block: calc((100% - 2.75rem) / 2);
            inset-inline: 0;
        }
        .connection-pill:hover { border-color: var(--cs-tone); }
        .connection-prefix {
            position: absolute;
            inline-size: 1px;
            block-size: 1px;
            margin: -1px;
            overflow: hidden;
            clip-path: inset(50%);
            white-space: nowrap;
        }
        .connection-popover {
            position: absolute;
            z-index: 30;
            inset-block-start: calc(100% + 0.5rem);
            inset-inline-start: 0;
            inline-size: 22rem;
            max-inline-size: calc(100vw - 1.5rem);
            padding: 1rem;
            border-radius: 0.875rem;
            background: var(--cs-surface);
            color: var(--cs-ink);
            box-shadow: var(--cs-shadow);
            animation: connection-popover-in 120ms cubic-bezier(0.2, 0, 0, 1);
        }

        &.connection-panel { display: grid; gap: 0.75rem; margin-block-start: 0.75rem; }
        .connection-facts {
            display: grid;
            grid-template-columns: auto 1fr;
            gap: 0.25rem 1rem;
            font-size: 0.875rem;
        }
        .connection-facts dt { color: var(--cs-ink-2); }
        .connection-facts dd { text-align: end; font-variant-numeric: tabular-nums; }
        .connection-countdown { color: var(--cs-ink-2); font-size: 0.875rem; font-variant-numeric: tabular-nums; }
        .connection-plot { inline-size: 100%; block-size: 2.25rem; color: var(--cs-ink-2); }
        .connection-actions { display: flex; flex-wrap: wrap; gap: 0.5rem; }

        &.connection-banner {
            position: fixed;
            z-index: 25;
            inset-block-end: max(1rem, env(safe-area-inset-bottom));
            inset-inline: 0.75rem;
            display: flex;
            flex-wrap: wrap;
            align-items: center;
            justify-content: space-between;
            gap: 0.5rem 1rem;
            max-inline-size: 46rem;
            min-block-size: 3.5rem;
            margin-inline: auto;
            padding: 0.5rem 0.5rem 0.5rem 1rem;
            border-radius: 0.625rem;
            background: var(--cs-tone-soft);
            color: var(--cs-tone);
            box-shadow: var(--cs-shadow);
            animation: connection-banner-in 220ms cubic-bezier(0.2, 0, 0, 1);
        }
        .connection-words {
            display: grid;
            grid-template-columns: auto 1fr;
            align-items: center;
            gap: 0.75rem;
            flex: 1 1 18rem;
            padding-block: 0.25rem;
            line-height: 1.4;
        }
        .connection-words p { color: var(--cs-ink); }
        .connection-words span { font-variant-numeric: tabular-nums; }
        &.connection-banner .connection-actions { margin-inline-start: auto; }

        .connection-action {
            display: inline-flex;
            align-items: center;
            justify-content: center;
            gap: 0.5rem;
            min-block-size: var(--cs-control);
            padding: 0 0.75rem;
            border: 1px solid var(--cs-line-strong);
            border-radius: 0.375rem;
            background: var(--cs-surface);
            color: var(--cs-ink);
            font-size: 0.875rem;
            font-weight: 600;
            line-height: 1.2;
            white-space: nowrap;
            cursor: pointer;
        }
        .connection-action > span { display: inline-grid; justify-items: center; }
        .connection-action > span::after {
            content: attr(data-other);
            block-size: 0;
            overflow: hidden;
            visibility: hidden;
        }
        .connection-action:hover { background: var(--cs-surface-2); }
        .connection-action:active { border-color: var(--cs-ink); }
        .connection-action[data-kind="primary"] {
            border-color: var(--cs-accent);
            background: var(--cs-accent);
            color: var(--cs-accent-ink);
        }
        .connection-action[data-kind="primary"]:hover { filter: brightness(1.08); }
        .connection-action[aria-disabled="true"] {
            border-color: var(--cs-line);
            background: var(--cs-surface-2);
            color: var(--cs-ink-2);
            cursor: default;
            filter: none;
        }

        @media (max-width: 29.99rem) {
            .connection-popover {
                position: fixed;
                inset-block-start: calc(var(--header, 3.5rem) + 0.25rem);
                inset-inline: 0.75rem;
                inline-size: auto;
            }
        }
        @media (pointer: coarse) {
            & { --cs-control: var(--control, 2.75rem); }
        }
        @media (forced-colors: active) {
            .connection-pill { border: 1px solid ButtonBorder; }
            .connection-popover { border: 1px solid CanvasText; }
            &.connection-banner { border: 1px solid CanvasText; }
        }
        @media (prefers-reduced-motion: reduce) {
            &, & * { animation-duration: 1ms !important; }
        }
        @keyframes connection-popover-in {
            from { opacity: 0; transform: translateY(-0.25rem); }
        }
        @keyframes connection-banner-in {
            from { opacity: 0; transform: translateY(0.5rem); }
        }
        "#
    );
    style.into()
}
