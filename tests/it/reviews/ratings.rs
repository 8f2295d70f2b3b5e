//! Stars that many give at once, and lists by them.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{buy, mill, review, stars, write};
use crate::{costs::count, harness::TestApp};

#[actix_web::test]
async fn fifty_rate_at_once_and_none_is_lost() {
    let app = TestApp::start().await;
    let (_, _, goods) = mill(&app).await;
    let mut buyers = Vec::new();
    for number in 0..50 {
        let buyer = app.sign_up(&format!("Buyer{number}")).await;
        buy(&buyer, &goods).await;
        buyers.push(buyer);
    }
    // Each twice at the same moment.
    let writing =
        (1..).zip(&buyers).flat_map(|(number, buyer)| [(); 2].map(|()| write(buyer, &goods, number % 5 + 1, "Fine")));
    let outcomes = join_all(writing).await;
    let (done, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|answer| answer.refusals().is_empty());
    assert_eq!((done.len(), refused.len()), (50, 50));
    assert!(refused.iter().all(|answer| answer.refusal().0 == "ALREADY_DONE"));
    let even = json!([3.0, 50, "5:10 4:10 3:10 2:10 1:10"]);
    assert_eq!(stars(&app, &goods).await, json!({"product": even, "shop": even}));

    // Half of them change their minds, and half of the others take it back, all at once.
    let acts = (0..).zip(done).map(|(number, answer)| {
        let (review, buyers) = (answer.ok()["review"].clone(), &buyers);
        async move {
            let author = buyers.iter().find(|buyer| {
                review["author"]["displayName"].as_str().unwrap().to_lowercase()
                    == buyer.email.split('@').next().unwrap()
            });
            let author = author.unwrap();
            if number % 2 == 0 {
                let input = json!({"reviewId": review["id"], "expectedVersion": 1, "rating": 5});
                author.mutate("updateReview", input, "review { id }").await.ok();
            } else {
                author.mutate("deleteReview", json!({"reviewId": review["id"]}), "deletedReviewId").await.ok();
            }
        }
    });
    join_all(acts).await;
    let all = json!([5.0, 25, "5:25 4:0 3:0 2:0 1:0"]);
    assert_eq!(stars(&app, &goods).await, json!({"product": all, "shop": all}));
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM reviews WHERE rating = 5"), 25);
}

#[actix_web::test]
async fn products_are_listed_and_counted_by_what_people_think_of_them() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let buyers = [app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Carl").await];
    for (title, ratings) in
        [("Good", [5, 5, 4].as_slice()), ("Fair", &[4, 3]), ("Bad", &[1]), ("New", &[]), ("Best", &[5, 5, 5])]
    {
        let goods = seller.sell(&shop, title, "1.00", 10).await;
        for (buyer, rating) in buyers.iter().zip(ratings) {
            review(buyer, &goods, *rating, "").await;
        }
        app.advance(chrono::TimeDelta::seconds(1));
    }
    let guest = app.guest();
    let titles = async |arguments: &str| {
        let document = format!(
            "{{ products({arguments}) {{ totalCount nodes {{ title rating {{ average }} }} pageInfo {{ endCursor hasNextPage }} }} }}"
        );
        let products = guest.query(&document).await.ok()["products"].clone();
        let titles: Vec<_> =
            products["nodes"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect();
        (titles.join(" "), products)
    };
    assert_eq!(titles("sort: RATING").await.0, "Best Good Fair Bad New");
    let (first, page) = titles("sort: RATING, first: 2").await;
    assert_eq!((&*first, &page["nodes"][1]["rating"]["average"]), ("Best Good", &json!(4.7)));
    let after = &page["pageInfo"]["endCursor"];
    assert_eq!(titles(&format!("sort: RATING, first: 2, after: {after}")).await.0, "Fair Bad");
    assert_eq!(titles("sort: RATING, last: 2").await.0, "Bad New");
    let other = format!("{{ products(sort: NEWEST, after: {after}) {{ nodes {{ id }} }} }}");
    assert_eq!(guest.query(&other).await.code(), "BAD_USER_INPUT");

    let (found, page) = titles("sort: RATING, filter: {minimumRating: 4}").await;
    assert_eq!((&*found, &page["totalCount"]), ("Best Good", &json!(2)));
    assert_eq!(titles("sort: RATING, filter: {minimumRating: 3, query: \"fair\"}").await.0, "Fair");
    assert_eq!(titles("sort: NEWEST, filter: {minimumRating: 1}").await.0, "Best Bad Fair Good");
    for wrong in [0, 6] {
        let document = format!("{{ products(filter: {{minimumRating: {wrong}}}) {{ nodes {{ id }} }} }}");
        assert_eq!(guest.query(&document).await.code(), "BAD_USER_INPUT");
    }
    // What is chosen does not hide what else could be.
    for filter in ["{}", "{minimumRating: 4}"] {
        let document = format!("{{ productFacets(filter: {filter}) {{ ratings {{ minimum count }} }} }}");
        let facets = guest.query(&document).await.ok()["productFacets"]["ratings"].clone();
        let facets: Vec<_> = facets
            .as_array()
            .unwrap()
            .iter()
            .map(|one: &Value| format!("{}:{}", one["minimum"], one["count"]))
            .collect();
        assert_eq!(facets.join(" "), "4:2 3:3 2:3 1:4");
    }
    // A list with its stars costs no statement more.
    let answer =
        guest.query("{ products(sort: RATING) { nodes { title rating { count histogram { count } } } } }").await;
    assert_eq!(answer.statements, Some(1), "{answer:?}");
}
