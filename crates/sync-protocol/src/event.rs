//! Events: the changes of one resource in a commit.

use serde::{Deserialize, Serialize};

use crate::{Json, Timestamp};

/// The changes of one resource in a commit: the unit of the realtime channels. `R` names a resource and `C` is a
/// change; a client reads both by its schema.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Event<R = String, C = Json> {
    /// Epoch of the user's data; another epoch invalidates everything that is cached.
    pub epoch: String,
    /// The resource that changed.
    pub resource: R,
    /// The commit's version.
    pub version: u64,
    /// The resource's version before the commit.
    pub prev: u64,
    /// All resources that the commit affected.
    #[serde(default = "Vec::new")]
    pub resources: Vec<R>,
    /// Ids of the mutations that the commit ran.
    #[serde(default)]
    pub mutations: Vec<String>,
    /// When the commit was made.
    #[serde(default)]
    pub at: Timestamp,
    /// The changes, in order.
    pub changes: Vec<C>,
}
