//! The roles, names and attributes of the components, as markup.

use std::rc::Rc;

use dashboard_model::{Beat, Order, OrderStatus};
use sync_engine::view::{ErrorKind, RowView};
use sync_yew::test_util::{check, markup, markup_of};
use yew::prelude::*;

use super::*;

#[tokio::test]
async fn a_favorite_button_keeps_its_name_and_shows_its_state() {
    for (favorite, pressed) in [
        (false, r#"aria-pressed="false""#),
        (true, r#"aria-pressed="true""#),
    ] {
        let button = favorite_button("Blue Train", favorite, favorite, &Callback::noop());
        let markup = markup_of(button).await;
        check(
            &markup,
            &[r#"aria-label="Favorite Blue Train""#, pressed],
            &[],
        );
        assert_eq!(markup.contains("data-pending"), favorite);
    }
}

#[tokio::test]
async fn the_frame_names_its_navigation_and_the_current_page() {
    let item = |label, current| NavItem {
        label,
        href: "/x".into(),
        icon: Icon::Heart,
        current,
        on_follow: Callback::noop(),
    };
    let nav = [item("Overview", false), item("Favorites", true)];
    let (nothing, page) = (Html::default(), html! { <h1>{ "Favorites" }</h1> });
    let frame = shell(&nav, Callback::noop(), nothing.clone(), nothing, page);
    let markup = markup_of(frame).await;
    check(
        &markup,
        &[
            r##"href="#main""##,
            r#"<nav aria-label="Dashboard""#,
            r#"id="main" tabindex="-1""#,
        ],
        &[],
    );
    assert_eq!(markup.matches(r#"aria-current="page""#).count(), 1);
}

#[tokio::test]
async fn there_is_one_polite_and_one_urgent_region_even_while_nothing_is_said() {
    let markup = markup_of(live_regions(&"".into(), &"".into())).await;
    assert_eq!(markup.matches(r#"role="status""#).count(), 1);
    assert_eq!(markup.matches(r#"role="alert""#).count(), 1);
}

#[tokio::test]
async fn statistics_are_a_named_list_of_terms_that_keeps_its_size_while_loading() {
    let stat = |value: Option<&'static str>| Stat {
        term: "Favorites".into(),
        value: value.map(AttrValue::Static),
        note: None,
        pending: false,
    };
    let markup = markup_of(stat_list(&[stat(Some("12")), stat(None)])).await;
    check(
        &markup,
        &[
            r#"aria-label="Statistics""#,
            "<dt>Favorites</dt>",
            ">12</dd>",
            "bone",
        ],
        &[],
    );
}

#[tokio::test]
async fn rows_carry_their_identity_and_whether_they_are_confirmed() {
    let beat = Beat {
        id: "b1".to_owned(),
        title: "Blue Train".to_owned(),
        ..Beat::default()
    };
    let words = BeatWords {
        about: "Ada · 92 BPM".into(),
        plays: "12 plays".into(),
        price: "$19.99".into(),
    };
    let nothing = Html::default;
    let row = beat_row(&beat, &words, true, None, nothing(), nothing());
    let beat = markup_of(row).await;
    check(
        &beat,
        &["<li", r#"data-id="b1""#, r#"data-pending="true""#, "$19.99"],
        &["style="],
    );
    let order = RowView {
        item: Rc::new(Order {
            id: "o1".to_owned(),
            number: "BL-1".to_owned(),
            status: OrderStatus::Paid,
            ..Order::default()
        }),
        mutations: Rc::from([]),
    };
    let row = order_row(&order, nothing(), &"$19.99".into(), nothing(), nothing());
    let order = markup_of(row).await;
    check(
        &order,
        &[r#"role="row""#, r#"data-id="o1""#, r#"data-status="paid""#],
        &["data-pending"],
    );
}

#[tokio::test]
async fn a_list_has_a_name_and_its_foot_shows_its_state() {
    for (foot, label) in [
        (ListFoot::End, None),
        (ListFoot::More, Some("Show more")),
        (ListFoot::Loading, Some("Loading…")),
    ] {
        let props = yew::props!(RecordListProps {
            label: "Catalog",
            panel: "catalog-panel",
            ids: Rc::from([AttrValue::Static("b1")]),
            foot,
            children: html! { <li>{ "Row" }</li> },
        });
        let markup = markup::<RecordList>(props).await;
        check(&markup, &[r#"role="list""#, r#"aria-label="Catalog""#], &[]);
        assert_eq!(markup.contains("<button"), label.is_some());
        check(&markup, label.as_slice(), &[]);
    }
}

#[tokio::test]
async fn every_kind_of_error_has_words_and_a_way_out() {
    for (kind, action) in [
        (ErrorKind::Network, "Try again"),
        (ErrorKind::Authentication, "Sign in"),
        (ErrorKind::Data, "Reload the page"),
        (ErrorKind::Realtime, "Reconnect"),
        (ErrorKind::Limit, "Try again"),
    ] {
        let panel = error_panel(kind, false, &Callback::noop());
        check(
            &markup_of(panel).await,
            &["<button", action, "data-error="],
            &[],
        );
    }
}

#[tokio::test]
async fn a_field_is_tied_to_its_label_and_to_what_is_wrong() {
    let props = yew::props!(TextFieldProps {
        id: "email",
        label: "Email",
        autocomplete: "username",
        error: Some(AttrValue::Static("Enter a full email address.")),
        on_input: Callback::noop(),
    });
    let markup = markup::<TextField>(props).await;
    check(
        &markup,
        &[
            r#"<label for="email""#,
            r#"aria-invalid="true""#,
            r#"aria-describedby="email-error""#,
            r#"<p id="email-error" class="text-field-error">Enter a full email address."#,
        ],
        &[],
    );
}

#[tokio::test]
async fn a_chart_has_a_table_of_the_same_numbers() {
    let points: Rc<[ChartPoint]> = Rc::from([ChartPoint {
        label: "Nov 23".into(),
        value: 3.0,
        text: "3".into(),
    }]);
    let props = yew::props!(ChartProps {
        id: "chart",
        title: "Orders per day",
        summary: "3 in 1 days",
        unit: "Orders",
        points,
        top: "3",
    });
    let markup = markup::<Chart>(props).await;
    check(
        &markup,
        &["<table", r#"<th scope="row">Nov 23</th>"#, "<td>3</td>"],
        &["style="],
    );
}

#[tokio::test]
async fn a_table_has_a_name_heads_and_row_heads_and_says_when_it_is_empty() {
    const COLUMNS: &[&str] = &["Counter", "Count"];
    let row = DataRow {
        id: "polls".into(),
        cells: vec![html! { { "polls" } }, html! { { "3" } }],
    };
    let props = yew::props!(DataTableProps {
        label: "Counters",
        columns: COLUMNS,
        rows: vec![row],
        numbers: true,
    });
    check(
        &markup::<DataTable>(props).await,
        &[
            r#"<table role="table" aria-label="Counters" class="data-table-grid data-table-numbers tabular""#,
            r#"<th role="columnheader" scope="col">Count</th>"#,
            r#"<th role="rowheader" scope="row">polls</th>"#,
            r#"<td role="cell" data-label="Count">3</td>"#,
            r#"data-id="polls""#,
        ],
        &["tabindex"],
    );
    let props = yew::props!(DataTableProps {
        label: "Timeline",
        columns: COLUMNS,
        rows: vec![],
        empty: "Nothing to show.",
        scrolled: true,
    });
    check(
        &markup::<DataTable>(props).await,
        &["Nothing to show.", r#"role="region""#, r#"tabindex="0""#],
        &["<table"],
    );
}

#[tokio::test]
async fn a_choice_has_a_label_and_one_selected_option() {
    const OPTIONS: &[&str] = &["Orders", "Market"];
    let field = choice("What happens", OPTIONS, 1, Callback::noop());
    let markup = markup_of(field).await;
    check(
        &markup,
        &[
            "<label",
            "What happens<select",
            r#"aria-label="What happens""#,
            ">Orders</option>",
        ],
        &[],
    );
    assert_eq!(markup.matches("selected=").count(), 1);
    assert!(markup.find("selected") > markup.find("Orders"));
}

#[tokio::test]
async fn the_answer_of_a_tool_has_its_place_before_there_is_one() {
    for (answer, tone) in [("", Tone::Neutral), ("No such controls.", Tone::Bad)] {
        let fields = html! { <button>{ "Do" }</button> };
        let form = tool_form("What it does.", (answer.into(), tone), fields);
        let line = format!(
            r#"<p data-tone="{}" class="tool-form-answer">{answer}</p>"#,
            tone.as_str()
        );
        check(&markup_of(form).await, &["What it does.", &line], &[]);
    }
}

#[tokio::test]
async fn specimens_are_a_named_section_each_with_its_name() {
    let items = [("Full", html! { <p>{ "Live" }</p> })];
    let section = specimens("looks", "Connection controls", items);
    check(
        &markup_of(section).await,
        &[
            r#"aria-labelledby="looks""#,
            r#"<h2 id="looks">"#,
            "<h3>Full</h3><p>Live</p>",
        ],
        &[],
    );
}
