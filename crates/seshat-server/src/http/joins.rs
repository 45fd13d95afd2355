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

use super::Desk;
use super::accounts::folded;
use super::extract::{By, Sent, SentBy, Token};
use super::reply::Failure;
use super::sign_in::account_of;
use super::signed::Device;
use crate::joins::{Asking, Refusal};
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
    shared.joins.ask(asking, (shared.clock)()).map_err(refused)?;
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
    let progress = shared.joins.progress(join(named)?, &token_hash, (shared.clock)());
    progress.map(Json).map_err(refused)
}

/// Who asked reveals what it committed to.
pub(super) async fn reveal(
    State(shared): Desk,
    named: Named,
    SentBy { by: Token(token_hash), value: sent, .. }: SentBy<Token, JoinReveal>,
) -> Done {
    let reveal = checked(sent.reveal)?;
    done(shared.joins.reveal(join(named)?, &token_hash, reveal, (shared.clock)()))
}

/// Who asks to join the account.
pub(super) async fn open(
    State(shared): Desk,
    By(by): By<Device>,
) -> Result<Json<OpenJoins>, Failure> {
    Ok(Json(OpenJoins { joins: shared.joins.open(by.account, (shared.clock)()) }))
}

/// A device answers.
pub(super) async fn offer(
    State(shared): Desk,
    named: Named,
    SentBy { by, value: sent, .. }: SentBy<Device, JoinOffer>,
) -> Done {
    let offer = checked(sent.offer)?;
    done(shared.joins.offer(join(named)?, by.account, offer, (shared.clock)()))
}

/// A device lets it in.
pub(super) async fn grant(
    State(shared): Desk,
    named: Named,
    SentBy { by, value: sent, .. }: SentBy<Device, JoinGrant>,
) -> Done {
    let grant = checked(sent.grant)?;
    done(shared.joins.grant(join(named)?, by.account, grant, (shared.clock)()))
}

/// The author says no.
pub(super) async fn deny(State(shared): Desk, named: Named, By(by): By<Device>) -> Done {
    done(shared.joins.deny(join(named)?, by.account, (shared.clock)()))
}

fn join(named: Named) -> Result<JoinId, Failure> {
    named.map(|Path(join)| join).map_err(|_| Failure::no_such_join())
}

fn checked(blob: Blob) -> Result<Blob, Failure> {
    if blob.0.len() > limits::JOIN_BYTES { Err(Failure::too_large()) } else { Ok(blob) }
}

fn done(taken: Result<(), Refusal>) -> Done {
    taken.map(|()| Json(serde_json::json!({}))).map_err(refused)
}

fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Unknown => Failure::no_such_join(),
        Refusal::OutOfTurn => Failure::out_of_turn(),
        Refusal::TooMany => Failure::too_many(),
    }
}
