//! Statistics and charts.

mod chart;
mod stat_list;

pub use chart::{Chart, ChartKind, ChartPoint, ChartProps};
pub use stat_list::{Stat, stat_list};
