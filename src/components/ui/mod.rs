//! What no feature owns: controls, lists and their states, outcomes, and the frame of the page.

mod button;
mod data_table;
mod fields;
mod frame;
mod icon;
mod outcome;
mod record_list;
mod states;
mod values;

pub use button::{Button, ButtonKind, ButtonProps};
pub use data_table::{DataRow, DataTable, DataTableProps};
pub use fields::{SearchField, SearchFieldProps, TextField, TextFieldProps, choice};
pub use frame::{
    MAIN_ID, NavItem, SIGN_OUT_ID, STAY_ID, account_bar, brand, compact_panel, leave_question,
    live_regions, panel, shell,
};
pub use icon::Icon;
pub use outcome::{action_message, is_undecided, rejection, undecided};
pub use record_list::{ListFoot, RecordList, RecordListProps, list_foot};
pub use states::{empty_state, error_panel, skeleton};
pub use values::{Ago, AgoProps, Tone, status_chip};
