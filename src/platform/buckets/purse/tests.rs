use super::*;

/// 1,000 points of a millisecond each; a lease is 100 of them.
const SIZE: BucketSize = BucketSize { limit: 1_000, restore_per_second: 1_000 };
const POINT: i64 = 1_000;

/// What the statement does, on a bucket that is shared.
fn settle(full_at: &mut i64, purse: &mut Purse, now: i64) {
    let ask = purse.ask(now);
    let taken = (*full_at).max(now).saturating_add(ask.taken()).max(now);
    let lent = (now + SIZE.fills_in() - taken).clamp(0, ask.wanted);
    *full_at = taken + lent;
    purse.answered(ask, lent, *full_at - now, now);
}

/// How many requests of ten points pass until one is refused.
fn spend_all(full_at: &mut i64, purse: &mut Purse, now: i64) -> usize {
    let mut passed = 0;
    loop {
        match purse.spend(10 * POINT, now) {
            Ok(()) => passed += 1,
            Err(Short::Ask) => {
                purse.wait(10 * POINT);
                settle(full_at, purse, now);
                purse.stop_waiting(10 * POINT);
            }
            Err(Short::Refused(_)) => return passed,
        }
    }
}

#[test]
fn one_process_spends_the_whole_bucket_and_each_other_one_its_first_lease() {
    let (mut full_at, now) = (0, 1_000_000_000);
    let mut purses = [(); 3].map(|()| Purse::new(SIZE));
    let passed = purses.each_mut().map(|purse| spend_all(&mut full_at, purse, now));
    assert_eq!(passed, [100, 10, 10]);
    // What was lent too much is a debt: nobody gets anything until it is back.
    for (later, expected) in [(209, [0, 0, 0]), (210, [1, 0, 0]), (229, [0, 1, 0]), (240, [0, 1, 1])] {
        let now = now + later * POINT;
        // What was told must not be too fresh for the refused to ask again.
        let passed = purses.each_mut().map(|purse| {
            purse.told_at = None;
            spend_all(&mut full_at, purse, now)
        });
        assert_eq!(passed.iter().sum::<usize>(), expected.iter().sum::<usize>(), "after {later} ms: {passed:?}");
    }
}

#[test]
fn what_is_not_used_comes_back() {
    let (mut full_at, now) = (0, 1_000_000_000);
    let mut purse = Purse::new(SIZE);
    assert_eq!(purse.spend(900 * POINT, now), Err(Short::Ask));
    purse.wait(900 * POINT);
    settle(&mut full_at, &mut purse, now);
    assert!(!purse.wants_settlement(), "what somebody waits for is no surplus");
    settle(&mut full_at, &mut purse, now);
    assert_eq!(purse.spend(900 * POINT, now), Ok(()));
    purse.stop_waiting(900 * POINT);
    purse.refund(890 * POINT);
    assert_eq!(purse.remaining(now), 990 * POINT);
    settle(&mut full_at, &mut purse, now);
    assert_eq!(full_at - now, 110 * POINT, "ten are spent, and a lease is out");
    purse.close();
    settle(&mut full_at, &mut purse, now);
    assert_eq!(full_at - now, 10 * POINT);
    assert_eq!(purse.remaining(now), 990 * POINT);
}

#[test]
fn a_refusal_says_when_to_come_back() {
    let (mut full_at, now) = (0, 1_000_000_000);
    let mut purse = Purse::new(SIZE);
    assert_eq!(spend_all(&mut full_at, &mut purse, now), 100);
    assert_eq!(purse.spend(70 * POINT, now), Err(Short::Refused(70 * POINT)));
    assert_eq!(purse.spend(70 * POINT, now + 69 * POINT), Err(Short::Refused(POINT)));
    assert_eq!(purse.spend(70 * POINT, now + 70 * POINT), Err(Short::Ask));
}

#[test]
fn alone_a_process_has_a_bucket_of_its_own_that_fills_up_as_fast() {
    let now = 1_000_000_000;
    let mut purse = Purse::new(SIZE);
    let spend_all = |purse: &mut Purse, now| {
        let mut passed = 0;
        loop {
            match purse.spend(10 * POINT, now) {
                Ok(()) => passed += 1,
                Err(Short::Ask) => {
                    purse.wait(10 * POINT);
                    purse.lend_alone(now);
                    purse.stop_waiting(10 * POINT);
                }
                Err(Short::Refused(_)) => return passed,
            }
        }
    };
    assert_eq!(spend_all(&mut purse, now), 100);
    assert_eq!(spend_all(&mut purse, now + 50 * POINT), 5);
    // An hour later the bucket is full again, and what was spent before the hour is forgiven.
    let later = now + 3_600_000 * POINT;
    assert_eq!(spend_all(&mut purse, later), 100);
    // Once the database is back it hears of what is still lacking.
    assert_eq!(purse.ask(later).taken(), 1_000 * POINT);
    assert_eq!(purse.ask(later + 400 * POINT).taken(), 600 * POINT);
}

#[test]
fn what_cannot_be_refused_is_spent_on_credit() {
    let (mut full_at, now) = (0, 1_000_000_000);
    let mut purse = Purse::new(SIZE);
    purse.debit(1_200 * POINT);
    assert_eq!(purse.remaining(now), -200 * POINT);
    settle(&mut full_at, &mut purse, now);
    assert_eq!(purse.spend(POINT, now), Err(Short::Refused(201 * POINT)));
    assert_eq!(purse.recovers_in(now), Duration::from_millis(300));
    purse.close();
    settle(&mut full_at, &mut purse, now);
    assert_eq!(full_at - now, 1_200 * POINT, "the debt stays where all processes see it");
}
