//! A todo list that all browsers share: the kit in an application that is not the dashboard.

use serde::{Deserialize, Serialize};
use sync_yew::prelude::*;
use web_sys::HtmlInputElement;
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

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Change {
    TodoAdded(Todo),
    Counted(u32),
}

struct Todos;

impl Collection for Todos {
    const NAME: &'static str = "todos";
    type Row = Todo;
    type Change = Change;

    fn apply(rows: &mut RowsMut<'_, Todo>, change: &Change) {
        if let Change::TodoAdded(todo) = change {
            rows.put(todo.clone());
        }
    }
}

/// How many todos there are.
struct Count;

impl Value for Count {
    const NAME: &'static str = "count";
    type Data = u32;
    type Change = Change;

    fn apply(count: &mut u32, change: &Change) {
        if let Change::Counted(new) = change {
            *count = *new;
        }
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
        if let Some(mut todos) = prediction.rows::<Todos>() {
            todos.create(&self.id);
        }
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
    let (client, adds, connection) = (use_sync(), use_mutation::<AddTodo>(), use_connection());
    let title = use_state(String::new);
    let similar = use_pages(Search(title.to_string()));
    let (typed, submitted, adder, older) =
        (title.clone(), title.clone(), adds.clone(), todos.clone());
    let oninput = move |event: InputEvent| {
        typed.set(event.target_unchecked_into::<HtmlInputElement>().value());
    };
    let onsubmit = move |event: SubmitEvent| {
        event.prevent_default();
        let title = submitted.to_string();
        adder.mutate_many(client.new_id().map(|id| AddTodo { id, title }), false);
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
                { for similar.data().iter().filter(|_| !title.is_empty()).flat_map(|found| &found.rows)
                    .map(|todo| html! { <li>{ &todo.title }</li> }) }
            </ul>
            { for adds.failures().iter().map(|failure| {
                let (adds, id) = (adds.clone(), failure.mutation.id.clone());
                let reason = match &failure.error.code {
                    Some(ProblemCode::Invalid) => "a title has 1 to 80 characters. ",
                    _ => "the server rejected it. ",
                };
                let onclick = move |_| adds.dismiss(&id);
                html! { <p role="alert">{ "Not added: " }{ reason }<button {onclick}>{ "Dismiss" }</button></p> }
            }) }
            <p>{ "There are " }{ count.data().map(|count| *count.data) }{ "." }</p>
            <ul aria-label="Todos">
                { for todos.data().iter().flat_map(|todos| &todos.rows).map(|row| html! {
                    <li data-pending={row.is_pending().then_some("true")}>
                        { &row.item.title }{ row.is_pending().then_some(" (saving…)") }
                    </li>
                }) }
            </ul>
            if todos.data().is_some_and(|todos| todos.has_older) {
                <button onclick={move |_| older.load_older()}>{ "Show older" }</button>
            }
        </main>
    }
}

#[component]
fn App() -> Html {
    let client = use_memo((), |()| {
        let schema = Schema::new("todo").collection::<Todos>().value::<Count>();
        let schema = schema.mutation::<AddTodo>().query::<Search>();
        SyncClient::new(schema, Settings::default())
    });
    html! { <SyncProvider client={(*client).clone()}><Page /></SyncProvider> }
}

fn main() {
    yew::Renderer::<App>::new().render();
}
