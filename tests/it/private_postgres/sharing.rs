//! Several processes on one state folder.

use std::thread;

use agora::platform::private_postgres::{PrivatePostgres, Role};

use super::{Place, ask, ask_patiently, execute, holder, holder::Holder, is_gone, postmaster, within};

#[test]
fn the_second_attaches_and_lets_go_without_a_trace() {
    let place = Place::new();
    let owner = place.start();
    let pid = postmaster(&place.state());
    let second = place.start();
    assert_eq!((owner.role(), second.role()), (Role::Owner, Role::Attached));
    assert_eq!(owner.url("agora"), second.url("agora"));
    second.stop().unwrap();
    assert_eq!(postmaster(&place.state()), pid);
    assert_eq!(ask(&owner.url("agora"), "1::text"), "1");
}

#[test]
fn the_attached_one_takes_over_when_the_owner_stops() {
    let place = Place::new();
    let owner = place.start();
    let second = place.start();
    let url = second.url("agora");
    execute(&url, "CREATE TABLE kept AS SELECT 1");
    owner.stop().unwrap();
    assert_eq!(ask_patiently(&url, "count(*)::text FROM kept"), "1");
    within(20, || (second.role() == Role::Owner).then_some(())).unwrap();
}

#[test]
fn the_attached_one_takes_over_when_the_owner_is_killed() {
    let place = Place::new();
    let mut owner = Holder::spawn(&mut holder::hold(&place.state()));
    let url = owner.url();
    execute(&url, "CREATE TABLE kept AS SELECT 1");
    let second = place.start();
    assert_eq!(second.role(), Role::Attached);
    let pid = postmaster(&place.state()).unwrap();
    owner.kill();
    within(20, || (second.role() == Role::Owner).then_some(())).unwrap();
    assert!(is_gone(pid));
    assert_eq!(second.url("agora"), url);
    assert_eq!(ask(&url, "count(*)::text FROM kept"), "1");
}

#[test]
fn of_many_first_starts_at_once_one_makes_the_cluster() {
    let place = Place::new();
    let options = place.options();
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let options = options.clone();
            thread::spawn(move || PrivatePostgres::start(&options).unwrap())
        })
        .collect();
    let all: Vec<PrivatePostgres> = starts.into_iter().map(|start| start.join().unwrap()).collect();
    let owners = all.iter().filter(|postgres| postgres.role() == Role::Owner).count();
    assert_eq!(owners, 1);
    for postgres in &all {
        assert_eq!(ask(&postgres.url("agora"), "1::text"), "1");
    }
}
