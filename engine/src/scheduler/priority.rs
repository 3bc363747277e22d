//! How soon a change has to be on the screen.

use dashboard_protocol::{Change, ChangeKind, Event, OrderStatus, Resource};

/// How soon a change has to be on the screen; the later variant is the more urgent one.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Priority {
    /// Gathered for half a second: numbers, activity, the catalog.
    #[default]
    Low,
    /// Gathered for a tenth of a second: favorites and downloads.
    Medium,
    /// With the next animation frame: orders.
    High,
    /// At once: something that the user waited for has failed.
    Critical,
}

impl Priority {
    /// The priority of a type of change, before its data are looked at.
    #[must_use]
    pub const fn of_kind(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::DownloadFailed => Self::Critical,
            ChangeKind::OrderCreated | ChangeKind::OrderUpdated => Self::High,
            ChangeKind::FavoriteAdded
            | ChangeKind::FavoriteRemoved
            | ChangeKind::DownloadRequested
            | ChangeKind::DownloadProgress
            | ChangeKind::DownloadCompleted
            | ChangeKind::DownloadCancelled => Self::Medium,
            ChangeKind::ActivityLogged | ChangeKind::StatsUpdated | ChangeKind::Unknown => {
                Self::Low
            }
        }
    }

    /// The priority of a change.
    #[must_use]
    pub fn of_change(change: &Change) -> Self {
        match change {
            Change::OrderUpdated(order) if order.status == OrderStatus::PaymentFailed => {
                Self::Critical
            }
            other => Self::of_kind(other.kind()),
        }
    }

    /// The priority of whatever happens to a resource.
    #[must_use]
    pub const fn of_resource(resource: Resource) -> Self {
        match resource {
            Resource::Orders => Self::High,
            Resource::Favorites | Resource::Downloads => Self::Medium,
            Resource::Activity | Resource::Stats => Self::Low,
        }
    }

    /// The priority that an event gives to its commit: the highest of its changes and of the other parts that are
    /// still to come, whose resources it names.
    pub(super) fn of_commit(event: &Event, parts: impl Iterator<Item = Resource>) -> Self {
        let changes = event.changes.iter().map(Self::of_change);
        let others = parts.chain([event.resource]).map(Self::of_resource);
        changes.chain(others).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashboard_protocol::{Download, Order};

    #[test]
    fn only_what_failed_is_critical() {
        let order = |status| {
            Priority::of_change(&Change::OrderUpdated(Box::new(Order {
                status,
                ..Order::default()
            })))
        };
        assert_eq!(order(OrderStatus::PaymentFailed), Priority::Critical);
        assert_eq!(order(OrderStatus::Paid), Priority::High);
        let failed = Change::DownloadFailed(Box::default());
        assert_eq!(Priority::of_change(&failed), Priority::Critical);
        let ready = Change::DownloadCompleted(Box::<Download>::default());
        assert_eq!(Priority::of_change(&ready), Priority::Medium);
    }

    #[test]
    fn no_kind_is_less_urgent_than_its_resource_but_failures_are_more() {
        for kind in ChangeKind::KNOWN {
            let resource = match kind.as_str().split_once('_').unwrap().0 {
                "favorite" => Resource::Favorites,
                "order" => Resource::Orders,
                "download" => Resource::Downloads,
                "activity" => Resource::Activity,
                _ => Resource::Stats,
            };
            assert!(Priority::of_kind(*kind) >= Priority::of_resource(resource));
        }
    }
}
