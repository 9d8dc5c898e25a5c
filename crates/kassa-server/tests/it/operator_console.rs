//! Operators use the console over HTTP: they sign in, find page sessions, and make the changes that their role allows.

mod accounts_are_administered;
mod desk;
mod forged_tokens_are_refused;
mod openid_provider;
mod openid_sign_in_fails;
mod operator_signs_in;
mod operator_signs_in_with_openid;
mod overview_counts;
mod profiles_are_kept;
mod roles_decide;
mod sessions_are_found;
