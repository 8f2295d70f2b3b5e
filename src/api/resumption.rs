//! A subscription that goes on by itself when an event could not be read in an overload: from the last cursor, after a pause,
//! as its client would. The clients of a busy process would come back all at once.

use std::{sync::Arc, time::Duration};

use async_graphql::Request;
use futures_util::{StreamExt, stream::BoxStream};

use super::{
    Api, ResumeAfter, Told,
    documents::Document,
    errors::code_of,
    events::{Happened, Opened, Source},
};
use crate::{
    kernel::error::{ErrorCode, Failure},
    platform::{caller::Caller, events::Interrupted, telemetry::Operation},
};

/// How often an event is tried again until its subscription ends.
const RESUMPTIONS: u32 = 3;
/// What the first pause is at least, and half of what it is at the most; each later one is twice as long.
const PAUSE: Duration = Duration::from_millis(250);

impl Api {
    /// The answers of a subscription, as the schema gives them. What fails before the first event is not tried again.
    pub(super) fn answers(
        &self,
        caller: Caller,
        request: Request,
        document: Arc<Document>,
        operation: Arc<Operation>,
        mut resume_after: Option<ResumeAfter>,
    ) -> BoxStream<'static, Told> {
        let api = self.clone();
        let Request { variables, operation_name, .. } = request;
        async_stream::stream! {
            let (mut source, mut happened): (Option<Source>, Option<Happened>) = (None, None);
            let (mut has_begun, mut resumed) = (false, 0);
            'executed: loop {
                let cursor = happened.as_ref().and_then(Happened::cursor);
                let is_within = has_begun || cursor.is_some();
                let opened = Opened::default();
                let mut answers = {
                    let mut request = Request::new("").variables(variables.clone());
                    request.operation_name.clone_from(&operation_name);
                    request.set_parsed_query(document.parsed.clone());
                    request = match (happened.take(), resume_after.clone()) {
                        (Some(happened), _) => request.data(happened),
                        (None, Some(resume_after)) => request.data(opened.clone()).data(resume_after),
                        (None, None) => request.data(opened.clone()),
                    };
                    api.run_stream(request, &document, &caller, Arc::clone(&operation))
                };
                while let Some(response) = answers.next().await {
                    if is_within && code_of(&response) == Some(ErrorCode::Unavailable.as_str()) {
                        if resumed == RESUMPTIONS {
                            yield Told::Next { response: api.refused(&caller, Failure::Unavailable), cursor: None };
                            return;
                        }
                        tokio::time::sleep(api.pause(resumed)).await;
                        resumed += 1;
                        source = None;
                        continue 'executed;
                    }
                    (has_begun, resumed) = (true, 0);
                    resume_after = cursor.map(|cursor| ResumeAfter(cursor.to_string())).or(resume_after);
                    yield Told::Next { response, cursor };
                }
                // Nothing of it is held while nothing happens.
                drop(answers);
                source = source.or_else(|| opened.take());
                let Some(live) = &mut source else { return };
                happened = match live.next().await {
                    Some(Ok(delivery)) => Some(Happened(Ok(delivery))),
                    Some(Err(Interrupted::Failed(failure))) => Some(Happened(Err(failure.into()))),
                    Some(Err(Interrupted::Lagged(_))) => {
                        yield Told::Lagged;
                        return;
                    }
                    None => return,
                };
            }
        }
        .boxed()
    }

    /// Not the same for all, who would come at once again.
    fn pause(&self, resumed: u32) -> Duration {
        let [chance] = self.app().generator.bytes::<1>();
        PAUSE * 2_u32.saturating_pow(resumed) * (256 + u32::from(chance)) / 256
    }
}
