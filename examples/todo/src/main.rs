//! A todo list that all browsers share: the kit in an application that is not the dashboard.

use serde::{Deserialize, Serialize};
use sync_yew::prelude::*;
use yew::prelude::*;

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Todo {
    id: String,
    title: String,
    created_at: Timestamp,
}

impl Row for Todo {
    fn id(&self) -> &str {
        &self.id
    }

    fn at(&self) -> &Timestamp {
        &self.created_at
    }
}

struct Todos;

impl Collection for Todos {
    const NAME: &'static str = "todos";
    type Row = Todo;
    type Change = ListChange<Todo>;

    fn apply(rows: &mut RowsMut<'_, Todo>, change: &ListChange<Todo>) {
        change.apply(rows);
    }
}

/// How many todos there are.
struct Count;

impl Value for Count {
    const NAME: &'static str = "count";
    type Data = u32;
    type Change = ValueChange<u32>;

    fn apply(count: &mut u32, change: &ValueChange<u32>) {
        change.apply(count);
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct AddTodo {
    id: String,
    title: String,
}

impl Mutation for AddTodo {
    const KIND: &'static str = "add_todo";
    const AFFECTS: &'static [&'static str] = &[Todos::NAME, Count::NAME];

    fn entity(&self) -> &str {
        &self.id
    }

    fn prepare(&self, rows: &mut OptimisticRows<'_>) {
        rows.add::<Todos>(Todo {
            id: self.id.clone(),
            title: self.title.clone(),
            created_at: rows.at().clone(),
        });
    }

    fn predict(&self, prediction: &mut Prediction<'_>) {
        prediction.create_prepared();
        prediction.update::<Count>(|count| *count += 1);
    }
}

/// The todos with a text.
#[derive(Clone, Debug, PartialEq)]
struct Search(String);

impl Query for Search {
    const NAME: &'static str = "search";
    type Row = Todo;

    fn params(&self) -> Vec<(&'static str, String)> {
        vec![("text", self.0.clone())]
    }
}

#[component]
fn Page() -> Html {
    let (todos, count) = (use_collection::<Todos>(), use_value::<Count>());
    let (adds, connection) = (use_mutation::<AddTodo>(), use_connection());
    let title = use_state(String::new);
    let similar = use_pages_if(!title.is_empty(), Search(title.to_string()));
    let (typed, submitted) = (title.clone(), title.clone());
    let (adder, dismissed, older) = (adds.clone(), adds.clone(), todos.clone());
    let oninput = move |event| typed.set(field_text(&event));
    let onsubmit = move |event: SubmitEvent| {
        event.prevent_default();
        let title = submitted.to_string();
        adder.mutate_new(|id| AddTodo { id, title });
        submitted.set(String::new());
    };
    html! {
        <main>
            <h1>{ "Todos" }</h1>
            <p role="status">{ "Connection: " }{ connection.view().shown.as_str() }</p>
            <form {onsubmit}>
                <label>{ "Title " }<input value={title.to_string()} {oninput} /></label>
                <button>{ "Add" }</button>
            </form>
            <ul aria-label="Similar">
                for todo in similar.rows() {
                    <li>{ &todo.title }</li>
                }
            </ul>
            if let Some(failure) = adds.failures().first() {
                <p role="alert">
                    { "Not added: " }{ failure.error.title.as_deref() }{ ". " }
                    <button onclick={move |_| dismissed.clear()}>{ "Dismiss" }</button>
                </p>
            }
            <p>{ "There are " }{ count.data().map(|count| *count.data) }{ "." }</p>
            <ul aria-label="Todos">
                for row in todos.rows() {
                    <li data-pending={row.is_pending().then_some("true")}>
                        { &row.item.title }{ row.is_pending().then_some(" (saving…)") }
                    </li>
                }
            </ul>
            if todos.has_older() {
                <button onclick={move |_| older.load_older()}>{ "Show older" }</button>
            }
        </main>
    }
}

fn main() {
    let schema = Schema::new("todo").collection::<Todos>().value::<Count>();
    let schema = schema.mutation::<AddTodo>().query::<Search>();
    sync_yew::render::<Page>(SyncClient::new(schema, Settings::default()));
}
