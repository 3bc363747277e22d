//! Leaves out of a batch what a later part of the same batch replaces anyway.

use dashboard_protocol::{Change, ChangeKind, Event, Resource};

use crate::flat::FlatSet;

/// Takes superseded changes out of a batch: numbers before the latest numbers, and progress of a download before a
/// later state of it. The events stay, so that versions and the ids of mutations are complete. Returns, for each
/// resource, how many changes were left out.
pub(super) fn conflate(batch: &mut [Event]) -> [u64; Resource::ALL.len()] {
    let mut left_out = [0; Resource::ALL.len()];
    let mut has_stats = false;
    let mut downloads: FlatSet<String> = FlatSet::new();
    let mut follows = [None; Resource::ALL.len()];
    for event in batch.iter_mut().rev() {
        if !matches!(event.resource, Resource::Downloads | Resource::Stats) {
            continue;
        }
        // What comes after a hole may have to wait for what is missing, so that it replaces nothing yet.
        let next = follows[event.resource.index()].replace(event.prev);
        if next.is_some_and(|prev| prev != event.version) {
            match event.resource {
                Resource::Stats => has_stats = false,
                _ => downloads.clear(),
            }
        }
        let before = event.changes.len();
        let mut kept: Vec<Change> = Vec::with_capacity(before);
        for change in event.changes.drain(..).rev() {
            let is_superseded = match &change {
                Change::StatsUpdated(_) => std::mem::replace(&mut has_stats, true),
                Change::DownloadProgress(download)
                | Change::DownloadCompleted(download)
                | Change::DownloadFailed(download)
                | Change::DownloadCancelled(download) => {
                    !downloads.insert(download.id.clone())
                        && change.kind() == ChangeKind::DownloadProgress
                }
                _ => false,
            };
            if !is_superseded {
                kept.push(change);
            }
        }
        kept.reverse();
        left_out[event.resource.index()] += (before - kept.len()) as u64;
        event.changes = kept;
    }
    left_out
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashboard_protocol::{Download, Stats, Timestamp};

    fn event(resource: Resource, version: u64, changes: Vec<Change>) -> Event {
        Event {
            epoch: "e".to_owned(),
            resource,
            version,
            prev: version - 1,
            resources: vec![resource],
            mutations: vec![format!("m{version}")],
            at: Timestamp::default(),
            changes,
        }
    }

    fn download(id: &str, progress: u8) -> Box<Download> {
        Box::new(Download {
            id: id.to_owned(),
            progress,
            ..Download::default()
        })
    }

    #[test]
    fn only_the_latest_numbers_stay_and_every_event_keeps_its_header() {
        let stats = |favorites| {
            Change::StatsUpdated(Box::new(Stats {
                favorites,
                ..Stats::default()
            }))
        };
        let mut batch: Vec<_> = (1..=3)
            .map(|n| event(Resource::Stats, n, vec![stats(n as u32)]))
            .collect();
        assert_eq!(conflate(&mut batch)[Resource::Stats.index()], 2);
        assert_eq!(batch[2].changes, [stats(3)]);
        for (index, event) in batch.iter().enumerate() {
            assert_eq!(event.version, index as u64 + 1);
            assert_eq!(event.mutations.len(), 1);
        }
        assert!(batch[0].changes.is_empty() && batch[1].changes.is_empty());
    }

    #[test]
    fn numbers_before_a_hole_stay_since_those_after_it_may_have_to_wait() {
        let stats = || vec![Change::StatsUpdated(Box::default())];
        let versions = [1, 2, 4].into_iter();
        let mut batch: Vec<_> = versions
            .map(|n| event(Resource::Stats, n, stats()))
            .collect();
        assert_eq!(conflate(&mut batch)[Resource::Stats.index()], 1);
        let kept = batch.iter().map(|event| event.changes.len());
        assert!(kept.eq([0, 1, 1]), "2 ends the data before the hole");
    }

    #[test]
    fn only_progress_that_something_later_of_the_same_download_replaces_is_left_out() {
        let mut batch = vec![
            event(
                Resource::Downloads,
                1,
                vec![
                    Change::DownloadRequested(download("a", 0)),
                    Change::DownloadProgress(download("a", 10)),
                    Change::DownloadProgress(download("b", 10)),
                ],
            ),
            event(
                Resource::Downloads,
                2,
                vec![
                    Change::DownloadProgress(download("a", 60)),
                    Change::DownloadCompleted(download("a", 100)),
                ],
            ),
        ];
        assert_eq!(conflate(&mut batch)[Resource::Downloads.index()], 2);
        assert_eq!(
            batch[0].changes,
            [
                Change::DownloadRequested(download("a", 0)),
                Change::DownloadProgress(download("b", 10))
            ]
        );
        assert_eq!(
            batch[1].changes,
            [Change::DownloadCompleted(download("a", 100))]
        );
    }

    #[test]
    fn what_is_a_log_is_never_conflated() {
        let mut batch = vec![event(
            Resource::Activity,
            1,
            vec![
                Change::ActivityLogged(Box::default()),
                Change::ActivityLogged(Box::default()),
            ],
        )];
        assert_eq!(conflate(&mut batch), [0; 5]);
        assert_eq!(batch[0].changes.len(), 2);
    }
}
