//! The words by which the program is driven: a line in, a line out.

use std::fmt;
use std::time::Duration;

use crate::order::{Fault, Order, Reach};

/// What a line asks for.
///
/// ```text
/// pass | refuse | black-hole | reset | latency MS | slow BYTES_PER_S | cut BYTES
///   [websockets] [existing | new] [for MS [every MS TIMES]]
/// counts
/// ```
///
/// An order holds until the next one. With `for` it holds for that long, and everything passes after it; with `every`
/// this comes again so many times in all, once in each period. The answer is `ok`, given when the order is obeyed, or,
/// with `for`, when everything passes again; `error: …`; or, to `counts`, `accepted N open N websockets N`.
///
/// ```
/// use fault_proxy::{Command, Fault};
///
/// let Ok(Command::Set(order, hold)) = "refuse for 1000 every 3000 20".parse() else {
///     panic!("an order");
/// };
/// assert_eq!(order.fault, Fault::Refuse);
/// assert_eq!(hold.map(|hold| hold.times), Some(20));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Command {
    /// Give an order.
    Set(Order, Option<Hold>),
    /// Tell how many connections there were and are.
    Counts,
}

/// An order that ends by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hold {
    /// How long it holds.
    pub lasts: Duration,
    /// From one beginning to the next.
    pub every: Duration,
    /// How many times.
    pub times: u32,
}

/// A line that is no command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParseError {
    what: &'static str,
    found: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was expected, found \"{}\"", self.what, self.found)
    }
}

impl std::error::Error for ParseError {}

impl std::str::FromStr for Command {
    type Err = ParseError;

    fn from_str(line: &str) -> Result<Self, ParseError> {
        let mut words = Words(line.split_whitespace().peekable());
        let fault = match words.next() {
            "counts" => return words.end().map(|()| Self::Counts),
            "pass" => Fault::Pass,
            "refuse" => Fault::Refuse,
            "black-hole" => Fault::BlackHole,
            "reset" => Fault::Reset,
            "latency" => Fault::Latency(words.milliseconds()?),
            "slow" => Fault::Slow {
                bytes_per_s: words.number()?,
            },
            "cut" => Fault::Cut {
                bytes: words.number()?,
            },
            other => return Err(unexpected("a fault", other)),
        };
        let websockets_only = words.take("websockets");
        let reach = if words.take("existing") {
            Reach::Existing
        } else if words.take("new") {
            Reach::New
        } else {
            Reach::All
        };
        let hold = words.take("for").then(|| words.hold()).transpose()?;
        words.end()?;
        let order = Order {
            fault,
            reach,
            websockets_only,
        };
        Ok(Self::Set(order, hold))
    }
}

struct Words<'a>(std::iter::Peekable<std::str::SplitWhitespace<'a>>);

impl<'a> Words<'a> {
    fn next(&mut self) -> &'a str {
        self.0.next().unwrap_or_default()
    }

    fn take(&mut self, word: &str) -> bool {
        self.0.next_if_eq(&word).is_some()
    }

    fn number(&mut self) -> Result<u64, ParseError> {
        let word = self.next();
        word.parse().map_err(|_| unexpected("a number", word))
    }

    fn milliseconds(&mut self) -> Result<Duration, ParseError> {
        self.number().map(Duration::from_millis)
    }

    fn hold(&mut self) -> Result<Hold, ParseError> {
        let lasts = self.milliseconds()?;
        let (every, times) = if self.take("every") {
            let every = self.milliseconds()?;
            let word = self.next();
            let times = word.parse().map_err(|_| unexpected("a number", word))?;
            (every, times)
        } else {
            (lasts, 1)
        };
        if every < lasts {
            return Err(unexpected(
                "a period no shorter than the fault",
                "a shorter one",
            ));
        }
        Ok(Hold {
            lasts,
            every,
            times,
        })
    }

    fn end(&mut self) -> Result<(), ParseError> {
        match self.0.next() {
            None => Ok(()),
            Some(word) => Err(unexpected("the end of the line", word)),
        }
    }
}

fn unexpected(what: &'static str, found: &str) -> ParseError {
    ParseError {
        what,
        found: found.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(line: &str) -> Order {
        match line.parse() {
            Ok(Command::Set(order, None)) => order,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn every_fault_and_every_reach_has_its_words() {
        for (line, fault) in [
            ("pass", Fault::Pass),
            ("refuse", Fault::Refuse),
            ("black-hole", Fault::BlackHole),
            ("reset", Fault::Reset),
            ("latency 250", Fault::Latency(Duration::from_millis(250))),
            ("slow 4000", Fault::Slow { bytes_per_s: 4000 }),
            ("cut 7", Fault::Cut { bytes: 7 }),
        ] {
            assert_eq!(order(line).fault, fault);
            assert_eq!(order(line).reach, Reach::All);
            assert!(!order(line).websockets_only);
        }
        assert_eq!(order("reset existing").reach, Reach::Existing);
        assert_eq!(order(" cut  3 websockets new ").reach, Reach::New);
        assert!(order("cut 3 websockets new").websockets_only);
        assert_eq!("counts".parse(), Ok(Command::Counts));
    }

    #[test]
    fn an_order_can_end_by_itself_and_come_again() {
        let hold = |line: &str| match line.parse() {
            Ok(Command::Set(_, hold)) => hold,
            other => panic!("{line}: {other:?}"),
        };
        let ms = Duration::from_millis;
        let once = Hold {
            lasts: ms(500),
            every: ms(500),
            times: 1,
        };
        assert_eq!(hold("refuse for 500"), Some(once));
        let often = Hold {
            lasts: ms(1000),
            every: ms(3000),
            times: 20,
        };
        assert_eq!(hold("reset websockets for 1000 every 3000 20"), Some(often));
    }

    #[test]
    fn an_error_names_the_word_that_is_wrong() {
        for (line, word) in [
            ("", "\"\""),
            ("explode", "explode"),
            ("latency", "\"\""),
            ("slow fast", "fast"),
            ("pass now", "now"),
            ("refuse new existing", "existing"),
            ("refuse for ever", "ever"),
            ("refuse for 3000 every 1000 2", "shorter"),
            ("counts please", "please"),
        ] {
            let error = line.parse::<Command>().expect_err(line).to_string();
            assert!(error.contains(word), "{line}: {error}");
        }
    }
}
