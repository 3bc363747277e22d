//! What a user may cost the server. Calls are charged by the work that they make, not by their number.

use crate::{
    failure::{Failure, Result},
    ids::UserId,
    limiter::Buckets,
};

/// The sustained cost of mutations per second, and the burst.
const MUTATION_RATE: f64 = 200.0;
const MUTATION_BURST: f64 = 500.0;

/// The same over days, because the server keeps what a mutation stores: about 6 kB for two days.
const MUTATION_BUDGET_RATE: f64 = 0.25;
const MUTATION_BUDGET: f64 = 20_000.0;

/// The sustained cost of reads per second, and the burst. A visit costs about 30.
const READ_RATE: f64 = 100.0;
const READ_BURST: f64 = 1000.0;

/// The charges of all users.
#[derive(Debug)]
pub struct Charges {
    mutation_rate: Buckets<UserId>,
    mutation_budget: Buckets<UserId>,
    read_rate: Buckets<UserId>,
}

impl Default for Charges {
    fn default() -> Self {
        Self {
            mutation_rate: Buckets::new(MUTATION_RATE, MUTATION_BURST),
            mutation_budget: Buckets::new(MUTATION_BUDGET_RATE, MUTATION_BUDGET),
            read_rate: Buckets::new(READ_RATE, READ_BURST),
        }
    }
}

impl Charges {
    /// Charges a user for mutations. Most cost 1.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn mutations(&self, user_id: &UserId, cost: u32) -> Result<()> {
        // Whatever fits into a request must be possible once.
        let cost = f64::from(cost).min(MUTATION_BURST);
        self.mutation_rate
            .take(user_id.clone(), cost)
            .and_then(|()| {
                let taken = self.mutation_budget.take(user_id.clone(), cost);
                taken.inspect_err(|_| self.mutation_rate.refund(user_id, cost))
            })
            .map_err(Failure::rate_limited)
    }

    /// Charges a user for reads. A call that reads next to nothing costs 1, a page of 50 rows too.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn reads(&self, user_id: &UserId, cost: usize) -> Result<()> {
        let cost = u32::try_from(cost).map_or(READ_BURST, f64::from);
        self.read_rate
            .take(user_id.clone(), cost.min(READ_BURST))
            .map_err(Failure::rate_limited)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_user_may_make_20_000_mutations_in_a_row_and_few_after_that() {
        let (charges, ada) = (Charges::default(), UserId::from("ada"));
        let mut made = 0;
        while charges.mutations(&ada, 100).is_ok() {
            made += 100;
            tokio::time::advance(Duration::from_millis(500)).await;
        }
        // It gains a quarter of a mutation per second in the meantime.
        assert_eq!(made, 20_000);
        assert!(charges.mutations(&ada, 50).is_err());
        assert!(charges.mutations(&UserId::from("ben"), 500).is_ok());
        tokio::time::advance(Duration::from_secs(400)).await;
        assert!(charges.mutations(&ada, 100).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_cost_above_the_allowance_is_possible_once() {
        let (charges, ada) = (Charges::default(), UserId::from("ada"));
        assert!(charges.mutations(&ada, u32::MAX).is_ok());
        assert!(charges.mutations(&ada, 1).is_err());
        assert!(charges.reads(&ada, usize::MAX).is_ok());
        assert!(charges.reads(&ada, 1).is_err());
    }
}
