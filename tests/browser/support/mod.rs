//! The dashboard's server and a page, beside the browser and the server of `sync_yew::test_util`.

pub(crate) mod backend;
pub(crate) mod dashboard;
pub(crate) mod fixture;
pub(crate) mod page;
