//! Presentational components: values come in as formatted text, actions go out through callbacks.
//!
//! Nothing here reads our contexts, calls our hooks, keeps data or knows about the network; so each component can be
//! used, and tested, alone. `connected` and `pages` connect them to the data.

mod account_bar;
mod activity_row;
mod beat_actions;
mod beat_row;
mod button;
mod chart;
mod choice;
mod connection_banner;
mod connection_style;
mod cover;
mod data_table;
mod download_row;
mod empty_state;
mod error_panel;
mod favorite_button;
mod icon;
mod inline_message;
mod leave_question;
mod live_region;
mod money;
mod order_table;
mod panel;
mod record_list;
mod search_field;
mod shell;
mod skeleton;
mod stat_list;
mod status_chip;
mod status_indicator;
mod status_panel;
mod text_field;
mod time_ago;
mod workbench;

pub use account_bar::{AccountBar, AccountBarProps, SIGN_OUT_ID};
pub use activity_row::{ActivityRow, ActivityRowProps};
pub use beat_actions::{BeatActions, BeatActionsProps};
pub use beat_row::{BeatRow, BeatRowProps};
pub use button::{Button, ButtonKind, ButtonProps};
pub use chart::{Chart, ChartKind, ChartPoint, ChartProps};
pub use choice::{Choice, ChoiceProps};
pub use connection_banner::{BannerTone, ConnectionBanner, ConnectionBannerProps};
pub use cover::{Cover, CoverProps};
pub use data_table::{DataRow, DataTable, DataTableProps};
pub use download_row::{DownloadRow, DownloadRowProps};
pub use empty_state::{EmptyState, EmptyStateProps};
pub use error_panel::{ErrorPanel, ErrorPanelProps};
pub use favorite_button::{FavoriteButton, FavoriteButtonProps};
pub use icon::{Glyph, GlyphProps, Icon};
pub use inline_message::{InlineMessage, InlineMessageProps};
pub use leave_question::{LeaveQuestion, LeaveQuestionProps, STAY_ID};
pub use live_region::{LiveRegion, LiveRegionProps};
pub use money::{Money, MoneyProps};
pub use order_table::{OrderRow, OrderRowProps, OrderTable, OrderTableProps};
pub use panel::{Panel, PanelProps};
pub use record_list::{ListFoot, RecordList, RecordListProps};
pub use search_field::{SearchField, SearchFieldProps};
pub use shell::{Brand, MAIN_ID, NavItem, Shell, ShellProps};
pub use skeleton::{Skeleton, SkeletonProps};
pub use stat_list::{Stat, StatList, StatListProps};
pub use status_chip::{StatusChip, StatusChipProps, Tone};
pub use status_indicator::{IndicatorVariant, StatusIndicator, StatusIndicatorProps};
pub use status_panel::{StatusAction, StatusActions, StatusFacts, StatusPanel, StatusPanelProps};
pub use text_field::{TextField, TextFieldProps};
pub use time_ago::{TimeAgo, TimeAgoProps};
pub use workbench::{
    Specimens, SpecimensProps, ToolForm, ToolFormProps, Workbench, WorkbenchProps,
};

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
