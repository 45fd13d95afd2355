//! `/v1/joins`: how a laptop asks to be let in, and how one of the account's answers.
//!
//! **Invariant:** no answer tells whether an account exists: one that does not is one that nobody answers.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use seshat_protocol::{
    AskToJoin, Blob, JoinAsked, JoinGrant, JoinId, JoinOffer, JoinProgress, JoinReveal, OpenJoins,
    limits,
};

use super::accounts::folded;
use super::extract::{By, Sent, SentBy, Token};
use super::reply::Failure;
use super::sign_in::account_of;
use super::signed::Device;
use super::{Desk, Shared};
use crate::meta::{Asking, JoinParty, JoinRefusal, JoinStep};
use crate::token;

/// The asking that a path names.
type Named = Result<Path<JoinId>, PathRejection>;

/// What a step of joining is answered with when it was taken.
type Done = Result<Json<serde_json::Value>, Failure>;

/// Begins.
pub(super) async fn ask(
    State(shared): Desk,
    Sent(sent): Sent<AskToJoin>,
) -> Result<(StatusCode, Json<JoinAsked>), Failure> {
    let (account, _) = account_of(&shared, folded(&sent.email)?).await?;
    let token = token::make()?;
    let mut join = [0; 16];
    getrandom::fill(&mut join)?;
    let (join, token_hash) = (JoinId(join), token::hash(&token));
    let asking = Asking { join, token_hash, account, commitment: sent.commitment };
    let asked = shared.store.joins().ask(asking, (shared.clock)());
    asked.await?.map_err(refused)?;
    // Its laptops have somebody to answer.
    shared.notify.touched(account);
    Ok((StatusCode::CREATED, Json(JoinAsked { join, token: token::text(&token) })))
}

/// How far it has come.
pub(super) async fn progress(
    State(shared): Desk,
    named: Named,
    By(Token(token_hash)): By<Token>,
) -> Result<Json<JoinProgress>, Failure> {
    let progress = shared.store.joins().progress(join(named)?, token_hash, (shared.clock)());
    progress.await?.map(Json).map_err(refused)
}

/// Who asked reveals what it committed to.
pub(super) async fn reveal(
    State(shared): Desk,
    named: Named,
    SentBy { by: Token(token_hash), value: sent, .. }: SentBy<Token, JoinReveal>,
) -> Done {
    let reveal = JoinStep::Reveal(checked(sent.reveal)?);
    take(&shared, named, JoinParty::Asker(token_hash), reveal).await
}

/// Who asks to join the account.
pub(super) async fn open(
    State(shared): Desk,
    By(by): By<Device>,
) -> Result<Json<OpenJoins>, Failure> {
    let joins = shared.store.joins().open(by.account, (shared.clock)()).await?;
    Ok(Json(OpenJoins { joins }))
}

/// A device answers.
pub(super) async fn offer(
    State(shared): Desk,
    named: Named,
    SentBy { by, value: sent, .. }: SentBy<Device, JoinOffer>,
) -> Done {
    let offer = JoinStep::Offer(checked(sent.offer)?);
    take(&shared, named, JoinParty::Account(by.account), offer).await
}

/// A device lets it in.
pub(super) async fn grant(
    State(shared): Desk,
    named: Named,
    SentBy { by, value: sent, .. }: SentBy<Device, JoinGrant>,
) -> Done {
    let grant = JoinStep::Grant(checked(sent.grant)?);
    take(&shared, named, JoinParty::Account(by.account), grant).await
}

/// The author says no.
pub(super) async fn deny(State(shared): Desk, named: Named, By(by): By<Device>) -> Done {
    take(&shared, named, JoinParty::Account(by.account), JoinStep::Deny).await
}

fn join(named: Named) -> Result<JoinId, Failure> {
    named.map(|Path(join)| join).map_err(|_| Failure::no_such_join())
}

fn checked(blob: Blob) -> Result<Blob, Failure> {
    if blob.0.len() > limits::JOIN_BYTES { Err(Failure::too_large()) } else { Ok(blob) }
}

async fn take(shared: &Shared, named: Named, by: JoinParty, step: JoinStep) -> Done {
    let of_the_asker = matches!(by, JoinParty::Asker(_));
    let taken = shared.store.joins().step(join(named)?, by, step, (shared.clock)());
    let account = taken.await?.map_err(refused)?;
    if of_the_asker {
        // The account's laptops have to look again.
        shared.notify.touched(account);
    }
    Ok(Json(serde_json::json!({})))
}

fn refused(refusal: JoinRefusal) -> Failure {
    match refusal {
        JoinRefusal::Unknown => Failure::no_such_join(),
        JoinRefusal::OutOfTurn => Failure::out_of_turn(),
        JoinRefusal::TooMany => Failure::too_many(),
    }
}
